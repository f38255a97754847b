//! `unevaluatedProperties` and `unevaluatedItems`, where what is evaluated does not depend on the event.

use referencing::Resolver;
use serde_json::Value;

use super::{Place, Reader};
use crate::{
    containment::Reason,
    schema::{
        Dialect,
        normal::{Form, Pattern},
    },
};

/// What a schema evaluates whenever it holds.
#[derive(Default)]
struct Evaluated {
    names: Vec<String>,
    patterns: Vec<Pattern>,
    all_members: bool,
    prefix: u64,
    all_items: bool,
}

impl Evaluated {
    fn is_nothing(&self) -> bool {
        self.names.is_empty()
            && self.patterns.is_empty()
            && !self.all_members
            && self.prefix == 0
            && !self.all_items
    }

    fn add(&mut self, other: Evaluated) {
        self.names.extend(other.names);
        self.patterns.extend(other.patterns);
        self.all_members |= other.all_members;
        self.prefix = self.prefix.max(other.prefix);
        self.all_items |= other.all_items;
    }
}

/// References followed before giving up.
const FOLLOWED: usize = 32;

impl<'r> Reader<'r> {
    pub(super) fn unevaluated(&mut self, place: &mut Place<'_, 'r>) {
        if place.dialect < Dialect::Draft201909 {
            return;
        }
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            let Some(rest) = place.members.get(keyword) else { continue };
            let evaluated = evaluated(place.members, place.resolver, place.dialect, FOLLOWED, true);
            match evaluated {
                Some(evaluated) if keyword == "unevaluatedProperties" => {
                    if !evaluated.all_members {
                        self.others(place, keyword, rest, evaluated.names, evaluated.patterns);
                    }
                }
                Some(evaluated) => {
                    if !evaluated.all_items {
                        let at = format!("{}/{keyword}", place.at);
                        let (node, shape) = self.below(place, rest, &at);
                        place.shape.items.push((evaluated.prefix, shape));
                        place.parts.push(self.node(Form::ItemsFrom(evaluated.prefix, node), &at));
                    }
                }
                None => {
                    let at = format!("{}/{keyword}", place.at);
                    let (_, shape) = self.below(place, rest, &at);
                    if keyword == "unevaluatedProperties" {
                        place.shape.every_name |= rest.is_object();
                        place.shape.others.push(shape);
                    } else {
                        place.shape.items.push((0, shape));
                    }
                    place.parts.push(self.node(Form::Opaque(Reason::UnevaluatedDynamic), &at));
                }
            }
        }
    }
}

/// What the members evaluate whenever they hold; `None` where it depends on the event, or cannot be followed.
/// `own` leaves out the `unevaluated*` of the object itself, which see all but themselves.
fn evaluated(
    members: &serde_json::Map<String, Value>,
    resolver: &Resolver<'_>,
    dialect: Dialect,
    left: usize,
    own: bool,
) -> Option<Evaluated> {
    let left = left.checked_sub(1)?;
    let mut found = Evaluated::default();
    if members.contains_key("$dynamicRef") || members.contains_key("$recursiveRef") {
        return None;
    }
    if let Some(Value::Object(properties)) = members.get("properties") {
        found.names.extend(properties.keys().cloned());
    }
    if let Some(Value::Object(properties)) = members.get("patternProperties") {
        found.patterns.extend(properties.keys().map(|text| Pattern::new(text)));
    }
    found.all_members |= members.contains_key("additionalProperties")
        || !own && members.contains_key("unevaluatedProperties");
    found.all_items |= !own && members.contains_key("unevaluatedItems");
    items(members, dialect, &mut found)?;
    if let Some(Value::String(reference)) = members.get("$ref") {
        let (contents, resolver, _) = resolver.lookup(reference).ok()?.into_inner();
        found.add(inner(contents, &resolver, dialect, left)?);
    }
    if let Some(Value::Array(branches)) = members.get("allOf") {
        for branch in branches {
            found.add(inner(branch, resolver, dialect, left)?);
        }
    }
    let conditional = ["anyOf", "oneOf"]
        .into_iter()
        .filter_map(|keyword| members.get(keyword)?.as_array())
        .flatten();
    let conditional = conditional
        .chain(["if", "then", "else"].into_iter().filter_map(|keyword| members.get(keyword)))
        .chain(["dependentSchemas", "dependencies"].into_iter().flat_map(|keyword| {
            members.get(keyword).and_then(Value::as_object).into_iter().flat_map(|map| map.values())
        }));
    for branch in conditional {
        if !inner(branch, resolver, dialect, left)?.is_nothing() {
            return None;
        }
    }
    Some(found)
}

fn items(
    members: &serde_json::Map<String, Value>,
    dialect: Dialect,
    found: &mut Evaluated,
) -> Option<()> {
    // The items that `contains` finds count as evaluated from 2020-12 on, and validators differ before.
    if members.contains_key("contains") {
        return None;
    }
    let length = |value: &Value| value.as_array().map_or(0, |items| items.len() as u64);
    match members.get("items") {
        _ if dialect == Dialect::Draft202012 => {
            found.prefix = members.get("prefixItems").map_or(0, length);
            found.all_items |= members.contains_key("items");
        }
        Some(prefix @ Value::Array(_)) => {
            found.prefix = length(prefix);
            found.all_items |= members.contains_key("additionalItems");
        }
        Some(_) => found.all_items = true,
        None => {}
    }
    Some(())
}

fn inner(
    value: &Value,
    resolver: &Resolver<'_>,
    dialect: Dialect,
    left: usize,
) -> Option<Evaluated> {
    match value {
        Value::Object(members) => {
            // An inner `$id` moves the base; that is rare enough to be left undecided.
            if members.contains_key("$id") {
                return None;
            }
            evaluated(members, resolver, dialect, left, false)
        }
        _ => Some(Evaluated::default()),
    }
}
