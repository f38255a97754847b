//! The operations of a proposal while it is made, in the order they will run.

use serde_json::{Value, json};

use super::Open;
use crate::pointer::Pointer;

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

    /// Proposes what was drafted for the items of a list.
    pub(super) fn each(&mut self, at: &Pointer, items: Draft) {
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
