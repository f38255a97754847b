//! A mode says what may be done at all with a subject, a context or the whole registry.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What may be done.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    /// Everything.
    #[default]
    ReadWrite,
    /// Nothing is changed.
    ReadOnly,
    /// Nothing is changed anywhere below, whatever is set there.
    #[serde(rename = "READONLY_OVERRIDE")]
    ReadOnlyOverride,
    /// Schemas come from another registry, with their ids and versions, and are not judged.
    Import,
}

/// Why a text is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mode: expected READWRITE, READONLY, READONLY_OVERRIDE or IMPORT")]
pub struct ModeError(pub String);

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 4] =
        [Mode::ReadWrite, Mode::ReadOnly, Mode::ReadOnlyOverride, Mode::Import];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::ReadWrite => "READWRITE",
            Mode::ReadOnly => "READONLY",
            Mode::ReadOnlyOverride => "READONLY_OVERRIDE",
            Mode::Import => "IMPORT",
        }
    }

    /// Whether nothing may be changed.
    pub fn is_read_only(self) -> bool {
        matches!(self, Mode::ReadOnly | Mode::ReadOnlyOverride)
    }
}

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Self, ModeError> {
        let named = Mode::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(text));
        named.ok_or_else(|| ModeError(text.to_owned()))
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_written_as_it_is_read() {
        for mode in Mode::ALL {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("readwrite".parse(), Ok(Mode::ReadWrite));
        assert_eq!("WRITEONLY".parse::<Mode>(), Err(ModeError("WRITEONLY".into())));
    }
}
