//! One node of a schema in flow, seen as an object, a list or a leaf; local references and `allOf` are followed.

use serde_json::{Map, Value};

use super::{Object, Stop, Wrong};
use crate::{
    containment::ContentModel,
    pointer::Pointer,
    schema::{Dialect, Schema},
};

/// How many references and `allOf` branches are followed for one node.
const MAX_HOPS: u32 = 64;

/// Keywords beside which a node's names cannot be told from `properties` and `required` alone.
const BRANCHING: [&str; 16] = [
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "patternProperties",
    "$dynamicRef",
    "$recursiveRef",
    "$ref",
    "enum",
    "const",
];

/// Keywords that change what a reference in the node means.
const ANCHORING: [&str; 5] = ["$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"];

/// What stays the same while a schema flows: the definitions it refers to, its dialect, the content model.
pub(in crate::lens) struct Ground {
    document: Value,
    dialect: Dialect,
    model: ContentModel,
    stays_true: bool,
}

impl Ground {
    pub(in crate::lens) fn of(schema: &Schema, model: ContentModel) -> Self {
        let document = schema.value().clone();
        let id = ["$id", "id"].iter().find_map(|keyword| document.get(keyword)?.as_str());
        let external = |text: &str| schema.references().contains_key(text);
        let stays_true = id.is_none_or(|id| !id.contains('#'))
            && references(&document).iter().all(|text| {
                text.starts_with("#/$defs/") || text.starts_with("#/definitions/") || external(text)
            });
        Ground { document, dialect: schema.dialect(), model, stays_true }
    }

    /// Whether references still mean the same once properties have moved.
    pub(super) fn stays_true(&self) -> bool {
        self.stays_true
    }

    /// A node that says everything itself, references and `allOf` followed; nothing where that cannot be said.
    pub(in crate::lens) fn flat(&self, node: &Value) -> Option<Map<String, Value>> {
        let mut node = node.clone();
        self.flatten(&mut node).ok()?;
        match node {
            Value::Object(members) => Some(members),
            Value::Bool(true) => Some(Map::new()),
            _ => None,
        }
    }

    /// Follows references and `allOf` in place, until the node says everything itself.
    fn flatten(&self, node: &mut Value) -> Result<(), Stop> {
        let mut hops = MAX_HOPS;
        self.follow(node, &mut hops)
    }

    fn follow(&self, node: &mut Value, hops: &mut u32) -> Result<(), Stop> {
        loop {
            let Value::Object(members) = node else { return Ok(()) };
            *hops = hops.checked_sub(1).ok_or(Stop::Beyond)?;
            if let Some(Value::String(reference)) = members.get("$ref") {
                let target = reference.strip_prefix('#').ok_or(Stop::Beyond)?;
                let at: Pointer = target.parse().map_err(|_| Stop::Beyond)?;
                let target = at.find(&self.document).cloned().ok_or(Stop::Beyond)?;
                members.remove("$ref");
                if self.dialect.ref_hides_siblings() {
                    *node = target;
                } else {
                    merge(members, target)?;
                }
            } else if let Some(Value::Array(branches)) = members.remove("allOf") {
                for mut branch in branches {
                    self.follow(&mut branch, hops)?;
                    merge(members, branch)?;
                }
            } else {
                return Ok(());
            }
        }
    }

    /// The node as the schema of an object whose names are known.
    pub(super) fn object<'n>(
        &self,
        node: &'n mut Value,
        here: &Pointer,
    ) -> Result<Object<'n>, Stop> {
        self.flatten(node)?;
        let Value::Object(members) = node else { return Err(Stop::Beyond) };
        let types = types_of(members);
        if let Some(types) = &types
            && !types.iter().any(|kind| kind == "object")
        {
            let list = types.iter().any(|kind| kind == "array");
            return Err(Stop::Wrong(Wrong::new(
                here,
                format!("`{here}` is {}, not an object", types.join(" or ")),
                if list { "use `each` for the items of a list" } else { "check the pointer" },
            )));
        }
        let nested_anchor = !here.tokens().is_empty()
            && ANCHORING.iter().any(|keyword| members.contains_key(*keyword));
        if nested_anchor || BRANCHING.iter().any(|keyword| members.contains_key(*keyword)) {
            return Err(Stop::Beyond);
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            let names_everything =
                members.get(keyword).is_some_and(|rest| !rest.is_boolean() && !is_empty(rest));
            if names_everything {
                return Err(Stop::Beyond);
            }
        }
        // What counts or constrains names speaks of the event before the operation.
        for keyword in ["minProperties", "maxProperties", "propertyNames"] {
            members.remove(keyword);
        }
        let exactly = types.is_some_and(|types| types.iter().all(|kind| kind == "object"));
        Ok(Object::of(members, exactly, self.model))
    }

    /// The schema of a list's items, and whether the node takes nothing but lists.
    pub(super) fn items<'n>(
        &self,
        node: &'n mut Value,
        here: &Pointer,
    ) -> Result<(&'n mut Value, bool), Stop> {
        self.flatten(node)?;
        let Value::Object(members) = node else { return Err(Stop::Beyond) };
        let types = types_of(members);
        if let Some(types) = &types
            && !types.iter().any(|kind| kind == "array")
        {
            let message = format!("`{here}` is {}, not a list", types.join(" or "));
            let advice = "use `in` for an object, or the operation itself for a single value";
            return Err(Stop::Wrong(Wrong::new(here, message, advice)));
        }
        let beyond = ["prefixItems", "contains", "unevaluatedItems"];
        if BRANCHING.iter().chain(&beyond).any(|keyword| members.contains_key(*keyword)) {
            return Err(Stop::Beyond);
        }
        members.remove("uniqueItems");
        let always = types.is_some_and(|types| types.iter().all(|kind| kind == "array"));
        match members.get_mut("items") {
            Some(items @ Value::Object(_)) => Ok((items, always)),
            _ => Err(Stop::Beyond),
        }
    }

    /// The node as the schema of single values.
    pub(in crate::lens) fn leaf(&self, node: &mut Value) -> Leaf {
        match (self.flatten(node), node) {
            (Ok(()), Value::Object(members)) => Leaf(members.clone()),
            _ => Leaf(Map::new()),
        }
    }
}

/// Every text of a `$ref` in the document.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(text)) => {
                    vec![text.as_str()]
                }
                (_, value) => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Both at once: what `allOf` means, where one node can say it.
fn merge(members: &mut Map<String, Value>, other: Value) -> Result<(), Stop> {
    let other = match other {
        Value::Bool(true) => return Ok(()),
        Value::Object(other) => other,
        _ => return Err(Stop::Beyond),
    };
    let closes = |members: &Map<String, Value>| {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|keyword| members.get(*keyword).is_some_and(|rest| !is_open(rest)))
    };
    let names = |members: &Map<String, Value>| members.contains_key("properties");
    if closes(members) && names(&other) || closes(&other) && names(members) {
        return Err(Stop::Beyond);
    }
    for (keyword, theirs) in other {
        match (keyword.as_str(), members.get_mut(&keyword)) {
            (_, None) => {
                members.insert(keyword, theirs);
            }
            (_, Some(ours)) if *ours == theirs => {}
            ("properties", Some(Value::Object(ours))) => {
                let Value::Object(theirs) = theirs else { return Err(Stop::Beyond) };
                for (name, schema) in theirs {
                    match ours.get_mut(&name) {
                        None => {
                            ours.insert(name, schema);
                        }
                        Some(same) if *same == schema => {}
                        Some(both) => {
                            *both = serde_json::json!({"allOf": [both.take(), schema]});
                        }
                    }
                }
            }
            ("required", Some(Value::Array(ours))) => {
                let Value::Array(theirs) = theirs else { return Err(Stop::Beyond) };
                for name in theirs {
                    if !ours.contains(&name) {
                        ours.push(name);
                    }
                }
            }
            (
                "$defs" | "definitions" | "title" | "description" | "$comment" | "examples"
                | "default" | "deprecated" | "readOnly" | "writeOnly" | "example",
                _,
            ) => {}
            _ => return Err(Stop::Beyond),
        }
    }
    Ok(())
}

fn is_open(schema: &Value) -> bool {
    *schema == Value::Bool(true) || is_empty(schema)
}

fn is_empty(schema: &Value) -> bool {
    schema.as_object().is_some_and(Map::is_empty)
}

/// The types a node allows; `None` where it does not say.
pub(in crate::lens) fn types_of(members: &Map<String, Value>) -> Option<Vec<String>> {
    match members.get("type")? {
        Value::String(kind) => Some(vec![kind.clone()]),
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The type of one value, as `type` names it.
pub(super) fn type_of(value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    kind.to_owned()
}

/// A node as the schema of single values.
pub(in crate::lens) struct Leaf(Map<String, Value>);

impl Leaf {
    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The values it takes, if it lists them.
    pub(in crate::lens) fn values(&self) -> Option<Vec<Value>> {
        let types = types_of(&self.0);
        let values = match (self.0.get("enum"), self.0.get("const")) {
            (_, Some(constant)) => vec![constant.clone()],
            (Some(Value::Array(values)), None) => values.clone(),
            _ if types.as_ref().is_some_and(|types| types.iter().all(|kind| kind == "boolean")) => {
                vec![Value::Bool(false), Value::Bool(true)]
            }
            _ => return None,
        };
        let allowed = |value: &Value| {
            types.as_ref().is_none_or(|types| {
                let kind = type_of(value);
                types
                    .iter()
                    .any(|allowed| *allowed == kind || allowed == "integer" && kind == "number")
            })
        };
        Some(values.into_iter().filter(allowed).collect())
    }
}
