//! A schema id is the number that travels with every message; the same schema has the same one in every subject.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

/// The id of a schema's content within a context: from 1 to 2^31-1, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SchemaId(NonZeroU32);

/// Why a number is no schema id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a schema id: expected a whole number from 1 to 2147483647")]
pub struct SchemaIdError(pub String);

impl SchemaId {
    /// The first id given.
    pub const FIRST: SchemaId = SchemaId(NonZeroU32::MIN);

    /// The number itself.
    pub fn number(self) -> u32 {
        self.0.get()
    }

    /// The one after this; none after 2^31-1.
    pub fn next(self) -> Option<SchemaId> {
        SchemaId::try_from(self.number().checked_add(1)?).ok()
    }
}

impl TryFrom<u32> for SchemaId {
    type Error = SchemaIdError;

    fn try_from(number: u32) -> Result<Self, SchemaIdError> {
        NonZeroU32::new(number)
            .filter(|number| i32::try_from(number.get()).is_ok())
            .map(SchemaId)
            .ok_or_else(|| SchemaIdError(number.to_string()))
    }
}

impl From<SchemaId> for u32 {
    fn from(id: SchemaId) -> u32 {
        id.number()
    }
}

impl FromStr for SchemaId {
    type Err = SchemaIdError;

    fn from_str(text: &str) -> Result<Self, SchemaIdError> {
        text.parse::<u32>()
            .ok()
            .and_then(|number| SchemaId::try_from(number).ok())
            .ok_or_else(|| SchemaIdError(text.to_owned()))
    }
}

impl fmt::Display for SchemaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
