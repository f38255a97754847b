//! A search finds subjects by the words that people remember of them.

use serde::{Deserialize, Serialize};
use stele_evolution::version::Version;

use crate::{kind::Kind, subject::Subject};

/// What a search has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The subjects in which every word occurs, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
}

/// A subject in which every word occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The subject.
    pub subject: Subject,
    /// What its messages are.
    pub kind: Kind,
    /// Its newest version; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Version>,
    /// Where the words occur.
    pub matches: Vec<Match>,
}

/// One place in which a word occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// What kind of place.
    #[serde(rename = "in")]
    pub place: Place,
    /// The text there: the name, the tag, the description.
    pub text: String,
}

/// Where a word may occur, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the subject's name.
    Name,
    /// In a tag.
    Tag,
    /// In the name of a property of the newest version, at any depth.
    Property,
    /// In the owner's name.
    Owner,
    /// In the description.
    Description,
}
