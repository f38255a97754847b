//! An event as the bytes that came: read once and strictly, then looked into without being parsed.
//!
//! [`RawEvent::read`] goes through every byte: what is not JSON, has a key twice or is nested too deep is refused wholly,
//! wherever in the event it stands. [`read_value`](crate::schema::read_value) is the same, with the value made. What it
//! keeps is a *tape*: one entry for every value and key, with where it begins and ends in the text. Whoever asks for a
//! value walks the tape; whoever wants it written out again copies its slice of the text, byte for byte.
//!
//! | in the text | is |
//! |---|---|
//! | invalid UTF-8, a control character in a string, a lone surrogate (`"\ud800"`) | refused: not JSON |
//! | the same key twice in one object, however it is spelled (`"a"` and `"\u0061"`) | refused: duplicate key |
//! | more than [`MAX_DEPTH`] arrays and objects in each other | refused: too deep |
//! | a number of any size and precision (`1e999`, 5,000 digits) | taken, and kept as it is spelled |
//! | one of the two keys that `serde_json` uses for itself (`$serde_json::private::…`) | refused: it would be read as a number |

mod error;
mod scan;
mod tape;
mod text;

pub use self::error::{MAX_DEPTH, TextError};
use self::tape::Tape;
pub(crate) use self::tape::{Kind, Part};

/// An event that was read from its bytes: well-formed JSON, untouched. See the [module](self) for what is refused.
///
/// ```
/// use stele_evolution::raw::RawEvent;
///
/// let event = RawEvent::read(br#"{ "total": 1.10 }"#)?;
/// assert_eq!(event.to_value()["total"].to_string(), "1.10");
///
/// assert!(RawEvent::read(br#"{"a": 1, "a": 2}"#).is_err());
/// # Ok::<(), stele_evolution::schema::TextError>(())
/// ```
#[derive(Debug)]
pub struct RawEvent<'e>(Tape<'e>);

impl<'e> RawEvent<'e> {
    /// Reads an event; every byte is looked at.
    pub fn read(bytes: &'e [u8]) -> Result<Self, TextError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            scan::not_json(before, "not UTF-8")
        })?;
        RawEvent::of(text)
    }

    /// Reads an event from its text.
    pub fn of(text: &'e str) -> Result<Self, TextError> {
        scan::scan(text).map(RawEvent)
    }

    /// The text it was read from.
    pub fn text(&self) -> &'e str {
        self.0.text()
    }

    /// The event as a parsed value.
    pub fn to_value(&self) -> serde_json::Value {
        self.root().to_value()
    }

    /// How deep its arrays and objects are nested.
    pub(crate) fn depth(&self) -> usize {
        self.0.depth()
    }

    /// The whole event.
    pub(crate) fn root(&self) -> Part<'_> {
        Part::root(&self.0)
    }
}

#[cfg(test)]
mod tests;
