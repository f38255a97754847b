//! YAML as JSON: the part of YAML that a JSON document could say, with numbers kept digit by digit.
//!
//! A plain scalar is what the same text is in JSON (`null`, `true`, `12`, `1.10`), otherwise a string; `~` and nothing
//! are null. Anchors, aliases, tags and several documents have no meaning here and are refused, and so is a key that
//! stands twice.

use serde_json::{Map, Number, Value};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

use super::{LensError, number};
use crate::schema::MAX_DEPTH;

/// Reads one YAML document.
pub(super) fn read(text: &str) -> Result<Value, LensError> {
    let mut reader = Reader { events: Parser::new_from_str(text) };
    let first = reader.next()?;
    let value = match first.0 {
        Event::StreamEnd => return Err(at(&first.1, "the document is empty")),
        event => reader.value((event, first.1), 0)?,
    };
    match reader.next()? {
        (Event::StreamEnd, _) => Ok(value),
        (_, span) => Err(at(&span, "a lens is one document, and here a second begins")),
    }
}

/// An event of the parser and where it stands.
type Token<'t> = (Event<'t>, Span);

struct Reader<I> {
    events: I,
}

impl<'t, I> Reader<I>
where
    I: Iterator<Item = Result<Token<'t>, serde_saphyr::granit_parser::ScanError>>,
{
    /// The next event that says something.
    fn next(&mut self) -> Result<Token<'t>, LensError> {
        loop {
            match self.events.next() {
                None => return Ok((Event::StreamEnd, Span::default())),
                Some(Err(error)) => {
                    let mark = error.marker();
                    return Err(LensError::text(mark.line(), mark.col() + 1, error.info()));
                }
                Some(Ok((
                    Event::StreamStart
                    | Event::DocumentStart(..)
                    | Event::DocumentEnd
                    | Event::Comment(..),
                    _,
                ))) => {}
                Some(Ok(token)) => return Ok(token),
            }
        }
    }

    fn value(&mut self, (event, span): Token<'t>, depth: usize) -> Result<Value, LensError> {
        if depth > MAX_DEPTH {
            return Err(at(&span, "nested too deep"));
        }
        match event {
            Event::Scalar(text, style, 0, None) => Ok(scalar(&text, style)),
            Event::SequenceStart(_, 0, None) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                        token => items.push(self.value(token, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(_, 0, None) => {
                let mut members = Map::new();
                loop {
                    let (key, place) = match self.next()? {
                        (Event::MappingEnd, _) => return Ok(Value::Object(members)),
                        (Event::Scalar(key, _, 0, None), place) => (key.into_owned(), place),
                        (_, place) => return Err(at(&place, "a key must be a plain text")),
                    };
                    let token = self.next()?;
                    let value = self.value(token, depth + 1)?;
                    if members.insert(key.clone(), value).is_some() {
                        return Err(at(&place, &format!("the key `{key}` stands twice")));
                    }
                }
            }
            _ => Err(at(&span, "anchors, aliases and tags have no meaning in a lens")),
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number if number::is_json(number) => {
            number.parse::<Number>().map_or_else(|_| text.into(), Value::Number)
        }
        text => text.into(),
    }
}

fn at(span: &Span, message: &str) -> LensError {
    LensError::text(span.start.line(), span.start.col() + 1, message.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "a: 1.10\nb: [x, 'y', ~, true]\nc: { d: 12345678901234567890123, \"e\": \"1\" } # note\n";

        let value = read(yaml).unwrap();

        let json =
            r#"{"a":1.10,"b":["x","y",null,true],"c":{"d":12345678901234567890123,"e":"1"}}"#;
        assert_eq!(value.to_string(), json);
    }

    #[test]
    fn what_json_could_not_say_is_refused() {
        for text in
            ["a: 1\na: 2", "a: &x 1", "a: !!str 1", "--- 1\n--- 2", "? [1]\n: 2", "", "a: ["]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read("plain text").unwrap(), json!("plain text"));
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        assert!(read(&"[".repeat(10_000)).is_err());
    }
}
