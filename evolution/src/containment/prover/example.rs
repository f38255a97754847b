//! Values at hand: enumerations tried one by one, and examples checked against what they are examples of.

use serde_json::Value;

use super::{Case, Found, Goal, Lit, Prover, Reason, Side, same};
use crate::{
    containment::{
        ContentModel, Doubt,
        declared::{project_at, undeclared_at},
    },
    pointer::Pointer,
    schema::normal::{Form, NodeId, Normal, TypeSet, rational},
};

/// The most values, counted at every depth, that an example may have.
const HEAVIEST: usize = 4_000;

/// What is left of `left` once the values in `value` are counted.
fn weight(value: &Value, left: usize) -> usize {
    let left = left.saturating_sub(1);
    match value {
        _ if left == 0 => 0,
        Value::Array(items) => items.iter().fold(left, |left, item| weight(item, left)),
        Value::Object(members) => members.values().fold(left, |left, value| weight(value, left)),
        _ => left,
    }
}

/// Schemas applied one inside the other while a value is checked.
const DEEPEST: usize = 100;

impl Prover<'_> {
    /// Where an enumeration must hold: its values, tried one by one. `None` where there is none.
    pub(super) fn enumerated(
        &self,
        case: &Case,
        goal: &Goal,
        verify: Option<&dyn Fn(&Value) -> bool>,
    ) -> Option<Found> {
        // What the reader sees is one of the values; what was written may have more members than that.
        let exact = |lit: &Lit| {
            lit.side == Side::Writer || self.model == ContentModel::Strict || self.node(*lit).flat
        };
        let values = case.holds.iter().find_map(|lit| match self.form(*lit) {
            Form::Values(listed) if exact(lit) => Some(listed.values()),
            _ => None,
        })?;
        let mut cases = super::Cases::default();
        let spelled = self.universe.has(TypeSet::WHOLE_SPELLED_AS_FRACTION);
        for value in values {
            if !self.budget.step() {
                return Some(Found::unsure(Reason::Budget, ""));
            }
            // Equal numbers may differ in type where spelling counts (draft 4).
            let (candidates, complete) =
                if spelled { spellings(value) } else { (vec![value.clone()], true) };
            for candidate in candidates {
                let found = match self.satisfies(&candidate, case, goal) {
                    Some(false) => Found::Nothing,
                    Some(true) if verify.is_none_or(|verify| verify(&candidate)) => {
                        Found::Example(candidate)
                    }
                    _ => self.doubtful(case),
                };
                if let Some(found) = cases.take(found) {
                    return Some(found);
                }
            }
            if !complete {
                cases.take(Found::unsure(Reason::DialectMix, ""));
            }
        }
        Some(cases.end())
    }

    /// An example held against its case once more, and shown to `verify`.
    pub(super) fn checked(
        &self,
        found: Found,
        case: &Case,
        goal: &Goal,
        verify: Option<&dyn Fn(&Value) -> bool>,
    ) -> Found {
        match found {
            // Examples are built from examples; two of each at every level would fill the memory.
            Found::Example(value) if weight(&value, HEAVIEST) == 0 => {
                Found::unsure(Reason::Budget, "")
            }
            Found::Example(value)
                if self.satisfies(&value, case, goal) == Some(false)
                    || !verify.is_none_or(|verify| verify(&value)) =>
            {
                self.doubtful(case)
            }
            other => other,
        }
    }

    fn doubtful(&self, case: &Case) -> Found {
        let at = || {
            let reader = |lit: &&Lit| lit.side == Side::Reader;
            let lit = case.fails.iter().find(reader).or_else(|| case.holds.iter().find(reader));
            lit.map_or_else(String::new, |lit| self.node(*lit).at.clone())
        };
        Found::Unsure(
            case.doubt.clone().unwrap_or_else(|| Doubt { reason: Reason::Unwitnessed, at: at() }),
        )
    }

    /// The values an instance of this case must not have.
    pub(super) fn forbidden(&self, case: &Case, goal: &Goal) -> Vec<Value> {
        let listed = case.fails.iter().filter_map(|lit| match self.form(*lit) {
            Form::Values(listed) => Some(listed.values()),
            _ => None,
        });
        listed.flatten().chain(&goal.avoid).cloned().collect()
    }

    /// Whether a value satisfies a case; `None` where some of it cannot be followed.
    fn satisfies(&self, value: &Value, case: &Case, goal: &Goal) -> Option<bool> {
        if !case.types.meets(self.type_of(value))
            || goal.avoid.iter().any(|other| same(value, other))
        {
            return Some(false);
        }
        if let (Some(class), Value::String(name)) = (&goal.class, value)
            && !(class.matching.iter().all(|pattern| pattern.matches(name))
                && class.failing.iter().all(|pattern| !pattern.matches(name)))
        {
            return Some(false);
        }
        let seen_by_reader = match (&goal.sites, self.model) {
            (Some(sites), ContentModel::Event) => {
                if undeclared_at(self.writer, &sites.writer, value, &Pointer::root()).is_some() {
                    return Some(false);
                }
                project_at(self.reader, &sites.reader, value)
            }
            _ => value.clone(),
        };
        let mut certain = case.doubt.is_none();
        for (holds, lit) in case.requirements() {
            let seen = if lit.side == Side::Reader { &seen_by_reader } else { value };
            match holds_of(self.normal(lit.side), lit.node, seen, DEEPEST) {
                Some(truth) if truth != holds => return Some(false),
                Some(_) => {}
                None => certain = false,
            }
        }
        certain.then_some(true)
    }

    /// The type of a value as the universe of this question tells types apart.
    fn type_of(&self, value: &Value) -> TypeSet {
        match TypeSet::of(value) {
            TypeSet::WHOLE_SPELLED_AS_FRACTION
                if !self.universe.has(TypeSet::WHOLE_SPELLED_AS_FRACTION) =>
            {
                TypeSet::WHOLE
            }
            own => own,
        }
    }

    /// Whether a name, as a string, is what a node says; `None` where that cannot be followed.
    pub(super) fn name_is(&self, name: &str, lit: Lit) -> Option<bool> {
        holds_of(self.normal(lit.side), lit.node, &Value::String(name.to_owned()), DEEPEST)
    }
}

/// The most spellings of one value that are tried.
const SPELLINGS: usize = 64;

/// A value as enumerations of draft 4 may meet it, and whether those are all its spellings that differ in type: every
/// whole number in it, at any depth, with and without a fraction.
fn spellings(value: &Value) -> (Vec<Value>, bool) {
    match value {
        Value::Number(number) => {
            let whole = rational(number.as_str()).filter(num_rational::Ratio::is_integer);
            match whole {
                Some(whole) => {
                    let plain = whole.to_string();
                    let parsed = [plain.clone(), format!("{plain}.0")]
                        .map(|text| serde_json::from_str(&text).ok());
                    (parsed.into_iter().flatten().collect(), true)
                }
                None => (vec![value.clone()], true),
            }
        }
        Value::Array(items) => {
            let (combined, complete) = combinations(items.iter());
            (combined.into_iter().map(Value::Array).collect(), complete)
        }
        Value::Object(members) => {
            let (combined, complete) = combinations(members.values());
            let named = |values: Vec<Value>| members.keys().cloned().zip(values).collect();
            (combined.into_iter().map(|values| Value::Object(named(values))).collect(), complete)
        }
        other => (vec![other.clone()], true),
    }
}

/// Every choice of one spelling for each part, up to [`SPELLINGS`], and whether those are all.
fn combinations<'v>(parts: impl Iterator<Item = &'v Value>) -> (Vec<Vec<Value>>, bool) {
    let mut combined = vec![Vec::new()];
    let mut complete = true;
    for part in parts {
        let (spelled, all) = spellings(part);
        complete &= all;
        let room = SPELLINGS / combined.len();
        if spelled.len() > room {
            complete = false;
        }
        combined = spelled
            .iter()
            .take(room.max(1))
            .flat_map(|value| {
                combined.iter().map(move |before| {
                    before.iter().chain(std::iter::once(value)).cloned().collect::<Vec<Value>>()
                })
            })
            .collect();
    }
    (combined, complete)
}

/// Whether a node holds of a value: the meaning of the normal form, run. `None` where it cannot be followed.
fn holds_of(schema: &Normal, node: NodeId, value: &Value, left: usize) -> Option<bool> {
    let left = left.checked_sub(1)?;
    let of = |node: &NodeId, value: &Value| holds_of(schema, *node, value, left);
    let form = &schema.node(node).form;
    match form {
        Form::All(parts) => all(parts.iter().map(|part| of(part, value))),
        Form::Any(parts) => any(parts.iter().map(|part| of(part, value))),
        Form::One(parts) => {
            let truths: Option<Vec<bool>> = parts.iter().map(|part| of(part, value)).collect();
            truths.map(|truths| truths.into_iter().filter(|truth| *truth).count() == 1)
        }
        Form::Not(part) => of(part, value).map(|truth| !truth),
        Form::Types(types) => Some(types.meets(TypeSet::of(value))),
        Form::Values(listed) => Some(listed.has(value)),
        Form::Said(types, _) => (!types.meets(TypeSet::of(value))).then_some(true),
        Form::Opaque(_) => None,
        _ => match value {
            Value::Number(number) => of_number(form, number),
            Value::String(text) => Some(of_string(form, text)),
            Value::Array(items) => of_array(form, items, &of),
            Value::Object(members) => of_object(form, members, &of),
            _ => Some(true),
        },
    }
}

fn of_number(form: &Form, number: &serde_json::Number) -> Option<bool> {
    let exact = || rational(number.as_str());
    match form {
        Form::AtLeast { bound, open } => {
            exact().map(|n| if *open { n > *bound } else { n >= *bound })
        }
        Form::AtMost { bound, open } => {
            exact().map(|n| if *open { n < *bound } else { n <= *bound })
        }
        Form::MultipleOf(step) => exact().map(|n| (n / step).is_integer()),
        _ => Some(true),
    }
}

fn of_string(form: &Form, text: &str) -> bool {
    let length = || text.chars().count() as u64;
    match form {
        Form::MinLength(least) => length() >= *least,
        Form::MaxLength(most) => length() <= *most,
        Form::Matches(pattern) => pattern.matches(text),
        _ => true,
    }
}

fn of_array(
    form: &Form,
    items: &[Value],
    of: &impl Fn(&NodeId, &Value) -> Option<bool>,
) -> Option<bool> {
    let at = |index: &u64| usize::try_from(*index).unwrap_or(usize::MAX);
    let count = items.len() as u64;
    let counted = |node: &NodeId| {
        let truths: Option<Vec<bool>> = items.iter().map(|item| of(node, item)).collect();
        truths.map(|truths| truths.into_iter().filter(|truth| *truth).count() as u64)
    };
    match form {
        Form::Item(index, node) => items.get(at(index)).map_or(Some(true), |item| of(node, item)),
        Form::ItemsFrom(from, node) => all(items.iter().skip(at(from)).map(|item| of(node, item))),
        Form::MinItems(least) => Some(count >= *least),
        Form::MaxItems(most) => Some(count <= *most),
        Form::Unique => Some(
            !items
                .iter()
                .enumerate()
                .any(|(index, item)| items[..index].iter().any(|other| same(item, other))),
        ),
        Form::ContainsMin(least, node) => counted(node).map(|count| count >= *least),
        Form::ContainsMax(most, node) => counted(node).map(|count| count <= *most),
        _ => Some(true),
    }
}

fn of_object(
    form: &Form,
    members: &serde_json::Map<String, Value>,
    of: &impl Fn(&NodeId, &Value) -> Option<bool>,
) -> Option<bool> {
    let count = members.len() as u64;
    match form {
        Form::Member(name, node) => members.get(name).map_or(Some(true), |value| of(node, value)),
        Form::Matching(pattern, node) => all(members
            .iter()
            .filter(|(name, _)| pattern.matches(name))
            .map(|(_, value)| of(node, value))),
        Form::Others { names, patterns, node } => {
            let others = members.iter().filter(|(name, _)| {
                !names.contains(name) && !patterns.iter().any(|pattern| pattern.matches(name))
            });
            all(others.map(|(_, value)| of(node, value)))
        }
        Form::Required(name) => Some(members.contains_key(name)),
        Form::MinMembers(least) => Some(count >= *least),
        Form::MaxMembers(most) => Some(count <= *most),
        Form::Names(node) => all(members.keys().map(|name| of(node, &Value::String(name.clone())))),
        _ => Some(true),
    }
}

/// Conjunction of three-valued truths.
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut certain = true;
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => {}
            None => certain = false,
        }
    }
    certain.then_some(true)
}

/// Disjunction of three-valued truths.
fn any(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(truths.map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
}
