//! A selector names one version of a subject: by number, by release, by a range, or the latest.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use stele_evolution::version::{Release, Version};

/// Which version of a subject is meant.
///
/// ```
/// use stele_api::selector::Selector;
///
/// for text in ["latest", "3", "1.4.2", "^1.2"] {
///     assert_eq!(text.parse::<Selector>()?.to_string(), text);
/// }
/// # Ok::<(), stele_api::selector::SelectorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Selector {
    /// The newest.
    Latest,
    /// The one with this number.
    Number(Version),
    /// The one with this release.
    Release(Release),
    /// The newest whose release is in this range.
    Range(semver::VersionReq),
}

/// Why a text selects no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` selects no version: expected `latest`, a number such as `3`, a release such as `1.4.2`, or a range such as `^1.2`"
)]
pub struct SelectorError(pub String);

impl From<Version> for Selector {
    fn from(version: Version) -> Self {
        Selector::Number(version)
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        if text == "latest" {
            return Ok(Selector::Latest);
        }
        let refused = || SelectorError(text.to_owned());
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Selector::Number).map_err(|_| refused());
        }
        if let Ok(release) = text.parse() {
            return Ok(Selector::Release(release));
        }
        // A bare `1.2` is left out: it could mean a release written short, or a range.
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(refused());
        }
        text.parse().map(Selector::Range).map_err(|_| refused())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Latest => f.write_str("latest"),
            Selector::Number(version) => version.fmt(f),
            Selector::Release(release) => release.fmt(f),
            Selector::Range(range) => range.fmt(f),
        }
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        text.parse()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> String {
        selector.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_selects_nothing_is_refused() {
        for text in ["", "0", "-1", "1.2", "v1.2.3", "2147483648", "newest"] {
            assert_eq!(text.parse::<Selector>(), Err(SelectorError(text.into())));
        }
    }
}
