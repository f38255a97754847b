//! A kind says what the messages of a subject are, and so what its schema may do unless told otherwise.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use stele_evolution::policy::Level;

/// What the messages of a subject are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something that happened; kept and read for years.
    #[default]
    Event,
    /// Something asked for; its one handler upgrades first.
    Command,
    /// A snapshot of an aggregate; old ones must replay.
    State,
}

/// Why a text is no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind: expected `event`, `command` or `state`")]
pub struct KindError(pub String);

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        match text {
            "event" => Ok(Kind::Event),
            "command" => Ok(Kind::Command),
            "state" => Ok(Kind::State),
            other => Err(KindError(other.to_owned())),
        }
    }
}

impl Kind {
    /// The level of a subject of this kind for which none was set, nor for its context, nor globally; `None` where the
    /// server's own default holds.
    pub fn default_level(self) -> Option<Level> {
        match self {
            Kind::Event => None,
            Kind::Command | Kind::State => Some(Level::BackwardTransitive),
        }
    }
}
