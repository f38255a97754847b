//! `unevaluatedProperties` and `unevaluatedItems`: what is evaluated depends on which branches hold, case by case.

use referencing::Resolver;
use serde_json::{Map, Value};

use super::{Place, Reader, dialect_of, object::says_something};
use crate::{
    containment::Reason,
    pointer::escape,
    schema::{
        Dialect,
        normal::{Form, NodeId, Pattern},
    },
};

/// What a schema evaluates whenever it holds.
#[derive(Default, Clone)]
struct Evaluated {
    names: Vec<String>,
    patterns: Vec<Pattern>,
    all_members: bool,
    prefix: u64,
    all_items: bool,
    /// Items that are any of these are evaluated, wherever they stand.
    contained: Vec<NodeId>,
    /// Which items are evaluated is not known.
    items_unknown: bool,
}

impl Evaluated {
    fn is_nothing(&self) -> bool {
        self.names.is_empty()
            && self.patterns.is_empty()
            && self.contained.is_empty()
            && !self.all_members
            && self.prefix == 0
            && !self.all_items
            && !self.items_unknown
    }

    fn add(&mut self, other: Evaluated) {
        self.names.extend(other.names);
        self.patterns.extend(other.patterns);
        self.contained.extend(other.contained);
        self.all_members |= other.all_members;
        self.prefix = self.prefix.max(other.prefix);
        self.all_items |= other.all_items;
        self.items_unknown |= other.items_unknown;
    }
}

/// One way an event can meet the branches, and what is evaluated then.
#[derive(Default, Clone)]
struct Case {
    /// Nodes that hold in it, or fail.
    guards: Vec<(NodeId, bool)>,
    evaluated: Evaluated,
}

impl Case {
    fn when(node: NodeId, holds: bool) -> Case {
        Case { guards: vec![(node, holds)], evaluated: Evaluated::default() }
    }

    fn and(&self, other: &Case) -> Case {
        let mut both = self.clone();
        both.guards.extend(&other.guards);
        both.evaluated.add(other.evaluated.clone());
        both
    }
}

/// References followed one inside the other before giving up.
const FOLLOWED: usize = 32;
/// Schema objects looked at for one keyword before giving up.
const LOOKED_AT: usize = 2_000;
/// The most cases told apart.
const CASES: usize = 32;

/// Every case of the one with every case of the other; `None` where those are too many.
fn product(cases: &[Case], others: &[Case]) -> Option<Vec<Case>> {
    if cases.len() * others.len() > CASES {
        return None;
    }
    Some(cases.iter().flat_map(|case| others.iter().map(|other| case.and(other))).collect())
}

fn evaluate_nothing(cases: &[Case]) -> bool {
    cases.iter().all(|case| case.evaluated.is_nothing())
}

/// A schema object being looked at: where it stands, and what is left to spend.
struct Look<'l, 'r> {
    members: &'r Map<String, Value>,
    at: &'l str,
    resolver: &'l Resolver<'r>,
    dialect: Dialect,
    depth: usize,
}

impl<'r> Reader<'r> {
    pub(super) fn unevaluated(&mut self, place: &mut Place<'_, 'r>) {
        if place.dialect < Dialect::Draft201909 {
            return;
        }
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            let Some(rest) = place.members.get(keyword) else { continue };
            let at = format!("{}/{keyword}", place.at);
            let of_members = keyword == "unevaluatedProperties";
            let look = Look {
                members: place.members,
                at: place.at,
                resolver: place.resolver,
                dialect: place.dialect,
                depth: FOLLOWED,
            };
            let mut left = LOOKED_AT;
            let cases = self.cases(&look, true, &mut left);
            let cases = cases.filter(|cases| {
                of_members || !cases.iter().any(|case| case.evaluated.items_unknown)
            });
            let (node, shape) = self.below(place, rest, &at);
            let everything = |case: &Case| {
                if of_members { case.evaluated.all_members } else { case.evaluated.all_items }
            };
            let applies = cases.as_ref().is_none_or(|cases| !cases.iter().all(everything));
            if applies && of_members {
                place.shape.every_name |= says_something(rest);
                place.shape.others.push(shape);
            } else if applies {
                let prefix = |case: &Case| case.evaluated.prefix;
                let from = cases.as_ref().and_then(|cases| cases.iter().map(prefix).min());
                place.shape.items.push((from.unwrap_or(0), shape));
            }
            let Some(cases) = cases else {
                place.parts.push(self.node(Form::Opaque(Reason::UnevaluatedDynamic), &at));
                continue;
            };
            let alternatives = cases
                .into_iter()
                .map(|case| {
                    let rest = if of_members {
                        self.other_members(case.evaluated, node, &at)
                    } else {
                        self.other_items(case.evaluated, node, &at)
                    };
                    self.guarded(&case.guards, rest, &at)
                })
                .collect::<Vec<_>>();
            let part = match alternatives[..] {
                [only] => only,
                _ => self.node(Form::Any(alternatives), &at),
            };
            place.parts.push(part);
        }
    }

    /// The guards, and `rest`.
    fn guarded(&mut self, guards: &[(NodeId, bool)], rest: NodeId, at: &str) -> NodeId {
        if guards.is_empty() {
            return rest;
        }
        let mut parts: Vec<NodeId> = guards
            .iter()
            .map(|(node, holds)| if *holds { *node } else { self.node(Form::Not(*node), at) })
            .collect();
        parts.push(rest);
        self.node(Form::All(parts), at)
    }

    fn other_members(&mut self, evaluated: Evaluated, node: NodeId, at: &str) -> NodeId {
        let form = if evaluated.all_members {
            Form::All(Vec::new())
        } else {
            Form::Others { names: evaluated.names, patterns: evaluated.patterns, node }
        };
        self.node(form, at)
    }

    fn other_items(&mut self, evaluated: Evaluated, node: NodeId, at: &str) -> NodeId {
        if evaluated.all_items {
            return self.node(Form::All(Vec::new()), at);
        }
        let item = if evaluated.contained.is_empty() {
            node
        } else {
            let mut any = evaluated.contained;
            any.push(node);
            self.node(Form::Any(any), at)
        };
        self.node(Form::ItemsFrom(evaluated.prefix, item), at)
    }

    /// What a schema object evaluates whenever it holds, case by case; `None` where it cannot be followed.
    /// `own` leaves out the `unevaluated*` of the object itself, which see all but themselves.
    fn cases(&mut self, look: &Look<'_, 'r>, own: bool, left: &mut usize) -> Option<Vec<Case>> {
        *left = left.checked_sub(1)?;
        let members = look.members;
        let mut evaluated = Evaluated::default();
        if let Some(Value::Object(properties)) = members.get("properties") {
            evaluated.names.extend(properties.keys().cloned());
        }
        if let Some(Value::Object(properties)) = members.get("patternProperties") {
            evaluated.patterns.extend(properties.keys().map(|text| Pattern::new(text)));
        }
        evaluated.all_members |= members.contains_key("additionalProperties")
            || !own && members.contains_key("unevaluatedProperties");
        evaluated.all_items |= !own && members.contains_key("unevaluatedItems");
        self.evaluated_items(look, &mut evaluated);
        let mut cases = vec![Case { guards: Vec::new(), evaluated }];
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(Value::String(reference)) = members.get(keyword) else { continue };
            let Some(found) = self.lookup(keyword, reference, look.resolver, look.dialect) else {
                continue;
            };
            let (contents, resolver, draft) = found.ok()?.into_inner();
            // A part of a document in another dialect need not say so itself.
            if dialect_of(draft) != Some(look.dialect) {
                return None;
            }
            let at = reference.strip_prefix('#').unwrap_or(reference);
            cases = product(&cases, &self.inner(look, contents, at, &resolver, left)?)?;
        }
        for (branch, at) in branches(look, "allOf") {
            cases = product(&cases, &self.inner(look, branch, &at, look.resolver, left)?)?;
        }
        for (branch, at) in branches(look, "anyOf") {
            let within = self.inner(look, branch, &at, look.resolver, left)?;
            if evaluate_nothing(&within) {
                continue;
            }
            let node = self.branch(look, branch, &at);
            let mut ways = product(&[Case::when(node, true)], &within)?;
            ways.push(Case::when(node, false));
            cases = product(&cases, &ways)?;
        }
        let mut ways = Vec::new();
        for (branch, at) in branches(look, "oneOf") {
            let within = self.inner(look, branch, &at, look.resolver, left)?;
            let node = self.branch(look, branch, &at);
            ways.extend(product(&[Case::when(node, true)], &within)?);
        }
        if !evaluate_nothing(&ways) {
            cases = product(&cases, &ways)?;
        }
        cases = product(&cases, &self.conditional(look, left)?)?;
        for keyword in ["dependentSchemas", "dependencies"] {
            let Some(Value::Object(dependencies)) = members.get(keyword) else { continue };
            for (name, dependency) in dependencies.iter().filter(|(_, value)| !value.is_array()) {
                let at = format!("{}/{keyword}/{}", look.at, escape(name));
                let within = self.inner(look, dependency, &at, look.resolver, left)?;
                if evaluate_nothing(&within) {
                    continue;
                }
                let absent = self.absent(name, &at);
                let mut ways = product(&[Case::when(absent, false)], &within)?;
                ways.push(Case::when(absent, true));
                cases = product(&cases, &ways)?;
            }
        }
        Some(cases)
    }

    /// The cases of `if`, `then` and `else`: one where none of them evaluates anything.
    fn conditional(&mut self, look: &Look<'_, 'r>, left: &mut usize) -> Option<Vec<Case>> {
        let Some(condition) = look.members.get("if") else { return Some(vec![Case::default()]) };
        let at = format!("{}/if", look.at);
        let holding = self.inner(look, condition, &at, look.resolver, left)?;
        let node = self.branch(look, condition, &at);
        let mut ways = product(&[Case::when(node, true)], &holding)?;
        let mut failing = vec![Case::when(node, false)];
        for (keyword, ways) in [("then", &mut ways), ("else", &mut failing)] {
            let Some(branch) = look.members.get(keyword) else { continue };
            let at = format!("{}/{keyword}", look.at);
            *ways = product(ways, &self.inner(look, branch, &at, look.resolver, left)?)?;
        }
        ways.extend(failing);
        Some(if evaluate_nothing(&ways) { vec![Case::default()] } else { ways })
    }

    fn evaluated_items(&mut self, look: &Look<'_, 'r>, found: &mut Evaluated) {
        let members = look.members;
        if let Some(contains) = members.get("contains") {
            // The items that `contains` finds count as evaluated from 2020-12 on, and validators differ before.
            if look.dialect == Dialect::Draft202012 {
                found.contained.push(self.branch(look, contains, &format!("{}/contains", look.at)));
            } else {
                found.items_unknown = true;
            }
        }
        let length = |value: &Value| value.as_array().map_or(0, |items| items.len() as u64);
        match members.get("items") {
            _ if look.dialect == Dialect::Draft202012 => {
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
    }

    /// The node of a subschema, read before or now.
    fn branch(&mut self, look: &Look<'_, 'r>, value: &'r Value, at: &str) -> NodeId {
        self.schema(value, at, look.resolver, look.dialect).0
    }

    fn inner(
        &mut self,
        look: &Look<'_, 'r>,
        value: &'r Value,
        at: &str,
        resolver: &Resolver<'r>,
        left: &mut usize,
    ) -> Option<Vec<Case>> {
        let Value::Object(members) = value else { return Some(vec![Case::default()]) };
        let marked = members.get("$schema").and_then(Value::as_str);
        if marked.is_some_and(|uri| Dialect::from_uri(uri) != Some(look.dialect)) {
            return None;
        }
        let moved =
            resolver.in_subresource(look.dialect.draft().create_resource_ref(value)).ok()?;
        let look = Look {
            members,
            at,
            resolver: &moved,
            dialect: look.dialect,
            depth: look.depth.checked_sub(1)?,
        };
        self.cases(&look, false, left)
    }
}

/// The branches of `allOf`, `anyOf` or `oneOf`, each with its pointer.
fn branches<'r>(look: &Look<'_, 'r>, keyword: &str) -> Vec<(&'r Value, String)> {
    let listed = look.members.get(keyword).and_then(Value::as_array).into_iter().flatten();
    listed
        .enumerate()
        .map(|(index, branch)| (branch, format!("{}/{keyword}/{index}", look.at)))
        .collect()
}
