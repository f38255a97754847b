//! A level is the name of a policy, as configuration and requests spell it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a new version may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Anything.
    None,
    /// The new version reads the newest old events.
    Backward,
    /// The new version reads all old events.
    BackwardTransitive,
    /// The newest old version reads new events.
    Forward,
    /// All old versions read new events.
    ForwardTransitive,
    /// Both, with the newest.
    Full,
    /// Both, with all.
    FullTransitive,
    /// Only add: the default (spec verdicts, section 3).
    #[default]
    AdditionsOnly,
    /// Only add, or ship with a lens that was checked.
    Translatable,
}

/// Why a text is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a compatibility level: expected one of ADDITIONS_ONLY, TRANSLATABLE, NONE, BACKWARD, FORWARD, FULL, or one of the last three with _TRANSITIVE"
)]
pub struct LevelError(pub String);

impl Level {
    /// Every level, in the order documentation lists them.
    pub const ALL: [Level; 9] = [
        Level::AdditionsOnly,
        Level::Translatable,
        Level::None,
        Level::Backward,
        Level::BackwardTransitive,
        Level::Forward,
        Level::ForwardTransitive,
        Level::Full,
        Level::FullTransitive,
    ];

    /// The name as configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "NONE",
            Level::Backward => "BACKWARD",
            Level::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Level::Forward => "FORWARD",
            Level::ForwardTransitive => "FORWARD_TRANSITIVE",
            Level::Full => "FULL",
            Level::FullTransitive => "FULL_TRANSITIVE",
            Level::AdditionsOnly => "ADDITIONS_ONLY",
            Level::Translatable => "TRANSLATABLE",
        }
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        Level::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| LevelError(text.to_owned()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
