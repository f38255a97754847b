//! The settings of a subject: what its `subject.yaml` says beside its schemas.

use std::collections::BTreeMap;

use serde::Deserialize;
use stele_api::kind::Kind;
use stele_evolution::{containment::ContentModel, policy::Level, version::Version};

/// What a `subject.yaml` says. Whatever is left out is as the registry, or the command line, has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Its name, where the folder does not say it.
    pub subject: Option<String>,
    /// The bounded context that owns it, where the folder does not say it.
    pub context: Option<String>,
    /// What kind of messages it has.
    pub kind: Option<Kind>,
    /// What a new version may do.
    pub compatibility: Option<Level>,
    /// What the documents mean for the events that flow.
    pub content_model: Option<ContentModel>,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What the `$ref`s of its schemas lead to, where neither a path nor an `$id` says so.
    #[serde(default)]
    pub references: BTreeMap<String, Wanted>,
}

/// A version of another subject, written `Money@2`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Wanted {
    /// The subject.
    pub subject: String,
    /// Its version.
    pub version: Version,
}

impl TryFrom<String> for Wanted {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wanted = text.rsplit_once('@').and_then(|(subject, version)| {
            Some(Wanted { subject: subject.to_owned(), version: version.parse().ok()? })
        });
        wanted
            .ok_or_else(|| format!("expected a subject and a version, as `Money@2`, not `{text}`"))
    }
}

/// Why a text is not the settings of a subject.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl Settings {
    /// Reads a `subject.yaml`.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        serde_saphyr::from_str(text).map_err(|error| SettingsError(complaint(&error)))
    }

    /// The level it is held to, where it says so itself or by its kind (spec verdicts, section 3).
    pub fn level(&self) -> Option<Level> {
        self.compatibility.or_else(|| self.kind.and_then(Kind::default_level))
    }
}

/// What is wrong with a YAML text, in one sentence.
pub fn complaint(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_implies_a_level_unless_one_is_written() {
        let command = Settings::parse("kind: command\nowner: checkout").unwrap();
        let translated = Settings::parse("kind: event\ncompatibility: TRANSLATABLE").unwrap();

        assert_eq!(command.level(), Some(Level::BackwardTransitive));
        assert_eq!(translated.level(), Some(Level::Translatable));
    }

    #[test]
    fn a_typo_is_refused() {
        assert!(Settings::parse("compatability: FULL").is_err());
    }
}
