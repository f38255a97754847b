//! A kind says what the messages of a subject are, and so what its schema may do unless told otherwise.

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
