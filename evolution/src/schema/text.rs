//! The text of a schema: read strictly, written canonically.
//!
//! Strict means that two readers cannot read it differently: no duplicate key (RFC 8259, section 4 leaves their
//! meaning open), no nesting beyond [`MAX_DEPTH`](super::MAX_DEPTH).

use serde_json::Value;

use crate::raw::{RawEvent, TextError};

/// Reads JSON strictly.
pub fn read_value(text: &str) -> Result<Value, TextError> {
    RawEvent::of(text).map(|event| event.to_value())
}

/// The text without white space, strings spelled one way, numbers and the order of keys as written.
///
/// ```
/// use stele_evolution::schema::compact;
///
/// assert_eq!(compact(r#"{ "b": 1.10, "\u0061": [ ] }"#).unwrap(), r#"{"b":1.10,"a":[]}"#);
/// ```
pub fn compact(text: &str) -> Result<String, TextError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        out.extend(rest[..start].chars().filter(|c| !c.is_ascii_whitespace()));
        let mut strings = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<String>();
        let Some(string) = strings.next().transpose()? else { break };
        out.push_str(&Value::String(string).to_string());
        rest = &rest[start + strings.byte_offset()..];
    }
    out.extend(rest.chars().filter(|c| !c.is_ascii_whitespace()));
    Ok(out)
}

/// The canonical text with the keys of every object sorted: what `normalize=true` asks for.
pub fn normalize(text: &str) -> Result<String, TextError> {
    Ok(read_value(text)?.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let text = "[12345678901234567890123,1.10,1e+400]";

        assert_eq!(read_value(text).unwrap().to_string(), text);
    }

    #[test]
    fn a_duplicate_is_found_at_any_depth() {
        let error = read_value(r#"{"a":[{"b":1,"c":2,"b":3}]}"#).unwrap_err();

        assert_eq!(error, TextError::DuplicateKey("b".into()));
    }

    proptest! {
        #[test]
        fn compacting_keeps_the_value_and_is_done_once(key in ".*", text in ".*", number in any::<i64>()) {
            let value = serde_json::json!({key: [text, number, null]});
            let spaced = serde_json::to_string_pretty(&value).unwrap();

            let compacted = compact(&spaced).unwrap();

            prop_assert_eq!(&read_value(&compacted).unwrap(), &value);
            prop_assert_eq!(compact(&compacted).unwrap(), compacted);
        }
    }
}
