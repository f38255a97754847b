//! A version numbers one schema of a subject: 1, 2, 3..., never reused. A release says the same in semver.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

/// The number of one schema within its subject, from 1 to 2^31-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Version(NonZeroU32);

/// The semantic version of a schema within its subject (spec verdicts, section 4).
pub type Release = semver::Version;

/// Why a number is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version: expected a whole number from 1 to 2147483647")]
pub struct VersionError(pub String);

impl Version {
    /// The first version of every subject.
    pub const FIRST: Version = Version(NonZeroU32::MIN);

    /// The number itself.
    pub fn number(self) -> u32 {
        self.0.get()
    }

    /// The last one there can be: 2^31-1.
    pub const LAST: Version = match NonZeroU32::new(2_147_483_647) {
        Some(number) => Version(number),
        None => Version::FIRST,
    };

    /// The one after this; [`Version::LAST`] stays itself.
    #[must_use]
    pub fn next(self) -> Version {
        Version::try_from(self.number().saturating_add(1)).unwrap_or(Version::LAST)
    }
}

impl TryFrom<u32> for Version {
    type Error = VersionError;

    fn try_from(number: u32) -> Result<Self, VersionError> {
        NonZeroU32::new(number)
            .filter(|number| i32::try_from(number.get()).is_ok())
            .map(Version)
            .ok_or_else(|| VersionError(number.to_string()))
    }
}

impl From<Version> for u32 {
    fn from(version: Version) -> u32 {
        version.number()
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        text.parse::<u32>()
            .ok()
            .and_then(|number| Version::try_from(number).ok())
            .ok_or_else(|| VersionError(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
