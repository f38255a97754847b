//! Comparing two schemas node by node, references followed.

use std::collections::{BTreeSet, HashSet};

use jsonschema::uri;
use referencing::Resolver;
use serde_json::{Map, Value};

use super::{
    Difference, Found, Place,
    constraint::{WHOLE, moved},
    place::Step,
};
use crate::{
    pointer::Pointer,
    schema::{ANNOTATIONS, Dialect, ROOT, Schema, registry},
};

/// Differences listed at most; a list that long is read by nobody.
const MOST: usize = 2_000;
/// Schemas followed one inside the other.
const DEEPEST: usize = 200;

pub(super) fn compare(old: &Schema, new: &Schema) -> Vec<Found> {
    let mut comparison = Comparison { found: Vec::new(), seen: HashSet::new(), depth: 0 };
    if old.dialect() != new.dialect() {
        let why =
            format!("the dialect changed from {} to {}", old.dialect().uri(), new.dialect().uri());
        let (before, after) = (Value::from(old.dialect().uri()), Value::from(new.dialect().uri()));
        let at = Pointer::root().child("$schema");
        comparison.note("dialect_changed", at, &Place::default(), Some(&before), Some(&after), why);
    }
    let known =
        registry(old.references(), Some(old)).ok().zip(registry(new.references(), Some(new)).ok());
    if let (Some((old_registry, new_registry)), Ok(base)) = (&known, uri::from_str(ROOT))
        && let (Ok(old_root), Ok(new_root)) =
            (old_registry.resolver(base.clone()).lookup(""), new_registry.resolver(base).lookup(""))
    {
        let old = Side {
            value: old_root.contents(),
            resolver: old_root.resolver().clone(),
            dialect: old.dialect(),
        };
        let new = Side {
            value: new_root.contents(),
            resolver: new_root.resolver().clone(),
            dialect: new.dialect(),
        };
        comparison.schemas(&old, &new, &Pointer::root(), &Place::default());
    }
    comparison.found
}

/// One side's schema at the place being compared.
#[derive(Clone)]
struct Side<'r> {
    value: &'r Value,
    resolver: Resolver<'r>,
    dialect: Dialect,
}

impl<'r> Side<'r> {
    fn at(&self, value: &'r Value) -> Side<'r> {
        Side { value, ..self.clone() }
    }

    /// The schema a lone `$ref` leads to, as far as it leads.
    fn followed(&self) -> Side<'r> {
        let mut side = self.clone();
        for _ in 0..32 {
            let Value::Object(members) = side.value else { break };
            let Some(Value::String(reference)) = members.get("$ref") else { break };
            let alone = side.dialect.ref_hides_siblings()
                || members.keys().all(|key| {
                    key == "$ref"
                        || key == "$defs"
                        || key == "definitions"
                        || key == "$schema"
                        || ANNOTATIONS.contains(&key.as_str())
                });
            if !alone {
                break;
            }
            match side.resolver.lookup(reference) {
                Ok(found) => {
                    let (value, resolver, _) = found.into_inner();
                    side = Side { value, resolver, dialect: side.dialect };
                }
                Err(_) => break,
            }
        }
        side
    }
}

struct Comparison {
    found: Vec<Found>,
    seen: HashSet<(usize, usize)>,
    depth: usize,
}

impl Comparison {
    fn note(
        &mut self,
        kind: &str,
        at: Pointer,
        place: &Place,
        old: Option<&Value>,
        new: Option<&Value>,
        why: String,
    ) {
        if self.found.len() < MOST {
            let addition = matches!(kind, "property_added" | "annotation_changed");
            let difference = Difference {
                kind: kind.to_owned(),
                at,
                addition,
                old: old.cloned(),
                new: new.cloned(),
                why,
            };
            self.found.push(Found { difference, place: place.clone() });
        }
    }

    fn schemas(&mut self, old: &Side<'_>, new: &Side<'_>, at: &Pointer, place: &Place) {
        let (old, new) = (old.followed(), new.followed());
        let pair = (std::ptr::from_ref(old.value) as usize, std::ptr::from_ref(new.value) as usize);
        if self.depth >= DEEPEST || !self.seen.insert(pair) {
            return;
        }
        self.depth += 1;
        match (old.value, new.value) {
            (Value::Object(old_members), Value::Object(new_members)) => {
                self.objects(&old, &new, old_members, new_members, at, place);
            }
            (before, after) if before == after => {}
            (before, after) => {
                let why = "the whole schema here changed".to_owned();
                self.note("schema_changed", at.clone(), place, Some(before), Some(after), why);
            }
        }
        self.depth -= 1;
    }

    fn objects<'o, 'n>(
        &mut self,
        old: &Side<'o>,
        new: &Side<'n>,
        old_members: &'o Map<String, Value>,
        new_members: &'n Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        let keywords: BTreeSet<&String> = old_members.keys().chain(new_members.keys()).collect();
        for keyword in keywords {
            let here = at.child(keyword);
            let pair = (old_members.get(keyword), new_members.get(keyword));
            match keyword.as_str() {
                "$schema" | "$defs" | "definitions" | "id" | "$id" | "$anchor" => {}
                "properties" => self.properties(old, new, pair, new_members, at, place),
                "patternProperties" => self.patterns(old, new, pair, &here, place),
                "required" => self.required(pair, old_members, new_members, &here, place),
                "type" => self.types(pair, &here, place),
                "enum" | "const" => {
                    self.values(keyword, pair, old_members, new_members, &here, place);
                }
                "additionalProperties" | "unevaluatedProperties" => {
                    self.rest(keyword, old, new, pair, &here, place);
                }
                "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" => {
                    self.items(keyword, old, new, pair, &here, place);
                }
                "allOf" | "anyOf" | "oneOf" => self.branches(keyword, old, new, pair, &here, place),
                "then" | "else" | "$ref" => self.conditional(keyword, old, new, pair, &here, place),
                "default" => self.whole("default", keyword, pair, &here, place),
                "x-open-enum" => self.whole("open_enum", keyword, pair, &here, place),
                keyword if WHOLE.contains(&keyword) => {
                    self.constraint(keyword, old, new, pair, &here, place);
                }
                _ => {
                    if pair.0 != pair.1 {
                        let why = format!(
                            "`{keyword}` changed; it says nothing about which events are valid"
                        );
                        self.note("annotation_changed", here, place, pair.0, pair.1, why);
                    }
                }
            }
        }
    }

    fn properties<'o, 'n>(
        &mut self,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        let empty = Map::new();
        let (before, after) = (members(pair.0), members(pair.1));
        let required = strings(new_members.get("required"));
        let names: BTreeSet<&String> =
            before.unwrap_or(&empty).keys().chain(after.unwrap_or(&empty).keys()).collect();
        for name in names {
            let here = at.child("properties").child(name);
            match (before.and_then(|all| all.get(name)), after.and_then(|all| all.get(name))) {
                (Some(before), Some(after)) => {
                    self.schemas(
                        &old.at(before),
                        &new.at(after),
                        &here,
                        &place.then(Step::Member(name.clone())),
                    );
                }
                (Some(before), None) => {
                    let why = format!("the property `{name}` was removed");
                    self.note("property_removed", here, place, Some(before), None, why);
                }
                (None, Some(after)) if required.contains(name.as_str()) => {
                    let why = format!(
                        "the new property `{name}` is required, and older events do not have it"
                    );
                    self.note("required_property_added", here, place, None, Some(after), why);
                }
                (None, Some(after)) => {
                    let why = format!("the optional property `{name}` was added");
                    self.note("property_added", here, place, None, Some(after), why);
                }
                (None, None) => {}
            }
        }
    }

    fn patterns<'o, 'n>(
        &mut self,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let empty = Map::new();
        let (before, after) = (members(pair.0), members(pair.1));
        let patterns: BTreeSet<&String> =
            before.unwrap_or(&empty).keys().chain(after.unwrap_or(&empty).keys()).collect();
        for pattern in patterns {
            let here = at.child(pattern);
            match (before.and_then(|all| all.get(pattern)), after.and_then(|all| all.get(pattern)))
            {
                (Some(before), Some(after)) => {
                    self.schemas(&old.at(before), &new.at(after), &here, &place.then(Step::Some));
                }
                (before, after) => {
                    let (kind, verb) = if before.is_some() {
                        ("pattern_removed", "removed")
                    } else {
                        ("pattern_added", "added")
                    };
                    let why = format!("the rule for properties matching `{pattern}` was {verb}");
                    self.note(kind, here, place, before, after, why);
                }
            }
        }
    }

    fn required(
        &mut self,
        pair: (Option<&Value>, Option<&Value>),
        old_members: &Map<String, Value>,
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        let (before, after) = (strings(pair.0), strings(pair.1));
        let has = |all: &Map<String, Value>, name: &str| {
            members(all.get("properties")).is_some_and(|all| all.contains_key(name))
        };
        for name in after.difference(&before) {
            // Told as `required_property_added` where the property is new as well.
            if !has(new_members, name) || has(old_members, name) {
                let why = format!("`{name}` became required, and older events may lack it");
                self.note(
                    "required_added",
                    at.clone(),
                    place,
                    None,
                    Some(&Value::from(*name)),
                    why,
                );
            }
        }
        for name in before.difference(&after) {
            let why = format!("`{name}` is no longer required, and older readers expect it");
            self.note("required_removed", at.clone(), place, Some(&Value::from(*name)), None, why);
        }
    }

    fn types(&mut self, pair: (Option<&Value>, Option<&Value>), at: &Pointer, place: &Place) {
        let set = |value: Option<&Value>| -> Option<BTreeSet<String>> {
            value.map(|value| match value {
                Value::String(word) => BTreeSet::from([word.clone()]),
                other => strings(Some(other)).into_iter().map(str::to_owned).collect(),
            })
        };
        let (before, after) = (set(pair.0), set(pair.1));
        let wider = |narrow: &BTreeSet<String>, wide: &BTreeSet<String>| {
            narrow
                .iter()
                .all(|word| wide.contains(word) || word == "integer" && wide.contains("number"))
        };
        let (kind, what) = match (&before, &after) {
            (before, after) if before == after => return,
            (Some(_), None) => ("type_widened", "any type is allowed now".to_owned()),
            (None, Some(after)) => {
                ("type_narrowed", format!("only {} is allowed now", listed(after)))
            }
            (Some(before), Some(after)) if wider(before, after) => (
                "type_widened",
                format!("the type was widened from {} to {}", listed(before), listed(after)),
            ),
            (Some(before), Some(after)) if wider(after, before) => (
                "type_narrowed",
                format!("the type was narrowed from {} to {}", listed(before), listed(after)),
            ),
            (Some(before), Some(after)) => (
                "type_changed",
                format!("the type changed from {} to {}", listed(before), listed(after)),
            ),
            (None, None) => return,
        };
        self.note(kind, at.clone(), place, pair.0, pair.1, what);
    }

    fn values(
        &mut self,
        keyword: &str,
        pair: (Option<&Value>, Option<&Value>),
        old_members: &Map<String, Value>,
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        // `const` and `enum` say the same; whichever is there is compared once.
        let listed = |all: &Map<String, Value>| match (all.get("enum"), all.get("const")) {
            (Some(Value::Array(values)), None) => Some(values.clone()),
            (None, Some(value)) => Some(vec![value.clone()]),
            _ => None,
        };
        let both = (listed(old_members), listed(new_members));
        let told = new_members.contains_key("enum") || old_members.contains_key("enum");
        if keyword == "const" && told {
            return;
        }
        let (Some(before), Some(after)) = both else {
            return self.whole("constraint", keyword, pair, at, place);
        };
        let texts =
            |values: &[Value]| -> HashSet<String> { values.iter().map(Value::to_string).collect() };
        let (known, kept) = (texts(&before), texts(&after));
        for value in after.iter().filter(|value| !known.contains(&value.to_string())) {
            let why = format!("the value {value} was added");
            self.note("enum_value_added", at.clone(), place, None, Some(value), why);
        }
        for value in before.iter().filter(|value| !kept.contains(&value.to_string())) {
            let why = format!("the value {value} was removed");
            self.note("enum_value_removed", at.clone(), place, Some(value), None, why);
        }
    }

    fn rest<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let closed = |value: Option<&Value>| value == Some(&Value::Bool(false));
        match pair {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.schemas(&old.at(before), &new.at(after), at, &place.then(Step::Some));
            }
            (before, after) if before == after => {}
            (None | Some(Value::Bool(true)), None | Some(Value::Bool(true))) => {}
            (before, after) => {
                let (kind, why) = match (closed(before), closed(after)) {
                    (true, _) => {
                        ("content_opened", "undeclared properties are allowed now".to_owned())
                    }
                    (_, true) => {
                        ("content_closed", "undeclared properties are forbidden now".to_owned())
                    }
                    _ => ("rest_changed", format!("`{keyword}` changed")),
                };
                self.note(kind, at.clone(), place, before, after, why);
            }
        }
    }

    fn items<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(Value::Array(before)), Some(Value::Array(after))) => {
                for index in 0..before.len().max(after.len()) {
                    let here = at.child(index.to_string());
                    match (before.get(index), after.get(index)) {
                        (Some(before), Some(after)) => {
                            let step = Step::Item(index as u64);
                            self.schemas(&old.at(before), &new.at(after), &here, &place.then(step));
                        }
                        (before, after) => {
                            let (kind, verb) = if after.is_some() {
                                ("prefix_item_added", "added")
                            } else {
                                ("prefix_item_removed", "removed")
                            };
                            let why = format!("the rule for item {index} was {verb}");
                            self.note(kind, here, place, before, after, why);
                        }
                    }
                }
            }
            (
                Some(before @ (Value::Object(_) | Value::Bool(_))),
                Some(after @ (Value::Object(_) | Value::Bool(_))),
            ) => {
                self.schemas(&old.at(before), &new.at(after), at, &place.then(Step::Item(0)));
            }
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }

    fn branches<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let (Some(Value::Array(before)), Some(Value::Array(after))) = pair else {
            return self.whole("constraint", keyword, pair, at, place);
        };
        let left = |own: &'_ [Value], other: &[Value]| -> Vec<usize> {
            (0..own.len()).filter(|index| !other.contains(&own[*index])).collect()
        };
        // Branches that stayed are the same text; of the others, those at one index are one branch that changed.
        let (gone, come) = (left(before, after), left(after, before));
        for index in gone.iter().filter(|index| !come.contains(index)) {
            let why = format!("a branch of `{keyword}` was removed");
            self.note(
                "branch_removed",
                at.child(index.to_string()),
                place,
                before.get(*index),
                None,
                why,
            );
        }
        for index in come {
            let here = at.child(index.to_string());
            if gone.contains(&index) {
                self.schemas(&old.at(&before[index]), &new.at(&after[index]), &here, place);
            } else {
                let why = format!("a branch of `{keyword}` was added");
                self.note("branch_added", here, place, None, after.get(index), why);
            }
        }
        // The same text may still refer to something that changed.
        for (index, branch) in after.iter().enumerate() {
            if let Some(same) = before.iter().find(|other| *other == branch) {
                self.schemas(&old.at(same), &new.at(branch), &at.child(index.to_string()), place);
            }
        }
    }

    fn conditional<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(Value::String(before)), Some(Value::String(after))) if keyword == "$ref" => {
                let found = old.resolver.lookup(before).ok().zip(new.resolver.lookup(after).ok());
                if let Some((before, after)) = found {
                    let (before, after) = (before.into_inner(), after.into_inner());
                    let old = Side { value: before.0, resolver: before.1, dialect: old.dialect };
                    let new = Side { value: after.0, resolver: after.1, dialect: new.dialect };
                    self.schemas(&old, &new, at, place);
                }
            }
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.schemas(&old.at(before), &new.at(after), at, place);
            }
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }

    fn constraint<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_)))
                if before == after =>
            {
                // The same text may still refer to something that changed.
                let step = if matches!(keyword, "contains") {
                    place.then(Step::Some)
                } else {
                    place.clone()
                };
                self.schemas(&old.at(before), &new.at(after), at, &step);
            }
            (Some(before), Some(after)) if before != after => {
                let moved = moved(keyword, before, after);
                let why = format!("`{keyword}` changed from {} to {}", short(before), short(after));
                self.note(moved.kind(), at.clone(), place, Some(before), Some(after), why);
            }
            (Some(_), Some(_)) => {}
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }

    /// A keyword that is there or not, without looking inside.
    fn whole(
        &mut self,
        what: &str,
        keyword: &str,
        pair: (Option<&Value>, Option<&Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let (verb, why) = match pair {
            (None, Some(new)) => ("added", format!("`{keyword}` was added: {}", short(new))),
            (Some(old), None) => {
                ("removed", format!("`{keyword}` was removed; it was {}", short(old)))
            }
            (Some(old), Some(new)) if old != new => {
                ("changed", format!("`{keyword}` changed from {} to {}", short(old), short(new)))
            }
            _ => return,
        };
        self.note(&format!("{what}_{verb}"), at.clone(), place, pair.0, pair.1, why);
    }
}

fn members(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn strings(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn listed(words: &BTreeSet<String>) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
}

/// A value in a sentence.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
