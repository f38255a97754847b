//! The operations of a proposal while it is made, in the order they will run.

use serde_json::{Map, Value, json};

use super::{Open, spot::Spot};
use crate::pointer::Pointer;

/// How many places deep two versions are held against each other.
const DEEPEST: usize = 48;

/// How many pairs of places are held against each other. A schema that contains itself in several places has no end of
/// them.
const MOST: usize = 5_000;

/// When an operation runs: places are settled before values, and what has no counterpart comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Rename,
    Move,
    Part,
    Value,
    Drop,
    Add,
    Each,
}

/// One operation proposed.
#[derive(Debug, Clone)]
pub(super) struct Step {
    phase: Phase,
    body: Value,
    /// Why it is only likely, if it is.
    pub(super) guess: Option<String>,
    /// The operations on the items, for `each`.
    pub(super) inner: Vec<Step>,
}

impl Step {
    /// The operation as a document says it.
    pub(super) fn op(&self) -> Value {
        let mut op = self.body.clone();
        if let Some(each) = op.get_mut("each") {
            each["ops"] = self.inner.iter().map(Step::op).collect();
        }
        op
    }
}

/// What is proposed so far, and what is left open.
#[derive(Debug, Default)]
pub(super) struct Draft {
    steps: Vec<Step>,
    open: Vec<Open>,
    compared: Compared,
}

/// What was held against each other so far.
#[derive(Debug, Default)]
struct Compared {
    /// What both schemas say at the places above this one.
    above: Vec<(Map<String, Value>, Map<String, Value>)>,
    pairs: usize,
}

impl Draft {
    /// Proposes an operation that the schemas say themselves.
    pub(super) fn say(&mut self, phase: Phase, op: Value) {
        self.steps.push(Step { phase, body: op, guess: None, inner: Vec::new() });
    }

    /// Proposes an operation that is only likely.
    pub(super) fn guess(&mut self, phase: Phase, op: Value, why: impl Into<String>) {
        self.steps.push(Step { phase, body: op, guess: Some(why.into()), inner: Vec::new() });
    }

    /// Leaves something to the author.
    pub(super) fn leave(&mut self, at: &Pointer, why: impl Into<String>) {
        self.open.push(Open { at: at.clone(), why: why.into() });
    }

    /// Goes on to two places that are one; not where the same pair stands above already, for that is proposed there.
    /// A pair that is entered is [left](Draft::exit) again.
    pub(super) fn enter(&mut self, old: &Spot, new: &Spot) -> bool {
        let Compared { above, pairs } = &mut self.compared;
        if above.iter().any(|(before, after)| *before == old.node && *after == new.node) {
            return false;
        }
        *pairs += 1;
        if above.len() >= DEEPEST || *pairs > MOST {
            if *pairs <= MOST + 1 {
                self.leave(&new.at, "there is more here than is compared: see what changed below");
            }
            return false;
        }
        above.push((old.node.clone(), new.node.clone()));
        true
    }

    /// Comes back from what was entered last.
    pub(super) fn exit(&mut self) {
        self.compared.above.pop();
    }

    /// Drafts what is to be done to every item of a list; see [`each`](Draft::each).
    pub(super) fn items(&mut self) -> Draft {
        Draft { compared: std::mem::take(&mut self.compared), ..Draft::default() }
    }

    /// Proposes what was drafted for the items of a list.
    pub(super) fn each(&mut self, at: &Pointer, mut items: Draft) {
        self.compared = std::mem::take(&mut items.compared);
        let (inner, open) = items.finish();
        self.open
            .extend(open.into_iter().map(|left| Open { at: at.child("*").join(&left.at), ..left }));
        if !inner.is_empty() {
            let body = json!({"each": {"at": at}});
            self.steps.push(Step { phase: Phase::Each, body, guess: None, inner });
        }
    }

    /// The operations in the order they run.
    pub(super) fn finish(mut self) -> (Vec<Step>, Vec<Open>) {
        self.steps.sort_by_key(|step| step.phase);
        (self.steps, self.open)
    }
}
