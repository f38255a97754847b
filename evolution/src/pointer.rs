//! A JSON Pointer (RFC 6901), read once into its tokens.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where something is inside a JSON document; `""` is the whole document.
///
/// Displayed and serialised in the string form of RFC 6901, section 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(Vec<String>);

/// Why a text is no JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a JSON pointer: expected `/` before every part, `~` only as `~0` or `~1`")]
pub struct PointerError(pub String);

impl Pointer {
    /// The whole document.
    pub fn root() -> Self {
        Pointer::default()
    }

    /// The tokens, unescaped.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }

    /// This place, one step further down.
    #[must_use]
    pub fn child(&self, token: impl Into<String>) -> Pointer {
        let mut tokens = self.0.clone();
        tokens.push(token.into());
        Pointer(tokens)
    }

    /// This place followed by `rest`.
    #[must_use]
    pub fn join(&self, rest: &Pointer) -> Pointer {
        Pointer(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// The place this one is directly in, and the last token; `None` at the root.
    pub fn split_last(&self) -> Option<(Pointer, &str)> {
        let (last, parents) = self.0.split_last()?;
        Some((Pointer(parents.to_vec()), last))
    }

    /// Whether `other` is this place or inside it.
    pub fn contains(&self, other: &Pointer) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The value at this place.
    pub fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(items) => items.get(index(token)?),
            _ => None,
        })
    }
}

/// An array index as RFC 6901 spells it: no sign, no leading zero.
fn index(token: &str) -> Option<usize> {
    let canonical =
        token == "0" || !token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit());
    canonical.then(|| token.parse().ok()).flatten()
}

/// One token as it stands inside a pointer's text.
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

impl<T: Into<String>> FromIterator<T> for Pointer {
    fn from_iter<I: IntoIterator<Item = T>>(tokens: I) -> Self {
        Pointer(tokens.into_iter().map(Into::into).collect())
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Pointer::root());
        }
        let refused = || PointerError(text.to_owned());
        let tokens = text.strip_prefix('/').ok_or_else(refused)?;
        tokens
            .split('/')
            .map(|token| unescape(token).ok_or_else(refused))
            .collect::<Result<_, _>>()
            .map(Pointer)
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        match character {
            '~' => match characters.next()? {
                '0' => out.push('~'),
                '1' => out.push('/'),
                _ => return None,
            },
            other => out.push(other),
        }
    }
    Some(out)
}

impl TryFrom<String> for Pointer {
    type Error = PointerError;

    fn try_from(text: String) -> Result<Self, PointerError> {
        text.parse()
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> String {
        pointer.to_string()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| write!(f, "/{}", escape(token)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_finds_what_rfc_6901_says() {
        let document = json!({"a/b": [{"m~n": 1}], "": 2});

        let found = |text: &str| text.parse::<Pointer>().unwrap().find(&document).cloned();

        assert_eq!(found("/a~1b/0/m~0n"), Some(json!(1)));
        assert_eq!(found("/"), Some(json!(2)));
        assert_eq!(found("/a~1b/00"), None);
        assert_eq!(found("/a~1b/-"), None);
    }

    #[test]
    fn a_stray_tilde_is_refused() {
        assert_eq!("/a~2".parse::<Pointer>(), Err(PointerError("/a~2".into())));
        assert_eq!("a".parse::<Pointer>(), Err(PointerError("a".into())));
    }

    proptest! {
        #[test]
        fn text_and_tokens_say_the_same(tokens in proptest::collection::vec(".*", 0..5)) {
            let pointer: Pointer = tokens.into_iter().collect();

            prop_assert_eq!(pointer.to_string().parse::<Pointer>().unwrap(), pointer);
        }
    }
}
