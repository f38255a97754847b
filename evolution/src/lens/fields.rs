//! Reading one object of the document: known keys only, every complaint with its place.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::{LensError, hint};
use crate::pointer::Pointer;

/// The members of one object, each to be asked for once; [`Fields::done`] refuses what nobody asked for.
pub(super) struct Fields<'d> {
    at: Pointer,
    members: &'d Map<String, Value>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d> Fields<'d> {
    pub(super) fn of(at: &Pointer, value: &'d Value) -> Result<Self, LensError> {
        match value {
            Value::Object(members) => {
                Ok(Fields { at: at.clone(), members, known: RefCell::default() })
            }
            other => Err(LensError::at(at, format!("expected an object, found {}", kind(other)))),
        }
    }

    /// Where the object, or one of its members, is in the document.
    pub(super) fn place(&self, key: &str) -> Pointer {
        self.at.child(key)
    }

    pub(super) fn optional(&self, key: &'static str) -> Option<&'d Value> {
        self.known.borrow_mut().push(key);
        self.members.get(key)
    }

    pub(super) fn required(&self, key: &'static str) -> Result<&'d Value, LensError> {
        self.optional(key).ok_or_else(|| self.wrong(format!("`{key}` is missing")))
    }

    pub(super) fn text(&self, key: &'static str) -> Result<&'d str, LensError> {
        self.as_text(key, self.required(key)?)
    }

    pub(super) fn as_text(&self, key: &str, value: &'d Value) -> Result<&'d str, LensError> {
        value.as_str().ok_or_else(|| {
            let message = format!("expected a text, found {}", kind(value));
            LensError::at(&self.place(key), message)
        })
    }

    pub(super) fn flag(&self, key: &'static str) -> Result<bool, LensError> {
        match self.optional(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(LensError::at(
                &self.place(key),
                format!("expected true or false, found {}", kind(other)),
            )),
        }
    }

    pub(super) fn list(&self, key: &'static str) -> Result<&'d [Value], LensError> {
        self.as_list(key, self.required(key)?)
    }

    pub(super) fn as_list(&self, key: &str, value: &'d Value) -> Result<&'d [Value], LensError> {
        match value {
            Value::Array(items) => Ok(items),
            other => Err(LensError::at(
                &self.place(key),
                format!("expected a list, found {}", kind(other)),
            )),
        }
    }

    pub(super) fn pointer(&self, key: &'static str) -> Result<Pointer, LensError> {
        pointer(&self.place(key), self.required(key)?)
    }

    /// A list of pointers; nothing where the key is absent.
    pub(super) fn pointers(&self, key: &'static str) -> Result<Vec<Pointer>, LensError> {
        let Some(value) = self.optional(key) else { return Ok(Vec::new()) };
        let place = self.place(key);
        let items = self.as_list(key, value)?.iter().enumerate();
        items.map(|(index, item)| pointer(&place.child(index.to_string()), item)).collect()
    }

    pub(super) fn wrong(&self, message: impl Into<String>) -> LensError {
        LensError::at(&self.at, message)
    }

    /// Refuses any member that was never asked for.
    pub(super) fn done(self) -> Result<(), LensError> {
        let known = self.known.into_inner();
        match self.members.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let hint = hint::did_you_mean(unknown, known.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", hint::listed(known)));
                Err(LensError::at(&self.at.child(unknown), format!("unknown key `{unknown}`"))
                    .with_hint(hint))
            }
        }
    }
}

fn pointer(place: &Pointer, value: &Value) -> Result<Pointer, LensError> {
    let Value::String(text) = value else {
        return Err(LensError::at(place, format!("expected a pointer, found {}", kind(value))));
    };
    text.parse().map_err(|error: crate::pointer::PointerError| {
        LensError::at(place, error.to_string()).with_hint(format!("write `/{text}`"))
    })
}

/// What a value is, in a word with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
