//! What a check found wrong, on its way to a [`Rejection`].

use serde_json::Value;

use crate::{lens::Rejection, pointer::Pointer};

/// One thing that is wrong.
pub(super) struct Finding {
    pub(super) op: Option<usize>,
    pub(super) pointer: Pointer,
    pub(super) input: Option<Value>,
    pub(super) output: Option<Value>,
    pub(super) error: String,
    pub(super) hint: String,
}

impl Finding {
    pub(super) fn new(op: Option<usize>, pointer: &Pointer, error: impl Into<String>) -> Self {
        Finding {
            op,
            pointer: pointer.clone(),
            input: None,
            output: None,
            error: error.into(),
            hint: String::new(),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn shown(mut self, input: &Value, output: Option<&Value>) -> Self {
        self.input = Some(input.clone());
        self.output = output.cloned();
        self
    }

    pub(super) fn refuse(self) -> Box<Rejection> {
        let Finding { op, pointer, input, output, error, hint } = self;
        Box::new(Rejection { op, pointer, input, output, error, hint })
    }
}
