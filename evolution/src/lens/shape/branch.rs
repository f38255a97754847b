//! Branches of a schema taken one at a time: every event of the whole is an event of at least one of them.
//!
//! What is not taken is not forgotten: its names are still declared (spec verdicts, section 2), so each alternative
//! carries the *skeleton* of the others, which mentions every name and refuses nothing.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::{
    Stop,
    merge::merge,
    node::{Ground, MAX_HOPS, is_empty},
};
use crate::pointer::Pointer;

/// Keywords that say different things of different events.
const BRANCHING: [&str; 9] = [
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "not",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
];

/// How deep a skeleton goes.
const DEEPEST: usize = 12;

/// How many nodes are looked at for the skeletons of one node.
const VISITS: u32 = 2_000;

/// Whether a node says different things of different events.
pub(super) fn branches(members: &Map<String, Value>) -> bool {
    BRANCHING.iter().any(|keyword| members.contains_key(*keyword))
}

impl Ground {
    /// The alternatives of a flat node, one keyword taken apart; each says everything itself as far as that keyword goes.
    pub(super) fn alternatives(&self, members: &Map<String, Value>) -> Result<Vec<Value>, Stop> {
        let mut rest = members.clone();
        let mut take = |keyword: &str| rest.remove(keyword);
        let nothing = || Value::Object(Map::new());
        let visits = Cell::new(VISITS);
        let (taken, aside): (Vec<Vec<Value>>, Vec<Value>) = if let Some(Value::Array(listed)) =
            take("anyOf").or_else(|| take("oneOf"))
        {
            let others =
                |index: usize| listed.iter().enumerate().filter(move |(other, _)| *other != index);
            let mut alternatives = Vec::new();
            for (index, branch) in listed.iter().enumerate() {
                let mut parts = vec![branch.clone()];
                for (_, other) in others(index) {
                    parts.push(self.skeleton(other, &visits).ok_or(Stop::Beyond)?);
                }
                alternatives.push(parts);
            }
            (alternatives, Vec::new())
        } else if let Some(condition) = take("if") {
            let then = take("then").unwrap_or_else(nothing);
            let otherwise = take("else").unwrap_or_else(nothing);
            let named = [&condition, &then, &otherwise];
            let named: Option<Vec<Value>> =
                named.into_iter().map(|node| self.skeleton(node, &visits)).collect();
            (vec![vec![condition, then], vec![otherwise]], named.ok_or(Stop::Beyond)?)
        } else {
            // What these forbid is left out: more events are taken, and all their names stay declared.
            let mut named = Vec::new();
            for keyword in BRANCHING {
                if let Some(value) = take(keyword) {
                    let alone = json!({ keyword: value });
                    named.push(self.skeleton(&alone, &visits).ok_or(Stop::Beyond)?);
                }
            }
            (vec![Vec::new()], named)
        };
        let mut alternatives = Vec::new();
        for parts in taken {
            if parts.contains(&Value::Bool(false)) {
                continue;
            }
            let mut node = rest.clone();
            for mut part in parts.into_iter().chain(aside.iter().cloned()) {
                let mut hops = MAX_HOPS;
                self.follow(&mut part, &mut hops)?;
                merge(&mut node, part)?;
            }
            alternatives.push(Value::Object(node));
        }
        Ok(alternatives)
    }

    /// A schema that mentions every name this one does, at the same places, and refuses nothing.
    fn skeleton(&self, node: &Value, visits: &Cell<u32>) -> Option<Value> {
        let mut named = Map::new();
        Mentioning { ground: self, visits }.node(node, DEEPEST, &mut named)?;
        Some(Value::Object(named))
    }
}

/// Writes down the names of nodes, as long as there are not too many.
#[derive(Clone, Copy)]
struct Mentioning<'g> {
    ground: &'g Ground,
    visits: &'g Cell<u32>,
}

impl Mentioning<'_> {
    /// Adds the names of a node to a skeleton.
    fn node(self, node: &Value, depth: usize, skeleton: &mut Map<String, Value>) -> Option<()> {
        let Value::Object(members) = node else { return Some(()) };
        let depth = depth.checked_sub(1)?;
        self.visits.set(self.visits.get().checked_sub(1)?);
        if let Some(reference) = members.get("$ref") {
            let at: Pointer = reference.as_str()?.strip_prefix('#')?.parse().ok()?;
            self.node(at.find(self.ground.document())?, depth, skeleton)?;
        }
        for (keyword, value) in members {
            match (keyword.as_str(), value) {
                ("properties" | "patternProperties", Value::Object(all)) => {
                    for (name, node) in all {
                        self.name(keyword, name, node, depth, skeleton)?;
                    }
                }
                ("required", names) => self.names(names, depth, skeleton)?,
                ("dependentRequired", Value::Object(all)) => {
                    for (name, names) in all {
                        self.name("properties", name, &Value::Bool(true), depth, skeleton)?;
                        self.names(names, depth, skeleton)?;
                    }
                }
                ("dependentSchemas" | "dependencies", Value::Object(all)) => {
                    for (name, what) in all {
                        self.name("properties", name, &Value::Bool(true), depth, skeleton)?;
                        if what.is_array() {
                            self.names(what, depth, skeleton)?;
                        } else {
                            self.node(what, depth, skeleton)?;
                        }
                    }
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => {
                    for node in all {
                        self.node(node, depth, skeleton)?;
                    }
                }
                ("not" | "if" | "then" | "else", node) => self.node(node, depth, skeleton)?,
                ("items", items @ Value::Object(_)) => {
                    let mut inner = Map::new();
                    if let Some(Value::Object(known)) = skeleton.remove("items") {
                        inner = known;
                    }
                    self.node(items, depth, &mut inner)?;
                    skeleton.insert("items".to_owned(), Value::Object(inner));
                }
                ("additionalProperties" | "unevaluatedProperties", rest)
                    if rest.is_object() && !is_empty(rest) =>
                {
                    return None;
                }
                (
                    "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" | "contains"
                    | "$dynamicRef" | "$recursiveRef",
                    _,
                ) => return None,
                _ => {}
            }
        }
        Some(())
    }

    fn names(self, names: &Value, depth: usize, skeleton: &mut Map<String, Value>) -> Option<()> {
        for name in names.as_array()? {
            self.name("properties", name.as_str()?, &Value::Bool(true), depth, skeleton)?;
        }
        Some(())
    }

    fn name(
        self,
        keyword: &str,
        name: &str,
        node: &Value,
        depth: usize,
        skeleton: &mut Map<String, Value>,
    ) -> Option<()> {
        let all = skeleton.entry(keyword).or_insert_with(|| json!({})).as_object_mut()?;
        let inner = all.entry(name).or_insert_with(|| json!({})).as_object_mut()?;
        self.node(node, depth, inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{containment::ContentModel, schema::Schema};

    fn ground(document: &Value) -> Ground {
        let schema = Schema::read(&document.to_string()).parse().unwrap();
        Ground::of(&schema, ContentModel::Event)
    }

    #[test]
    fn every_alternative_mentions_the_names_of_the_others() {
        let document = json!({
            "type": "object",
            "anyOf": [
                {"properties": {"kind": {"const": "a"}, "x": {"properties": {"deep": {"minimum": 1}}}}},
                {"$ref": "#/$defs/b"}
            ],
            "$defs": {"b": {"required": ["y"], "properties": {"kind": {"const": "b"}}}}
        });

        let found = ground(&document).alternatives(document.as_object().unwrap()).unwrap();

        assert_eq!(found.len(), 2);
        assert_eq!(found[0]["properties"]["y"], json!({}));
        assert_eq!(found[1]["properties"]["x"], json!({"properties": {"deep": {}}}));
        assert_eq!(found[1]["required"], json!(["y"]));
    }

    #[test]
    fn where_names_cannot_be_kept_nothing_is_taken_apart() {
        for branch in [
            json!({"additionalProperties": {"type": "string"}}),
            json!({"prefixItems": [{"required": ["a"]}]}),
            json!({"$ref": "#/$defs/a"}),
        ] {
            let document = json!({"anyOf": [{"required": ["a"]}, branch]});
            let members = document.as_object().unwrap();
            let recursive = json!({"$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/a"}}}}, "not": {"$ref": "#/$defs/a"}});
            let ground = ground(&recursive);
            assert!(ground.alternatives(members).is_err(), "{document}");
        }
    }
}
