//! One case of a goal: literals that hold or fail, the types left, and the choices still to be made.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{Cases, Found, Goal, Lit, Prover, Reason, Side};
use crate::{
    containment::{ContentModel, Doubt},
    schema::normal::{Form, TypeSet},
};

/// A composite that can be satisfied in more than one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    AnyHolds(Lit),
    OneHolds(Lit),
    AllFails(Lit),
    OneFails(Lit),
}

/// One conjunction being built.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub types: TypeSet,
    pub holds: BTreeSet<Lit>,
    pub fails: BTreeSet<Lit>,
    choices: Vec<Choice>,
    seen: HashSet<(bool, Lit)>,
    digests: HashSet<(bool, [u8; 16])>,
    /// What had to be left out, if anything.
    pub doubt: Option<Doubt>,
}

impl Case {
    pub fn new(types: TypeSet) -> Self {
        Case {
            types,
            holds: BTreeSet::new(),
            fails: BTreeSet::new(),
            choices: Vec::new(),
            seen: HashSet::new(),
            digests: HashSet::new(),
            doubt: None,
        }
    }

    fn without_choices(&self) -> Case {
        Case { choices: Vec::new(), ..self.clone() }
    }

    /// All that holds or fails, choices included.
    pub fn requirements(&self) -> impl Iterator<Item = (bool, Lit)> {
        let literals = self
            .holds
            .iter()
            .map(|lit| (true, *lit))
            .chain(self.fails.iter().map(|lit| (false, *lit)));
        literals.chain(self.choices.iter().map(|choice| match *choice {
            Choice::AnyHolds(lit) | Choice::OneHolds(lit) => (true, lit),
            Choice::AllFails(lit) | Choice::OneFails(lit) => (false, lit),
        }))
    }
}

impl Prover<'_> {
    /// Adds a requirement to a case; false where that makes the case impossible.
    pub(super) fn absorb(&self, case: &mut Case, holds: bool, lit: Lit) -> bool {
        let mut waiting = vec![(holds, lit)];
        while let Some((holds, lit)) = waiting.pop() {
            if !case.seen.insert((holds, lit)) {
                continue;
            }
            if case.seen.contains(&(!holds, lit)) || self.contradicts(case, holds, lit) {
                return false;
            }
            let side = lit.side;
            let form = self.form(lit);
            let of = |node: &_| Lit { side, node: *node };
            match (form, holds) {
                (Form::All(parts), true) => {
                    waiting.extend(parts.iter().map(|part| (true, of(part))));
                }
                (Form::Any(parts), false) => {
                    waiting.extend(parts.iter().map(|part| (false, of(part))));
                }
                (Form::Not(part), holds) => waiting.push((!holds, of(part))),
                (Form::All(parts), false) | (Form::Any(parts), true) | (Form::One(parts), _) => {
                    match parts.as_slice() {
                        [] if holds || matches!(form, Form::All(_)) => return false,
                        [] => {}
                        [part] => waiting.push((holds, of(part))),
                        _ => case.choices.push(match (form, holds) {
                            (Form::One(_), true) => Choice::OneHolds(lit),
                            (Form::One(_), false) => Choice::OneFails(lit),
                            (Form::Any(_), _) => Choice::AnyHolds(lit),
                            _ => Choice::AllFails(lit),
                        }),
                    }
                }
                (Form::Types(types), true) => case.types = case.types.and(*types),
                (Form::Types(types), false) => case.types = case.types.without(*types),
                (Form::Opaque(reason), _) => {
                    case.doubt.get_or_insert_with(|| Doubt {
                        reason: *reason,
                        at: self.node(lit).at.clone(),
                    });
                }
                (_, true) => {
                    case.holds.insert(lit);
                }
                (_, false) => {
                    // A literal can fail only of an instance of its own type.
                    case.types = case.types.and(domain(form));
                    case.fails.insert(lit);
                }
            }
            if case.types.is_empty() {
                return false;
            }
        }
        true
    }

    /// Whether an equal node is already required the other way round.
    fn contradicts(&self, case: &mut Case, holds: bool, lit: Lit) -> bool {
        let Some(digest) = self.meaning(lit) else { return false };
        case.digests.insert((holds, digest));
        case.digests.contains(&(!holds, digest))
    }

    /// What a node means, as a digest. In the event model a node that looks at members means something else to each
    /// side, so only flat ones are equal across sides.
    fn meaning(&self, lit: Lit) -> Option<[u8; 16]> {
        let node = self.node(lit);
        let mut digest = node.digest?;
        if self.model == ContentModel::Event && !node.flat && lit.side == Side::Reader {
            digest = digest.map(|byte| !byte);
        }
        Some(digest)
    }

    /// Works through the choices of a case, then asks the types that are left.
    pub(super) fn split(
        &mut self,
        case: Case,
        goal: &Goal,
        verify: Option<&dyn Fn(&Value) -> bool>,
    ) -> Found {
        if !self.budget.step() || self.depth >= super::DEEPEST {
            return Found::unsure(Reason::Budget, "");
        }
        if let Some(found) = self.enumerated(&case, goal, verify) {
            return found;
        }
        let positive =
            |choice: &Choice| matches!(choice, Choice::AnyHolds(_) | Choice::OneHolds(_));
        if let Some(index) = case.choices.iter().position(positive) {
            // Often the choice does not matter: try without any before multiplying cases.
            let mut fewer = case.clone();
            fewer.choices.retain(|choice| !positive(choice));
            let careless = |_: &Value| true;
            if self.deeper(|prover| prover.split(fewer, goal, Some(&careless))).is_nothing() {
                return Found::Nothing;
            }
            return self.deeper(|prover| prover.branch(case, index, goal, verify));
        }
        if case.choices.len() > 1 {
            return self.deeper(|prover| prover.reduce(case, goal, verify));
        }
        if !case.choices.is_empty() {
            return self.deeper(|prover| prover.branch(case, 0, goal, verify));
        }
        self.leaf(&case, goal, verify)
    }

    /// Several disjunctions, none of which may hold: often one alone is impossible to avoid, and most cannot hold
    /// anyway.
    fn reduce(
        &mut self,
        mut case: Case,
        goal: &Goal,
        verify: Option<&dyn Fn(&Value) -> bool>,
    ) -> Found {
        let careless = |_: &Value| true;
        let bare = case.without_choices();
        let mut left = Vec::new();
        for choice in std::mem::take(&mut case.choices) {
            let alone = Case { choices: vec![choice], ..bare.clone() };
            if self.split(alone, goal, Some(&careless)).is_nothing() {
                return Found::Nothing;
            }
            if let Choice::AllFails(lit) = choice {
                let mut with = bare.clone();
                with.seen.remove(&(false, lit));
                let apart = !self.absorb_afresh(&mut with, lit)
                    || self.split(with, goal, Some(&careless)).is_nothing();
                if apart {
                    continue;
                }
            }
            left.push(choice);
        }
        case.choices = left;
        match case.choices.len() {
            0 => self.leaf(&case, goal, verify),
            _ => self.branch(case, 0, goal, verify),
        }
    }

    /// Adds a requirement of which the opposite had been noted.
    fn absorb_afresh(&self, case: &mut Case, lit: Lit) -> bool {
        if let Some(digest) = self.meaning(lit) {
            case.digests.remove(&(false, digest));
        }
        self.absorb(case, true, lit)
    }

    /// Makes one choice, every way.
    fn branch(
        &mut self,
        case: Case,
        index: usize,
        goal: &Goal,
        verify: Option<&dyn Fn(&Value) -> bool>,
    ) -> Found {
        let mut rest = case;
        let choice = rest.choices.remove(index);
        let (Choice::AnyHolds(lit)
        | Choice::OneHolds(lit)
        | Choice::AllFails(lit)
        | Choice::OneFails(lit)) = choice;
        let parts: Vec<Lit> =
            self.form(lit).parts().iter().map(|part| Lit { side: lit.side, node: *part }).collect();
        let mut cases = Cases::default();
        let mut each = |prover: &mut Self, requirements: &[(bool, Lit)]| {
            if prover.budget.is_spent() {
                return Some(Found::unsure(Reason::Budget, ""));
            }
            let mut case = rest.clone();
            let possible =
                requirements.iter().all(|(holds, lit)| prover.absorb(&mut case, *holds, *lit));
            let found = if possible { prover.split(case, goal, verify) } else { Found::Nothing };
            cases.take(found)
        };
        match choice {
            Choice::AnyHolds(_) | Choice::AllFails(_) => {
                let holds = matches!(choice, Choice::AnyHolds(_));
                for part in parts {
                    if let Some(found) = each(self, &[(holds, part)]) {
                        return found;
                    }
                }
            }
            Choice::OneHolds(_) => {
                for (index, part) in parts.iter().enumerate() {
                    let mut requirements = vec![(true, *part)];
                    for (other_index, other) in parts.iter().enumerate() {
                        if !self.budget.step() {
                            return Found::unsure(Reason::Budget, "");
                        }
                        if other_index != index && !self.are_apart(*part, *other, goal) {
                            requirements.push((false, *other));
                        }
                    }
                    if let Some(found) = each(self, &requirements) {
                        return found;
                    }
                }
            }
            Choice::OneFails(_) => {
                let none: Vec<(bool, Lit)> = parts.iter().map(|part| (false, *part)).collect();
                if let Some(found) = each(self, &none) {
                    return found;
                }
                for (index, one) in parts.iter().enumerate() {
                    for other in &parts[index + 1..] {
                        if !self.budget.step() {
                            return Found::unsure(Reason::Budget, "");
                        }
                        if self.are_apart(*one, *other, goal) {
                            continue;
                        }
                        if let Some(found) = each(self, &[(true, *one), (true, *other)]) {
                            return found;
                        }
                    }
                }
            }
        }
        cases.end()
    }

    /// Whether no instance at this place satisfies both.
    fn are_apart(&mut self, one: Lit, other: Lit, goal: &Goal) -> bool {
        let both = Goal {
            holds: BTreeSet::from([one, other]),
            sites: goal.sites.clone(),
            ..Goal::default()
        };
        self.solve(&both).is_nothing()
    }

    /// Asks each type that is left.
    fn leaf(&mut self, case: &Case, goal: &Goal, verify: Option<&dyn Fn(&Value) -> bool>) -> Found {
        let mut cases = Cases::default();
        for single in TypeSet::SINGLES {
            if !case.types.meets(single) {
                continue;
            }
            let found = match single {
                TypeSet::NULL => self.constant(case, goal, &[Value::Null]),
                TypeSet::BOOLEAN => {
                    self.constant(case, goal, &[Value::Bool(true), Value::Bool(false)])
                }
                TypeSet::STRING => self.strings(case, goal),
                TypeSet::ARRAY => self.arrays(case, goal),
                TypeSet::OBJECT => self.objects(case, goal),
                number => self.numbers(case, goal, number),
            };
            let found = self.checked(found, case, goal, verify);
            if let Some(found) = cases.take(found) {
                return found;
            }
        }
        cases.end()
    }

    fn constant(&self, case: &Case, goal: &Goal, values: &[Value]) -> Found {
        let forbidden = self.forbidden(case, goal);
        let free =
            values.iter().find(|value| !forbidden.iter().any(|other| super::same(value, other)));
        free.map_or(Found::Nothing, |value| Found::Example(value.clone()))
    }
}

/// The types a literal speaks of; of all others it is true.
fn domain(form: &Form) -> TypeSet {
    match form {
        Form::AtLeast { .. } | Form::AtMost { .. } | Form::MultipleOf(_) => TypeSet::NUMBER,
        Form::MinLength(_) | Form::MaxLength(_) | Form::Matches(_) => TypeSet::STRING,
        Form::Item(..)
        | Form::ItemsFrom(..)
        | Form::MinItems(_)
        | Form::MaxItems(_)
        | Form::Unique
        | Form::ContainsMin(..)
        | Form::ContainsMax(..) => TypeSet::ARRAY,
        Form::Member(..)
        | Form::Matching(..)
        | Form::Others { .. }
        | Form::Required(_)
        | Form::MinMembers(_)
        | Form::MaxMembers(_)
        | Form::Names(_) => TypeSet::OBJECT,
        Form::Said(types, _) => *types,
        _ => TypeSet::EVERY,
    }
}
