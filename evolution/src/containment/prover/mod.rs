//! The structural prover: looks for an event that the writer lets out and the reader turns down.
//!
//! A [`Goal`] is a set of nodes that must hold of one instance and a set that must fail. The prover splits it case by
//! case (a tableau), until only literals of one JSON type are left, and asks that type's file. There are three
//! answers: nothing satisfies the goal (so containment is proved), an example may (to be verified by the validator),
//! or it is not known.
//!
//! Two rules make `Nothing` a proof. *Leaving out a requirement is always sound*: what cannot be followed is dropped,
//! which only makes the goal easier to satisfy. *An open goal met again further down is closed*: instances are finite,
//! so an instance that needs a smaller one of the same kind without end does not exist. Every step down goes through a
//! member or an item; schemas that lead back to themselves in place are turned away before.

mod array;
mod case;
mod example;
mod keys;
mod number;
mod object;
mod string;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use serde_json::Value;

use self::case::Case;
use super::{ContentModel, Doubt, Reason, site::Site};
use crate::{
    budget::Budget,
    schema::normal::{Form, Node, NodeId, Normal, Pattern, TypeSet},
};

/// Goals and cases worked on one inside the other.
const DEEPEST: usize = 400;
/// Stack that one of them may need, and what is added when less is left; in bytes.
const RED_ZONE: usize = 256 * 1024;
const STACK: usize = 4 * 1024 * 1024;

/// Whose schema a node is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Writer,
    Reader,
}

/// A node of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Lit {
    side: Side,
    node: NodeId,
}

/// Where an instance stands in both schemas; only the event model needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sites {
    writer: Site,
    reader: Site,
}

/// A class of names: strings that match some patterns and not others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct NameClass {
    matching: Vec<Pattern>,
    failing: Vec<Pattern>,
}

/// What one instance must satisfy.
#[derive(Debug, Clone, Default, PartialEq)]
struct Goal {
    holds: BTreeSet<Lit>,
    fails: BTreeSet<Lit>,
    sites: Option<Rc<Sites>>,
    /// The instance is a name of this class.
    class: Option<NameClass>,
    /// Values the instance must not have.
    avoid: Vec<Value>,
}

/// What is known about a goal.
#[derive(Debug, Clone)]
enum Found {
    /// No instance satisfies it.
    Nothing,
    /// This one seems to.
    Example(Value),
    /// Neither.
    Unsure(Doubt),
}

/// What the prover says about containment.
#[derive(Debug)]
pub(super) enum Refutation {
    /// No event refutes it: containment is proved.
    Nothing,
    /// This event does; it was accepted by the caller's check.
    Event(Value),
    /// Neither proof nor event.
    Unsure(Doubt),
}

type Key = (Vec<Lit>, Vec<Lit>, Option<Rc<Sites>>);

/// One question being worked on.
pub(super) struct Prover<'s> {
    writer: &'s Normal,
    reader: &'s Normal,
    model: ContentModel,
    budget: &'s Budget<'s>,
    known: HashMap<Key, Found>,
    /// Goals being worked on, outermost first.
    open: Vec<Key>,
    /// The outermost open goal that an answer leaned on since it was last reset.
    leaned_on: usize,
    depth: usize,
    universe: TypeSet,
}

impl<'s> Prover<'s> {
    pub fn new(
        writer: &'s Normal,
        reader: &'s Normal,
        model: ContentModel,
        budget: &'s Budget<'s>,
    ) -> Self {
        let spelled = writer.spelled_integers || reader.spelled_integers;
        let universe = if spelled {
            TypeSet::EVERY
        } else {
            TypeSet::EVERY.without(TypeSet::WHOLE_SPELLED_AS_FRACTION)
        };
        Prover {
            writer,
            reader,
            model,
            budget,
            known: HashMap::new(),
            open: Vec::new(),
            leaned_on: usize::MAX,
            depth: 0,
            universe,
        }
    }

    /// Looks for an event of the writer that breaks the reader and that `verify` confirms.
    pub fn refute(&mut self, verify: &dyn Fn(&Value) -> bool) -> Refutation {
        let holds = BTreeSet::from([Lit { side: Side::Writer, node: self.writer.root }]);
        let fails = BTreeSet::from([Lit { side: Side::Reader, node: self.reader.root }]);
        self.answer(holds, fails, verify)
    }

    /// Looks for an event that a producer on the writer can emit at all, confirmed by `verify`.
    pub fn produce(&mut self, verify: &dyn Fn(&Value) -> bool) -> Refutation {
        let holds = BTreeSet::from([Lit { side: Side::Writer, node: self.writer.root }]);
        self.answer(holds, BTreeSet::new(), verify)
    }

    fn answer(
        &mut self,
        holds: BTreeSet<Lit>,
        fails: BTreeSet<Lit>,
        verify: &dyn Fn(&Value) -> bool,
    ) -> Refutation {
        if self.writer.unguarded || self.reader.unguarded {
            return Refutation::Unsure(Doubt { reason: Reason::Recursion, at: String::new() });
        }
        let sites = (self.model == ContentModel::Event).then(|| {
            Rc::new(Sites { writer: Site::root(self.writer), reader: Site::root(self.reader) })
        });
        let goal = Goal { holds, fails, sites, ..Goal::default() };
        let key = key(&goal);
        self.open.push(key);
        let found = self.cases(&goal, Some(verify));
        self.open.pop();
        match found {
            Found::Nothing => Refutation::Nothing,
            Found::Example(event) => Refutation::Event(event),
            Found::Unsure(doubt) => Refutation::Unsure(doubt),
        }
    }

    fn normal(&self, side: Side) -> &'s Normal {
        match side {
            Side::Writer => self.writer,
            Side::Reader => self.reader,
        }
    }

    fn node(&self, lit: Lit) -> &'s Node {
        self.normal(lit.side).node(lit.node)
    }

    fn form(&self, lit: Lit) -> &'s Form {
        &self.node(lit).form
    }

    /// Looks for an instance that satisfies `goal`.
    fn solve(&mut self, goal: &Goal) -> Found {
        if goal.holds.is_empty()
            && goal.fails.is_empty()
            && goal.class.is_none()
            && goal.avoid.is_empty()
        {
            return Found::Example(Value::Null);
        }
        if !self.budget.step() || self.depth >= DEEPEST {
            return Found::Unsure(Doubt { reason: Reason::Budget, at: String::new() });
        }
        // Names are leaves: nothing below them can lead back here.
        if goal.class.is_some() || !goal.avoid.is_empty() {
            return self.deeper(|prover| prover.cases(goal, None));
        }
        let key = key(goal);
        if let Some(found) = self.known.get(&key) {
            return found.clone();
        }
        if let Some(index) = self.open.iter().position(|open| *open == key) {
            self.leaned_on = self.leaned_on.min(index);
            return Found::Nothing;
        }
        let index = self.open.len();
        let outer = std::mem::replace(&mut self.leaned_on, usize::MAX);
        self.open.push(key.clone());
        let found = self.deeper(|prover| prover.cases(goal, None));
        self.open.pop();
        // `Nothing` that leans on a goal still open further out is a proof only together with that goal's.
        let own = self.leaned_on >= index;
        if own || !matches!(found, Found::Nothing) {
            self.known.insert(key, found.clone());
        }
        self.leaned_on = if own { outer } else { outer.min(self.leaned_on) };
        found
    }

    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Found) -> Found {
        self.depth += 1;
        let found = stacker::maybe_grow(RED_ZONE, STACK, || work(self));
        self.depth -= 1;
        found
    }

    fn cases(&mut self, goal: &Goal, verify: Option<&dyn Fn(&Value) -> bool>) -> Found {
        let mut case = Case::new(self.universe);
        let signed = goal
            .holds
            .iter()
            .map(|lit| (true, *lit))
            .chain(goal.fails.iter().map(|lit| (false, *lit)));
        for (holds, lit) in signed {
            if !self.absorb(&mut case, holds, lit) {
                return Found::Nothing;
            }
        }
        if goal.class.is_some() {
            case.types = case.types.and(TypeSet::STRING);
        }
        self.split(case, goal, verify)
    }

    /// The goal for what stands at a member or an item: the same question further down.
    fn below(&self, sites: Option<Rc<Sites>>, holds: BTreeSet<Lit>, fails: BTreeSet<Lit>) -> Goal {
        Goal {
            holds,
            fails,
            sites: if self.model == ContentModel::Event { sites } else { None },
            ..Goal::default()
        }
    }
}

fn key(goal: &Goal) -> Key {
    (goal.holds.iter().copied().collect(), goal.fails.iter().copied().collect(), goal.sites.clone())
}

impl Found {
    fn unsure(reason: Reason, at: &str) -> Found {
        Found::Unsure(Doubt { reason, at: at.to_owned() })
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Found::Nothing)
    }
}

/// The answers of several cases, any of which may be the one.
#[derive(Default)]
struct Cases(Option<Doubt>);

impl Cases {
    /// Takes one case's answer; an example ends the search.
    fn take(&mut self, found: Found) -> Option<Found> {
        match found {
            Found::Nothing => None,
            Found::Example(value) => Some(Found::Example(value)),
            Found::Unsure(doubt) => {
                self.0.get_or_insert(doubt);
                None
            }
        }
    }

    fn end(self) -> Found {
        self.0.map_or(Found::Nothing, Found::Unsure)
    }
}

/// Equality of JSON values, numbers by what they say.
fn same(left: &Value, right: &Value) -> bool {
    use crate::schema::normal::rational;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right
                || matches!((rational(left.as_str()), rational(right.as_str())), (Some(left), Some(right)) if left == right)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|((left_name, left), (right_name, right))| {
                    left_name == right_name && same(left, right)
                })
        }
        (left, right) => left == right,
    }
}

/// Requirements on members or items, gathered by where they stand.
type Demands = BTreeMap<String, BTreeSet<Lit>>;
