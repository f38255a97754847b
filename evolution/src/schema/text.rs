//! The text of a schema: read strictly, written canonically.
//!
//! Strict means that two readers cannot read it differently: no duplicate key (RFC 8259, section 4 leaves their
//! meaning open), no nesting beyond [`MAX_DEPTH`].

use std::{collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The deepest nesting read, in arrays and objects.
pub const MAX_DEPTH: usize = 127;

/// Why a text is not JSON that Stele reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No JSON at all.
    #[error("not JSON at line {line}, column {column}: {message}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser expected.
        message: String,
    },
    /// One object has the same key twice.
    #[error("the key `{0}` stands twice in one object")]
    DuplicateKey(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl From<serde_json::Error> for TextError {
    fn from(error: serde_json::Error) -> Self {
        let message = error.to_string();
        // serde_json gives these two no kind of their own.
        if message.starts_with("recursion limit exceeded") {
            return TextError::TooDeep;
        }
        if let Some(key) =
            message.strip_prefix(DUPLICATE).and_then(|rest| rest.rsplit_once(" at line "))
        {
            return TextError::DuplicateKey(key.0.to_owned());
        }
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        TextError::NotJson { line: error.line(), column: error.column(), message }
    }
}

/// Reads JSON strictly.
pub fn read_value(text: &str) -> Result<Value, TextError> {
    serde_json::from_str::<Distinct>(text)?;
    Ok(serde_json::from_str(text)?)
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

const DUPLICATE: &str = "duplicate key: ";

/// Any JSON in which no object has the same key twice.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Distinct, A::Error> {
        while items.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Distinct, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            // How serde_json carries a number of arbitrary precision through `deserialize_any`.
            if key == "$serde_json::private::Number" {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            members.next_value::<Distinct>()?;
            if let Some(key) = seen.replace(key) {
                return Err(serde::de::Error::custom(format_args!("{DUPLICATE}{key}")));
            }
        }
        Ok(Distinct)
    }
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
