//! The values of an `enum`, found by what they say: 1, 1.0 and 1e0 are one.

use std::{collections::HashSet, sync::Arc};

use serde_json::Value;

use super::rational;

/// A list of values and their keys.
#[derive(Debug, Clone)]
pub(crate) struct Listed(Arc<(Vec<Value>, HashSet<String>)>);

impl Listed {
    pub fn new(values: Vec<Value>) -> Self {
        let keys = values.iter().map(key).collect();
        Listed(Arc::new((values, keys)))
    }

    /// As written.
    pub fn values(&self) -> &[Value] {
        &self.0.0
    }

    /// Whether a value equal to `value` is in the list.
    pub fn has(&self, value: &Value) -> bool {
        self.0.1.contains(&key(value))
    }
}

/// Equal for equal JSON values, numbers by what they say; different for different ones.
fn key(value: &Value) -> String {
    match value {
        Value::Number(number) => match rational(number.as_str()) {
            Some(exact) => exact.to_string(),
            None => number.to_string(),
        },
        Value::Array(items) => format!("[{}]", items.iter().map(key).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), key(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}
