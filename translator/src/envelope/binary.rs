//! Binary mode: attributes are `ce-` headers, the data are the body (CloudEvents HTTP binding, section 3.1).

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{Attribute, Attributes};
use crate::fault::{Code, Fault};

/// What precedes the name of every attribute.
pub const PREFIX: &str = "ce-";

/// What a header value must not hold as it is: everything outside `!` to `~`, the quote and the percent sign.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Reads the attributes out of the headers.
pub fn read(headers: &HeaderMap) -> Result<Attributes, Fault> {
    let mut attributes = Attributes::default();
    for (header, value) in headers {
        let Some(name) = header.as_str().strip_prefix(PREFIX) else { continue };
        let refused =
            |why: &str| Fault::new(Code::AttributeInvalid, format!("the header `{header}` {why}"));
        let text = value.to_str().map_err(|_| refused("is not visible ASCII"))?;
        let text = decode(text).ok_or_else(|| refused("does not decode to UTF-8"))?;
        if attributes.insert(name.to_owned(), Attribute::Text(text)).is_some() {
            return Err(refused("stands twice"));
        }
    }
    Ok(attributes)
}

/// Writes the attributes into the headers.
pub fn write(attributes: &Attributes, headers: &mut HeaderMap) -> Result<(), Fault> {
    for (name, attribute) in attributes.iter() {
        let refused = || {
            let detail = format!("the attribute `{name}` has a name that no header can have");
            Fault::new(Code::AttributeInvalid, detail)
        };
        let header = HeaderName::try_from(format!("{PREFIX}{name}")).map_err(|_| refused())?;
        let value = encode(attribute.as_str());
        headers.insert(header, HeaderValue::from_str(&value).map_err(|_| refused())?);
    }
    Ok(())
}

/// A text as a header carries it.
pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ENCODED).into()
}

/// The text a header carries: first unquoted, then percent-decoded once.
pub fn decode(value: &str) -> Option<String> {
    let unquoted = match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => Cow::Owned(unescape(quoted)),
        None => Cow::Borrowed(value),
    };
    percent_decode_str(&unquoted).decode_utf8().ok().map(Cow::into_owned)
}

/// A quoted string without its backslashes (RFC 9110, section 5.6.4).
fn unescape(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        out.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_binding_are_read() {
        assert_eq!(decode("Euro%20%E2%82%AC%20%F0%9F%98%80").unwrap(), "Euro € 😀");
        assert_eq!(decode(r#""a \"b\" c""#).unwrap(), r#"a "b" c"#);
        assert_eq!(decode("100%").unwrap(), "100%");
        assert_eq!(decode("%FF"), None);
    }

    proptest! {
        #[test]
        fn any_text_survives_a_header(text in ".*") {
            let value = encode(&text).into_owned();

            prop_assert!(HeaderValue::from_str(&value).is_ok());
            prop_assert!(value.is_ascii());
            prop_assert_eq!(decode(&value).unwrap(), text);
        }
    }
}
