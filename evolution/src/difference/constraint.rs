//! Keywords that bound a value: which way a change moves the bound.

use serde_json::Value;

use crate::schema::normal::rational;

/// Which way a constraint moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    Tightened,
    Loosened,
    Changed,
}

impl Moved {
    pub fn kind(self) -> &'static str {
        match self {
            Moved::Tightened => "constraint_tightened",
            Moved::Loosened => "constraint_loosened",
            Moved::Changed => "constraint_changed",
        }
    }
}

/// Keywords compared as a whole: what they hold is no place that an event's member or item has of its own.
pub(super) const WHOLE: [&str; 25] = [
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "not",
    "if",
    "contentEncoding",
    "contentMediaType",
    "format",
    "contains",
];

/// Which way `keyword` moved from `old` to `new`.
pub(super) fn moved(keyword: &str, old: &Value, new: &Value) -> Moved {
    let numbers = match (old, new) {
        (Value::Number(old), Value::Number(new)) => {
            rational(old.as_str()).zip(rational(new.as_str()))
        }
        _ => None,
    };
    let Some((old, new)) = numbers else { return Moved::Changed };
    match keyword {
        keyword if keyword.starts_with("min") || keyword == "exclusiveMinimum" => {
            if new > old {
                Moved::Tightened
            } else {
                Moved::Loosened
            }
        }
        keyword if keyword.starts_with("max") || keyword == "exclusiveMaximum" => {
            if new < old {
                Moved::Tightened
            } else {
                Moved::Loosened
            }
        }
        "multipleOf" if (&new / &old).is_integer() => Moved::Tightened,
        "multipleOf" if (old / new).is_integer() => Moved::Loosened,
        _ => Moved::Changed,
    }
}
