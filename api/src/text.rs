//! JSON kept as the text it was written in: key order and numbers survive.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON text inside a request or an answer. Well formed, otherwise untouched; its key order is part of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// Takes a text that is JSON.
    pub fn new(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(JsonText)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Body {
        schema: JsonText,
    }

    #[test]
    fn the_order_of_keys_and_every_digit_stay() {
        let text = r#"{"schema":{"type":"object","b":1.10,"a":12345678901234567890123}}"#;

        let body: Body = serde_json::from_str(text).unwrap();

        assert_eq!(serde_json::to_string(&body).unwrap(), text);
    }
}
