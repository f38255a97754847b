//! What a check of a lens answers: how sure it is, or why the lens is refused.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::pointer::Pointer;

/// How sure it is that the lens carries every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Both directions are proved.
    Proven,
    /// Nothing broke on this many events, both directions together.
    Tested(u32),
}

impl Assurance {
    /// Whether it is enough where only a proof counts: where an edge that was merely tested is refused.
    pub fn is_proven(self) -> bool {
        self == Assurance::Proven
    }
}

/// Why a lens is refused, with the event that shows it where there is one.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{}`{pointer}`: {error}", op.map(|op| format!("op {op} at ")).unwrap_or_default())]
pub struct Rejection {
    /// The operation at fault, as its place in `ops` from 0, where one can be named.
    pub op: Option<usize>,
    /// Where, in the event (or in the schema's terms for it).
    pub pointer: Pointer,
    /// An event that shows it.
    pub input: Option<Value>,
    /// What the lens made of that event.
    pub output: Option<Value>,
    /// What is wrong, in a sentence.
    pub error: String,
    /// What to do about it, in a sentence.
    pub hint: String,
}

impl Rejection {
    pub(super) fn found(
        op: Option<usize>,
        pointer: &Pointer,
        error: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Rejection {
            op,
            pointer: pointer.clone(),
            input: None,
            output: None,
            error: error.into(),
            hint: String::new(),
        })
    }

    pub(super) fn with_hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = hint.into();
        self
    }

    pub(super) fn shown(mut self: Box<Self>, input: &Value, output: Option<&Value>) -> Box<Self> {
        self.input = Some(input.clone());
        self.output = output.cloned();
        self
    }

    /// The same, said of a circumstance.
    pub(super) fn during(mut self: Box<Self>, circumstance: &str) -> Box<Self> {
        self.error = format!("{circumstance}: {}", self.error);
        self
    }
}
