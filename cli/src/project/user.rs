//! What a person says once for all projects: `stele/config.yaml` in the folder for settings.

use std::{env, path::PathBuf};

use serde::Deserialize;

use super::{ProjectError, TextError};
use crate::source::{SourceError, complaint, file};

/// What the file of a user says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct User {
    pub(super) registry: Option<String>,
    pub(super) color: Option<String>,
    pub(super) format: Option<String>,
    pub(super) fail_on: Option<String>,
    pub(super) dialect: Option<String>,
}

/// Where the file is, if there is a place for it.
pub(super) fn path() -> Option<PathBuf> {
    let folder =
        |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let settings = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?;
    Some(settings.join("stele").join("config.yaml"))
}

/// Reads it; one that is not there says nothing.
pub(super) fn read() -> Result<User, ProjectError> {
    let Some(path) = path() else { return Ok(User::default()) };
    let text = match file::content(&path) {
        Ok(text) => text,
        Err(SourceError::Missing(_)) => return Ok(User::default()),
        Err(error) => return Err(error.into()),
    };
    serde_saphyr::from_str(&text).map_err(|error| ProjectError::Text {
        origin: path.display().to_string(),
        cause: TextError(complaint(&error)),
    })
}
