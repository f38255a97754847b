//! Comparing two schemas node by node, references followed.

mod members;
mod parts;
mod values;

use std::collections::{BTreeSet, HashSet};

use jsonschema::uri;
use referencing::Resolver;
use serde_json::{Map, Value};

use super::{Difference, Found, Marked, Place, constraint::WHOLE};
use crate::{
    pointer::Pointer,
    schema::{ANNOTATIONS, Dialect, OPEN, ROOT, Schema, is_open, registry},
};

/// Differences listed at most; a list that long is read by nobody.
const MOST: usize = 2_000;
/// Schemas followed one inside the other.
const DEEPEST: usize = 200;

pub(super) fn compare(old: &Schema, new: &Schema) -> Vec<Found> {
    let mut comparison =
        Comparison { found: Vec::new(), seen: HashSet::new(), depth: 0, is_cut: false };
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
    is_cut: bool,
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
            self.found.push(Found { difference, place: place.clone(), widens: None });
        } else {
            self.cut();
        }
    }

    /// Says, once, that not all differences are listed: whoever judges must not take the list for all there is.
    fn cut(&mut self) {
        if !std::mem::replace(&mut self.is_cut, true) {
            let difference = Difference {
                kind: "differences_cut".to_owned(),
                at: Pointer::root(),
                addition: false,
                old: None,
                new: None,
                why: format!(
                    "more than {MOST} differences, or deeper than {DEEPEST}: not all are listed"
                ),
            };
            self.found.push(Found { difference, place: Place::default(), widens: None });
        }
    }

    fn schemas(&mut self, old: &Side<'_>, new: &Side<'_>, at: &Pointer, place: &Place) {
        let (old, new) = (old.followed(), new.followed());
        let pair = (std::ptr::from_ref(old.value) as usize, std::ptr::from_ref(new.value) as usize);
        if self.depth >= DEEPEST {
            return self.cut();
        }
        if !self.seen.insert(pair) {
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
            let before = self.found.len();
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
                "then" | "else" | "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    self.conditional(keyword, old, new, pair, &here, place);
                }
                "default" => self.whole("default", keyword, pair, &here, place),
                OPEN => self.whole("open_enum", keyword, pair, &here, place),
                keyword if WHOLE.contains(&keyword) => {
                    self.constraint(keyword, old, new, pair, &here, place);
                }
                _ => {
                    if pair.0 != pair.1 {
                        let why = format!(
                            "`{keyword}` changed; it says nothing about which events are valid"
                        );
                        self.note("annotation_changed", here.clone(), place, pair.0, pair.1, why);
                    }
                }
            }
            if matches!(keyword.as_str(), "enum" | "const" | "oneOf") {
                let both = is_open(old_members) && is_open(new_members);
                let marked = if both { Marked::Open } else { Marked::Not };
                for found in self.found.iter_mut().skip(before) {
                    found.widens =
                        grown(&found.difference, &here).then_some(marked).or(found.widens);
                }
            }
        }
    }
}

/// Whether the list at `list` itself has something more.
fn grown(difference: &Difference, list: &Pointer) -> bool {
    match difference.kind.as_str() {
        "enum_value_added" => difference.at == *list,
        "branch_added" => difference.at.split_last().is_some_and(|(parent, _)| parent == *list),
        _ => false,
    }
}

fn strings(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
