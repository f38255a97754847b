//! A webhook is somebody who is told of what happens, by a request to an address of theirs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The header with the sequence number of the change.
pub const EVENT: &str = "stele-event";

/// The header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "stele-timestamp";

/// The header with the signature: `v1=` and the HMAC-SHA256 over time, dot and body, in hexadecimal digits.
pub const SIGNATURE: &str = "stele-signature";

/// The name of a webhook: up to 64 letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookName(String);

/// Why a text names no webhook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a webhook: expected up to 64 letters, digits, `-`, `_`, `.`")]
pub struct WebhookNameError(pub String);

/// What a webhook is told of, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Where each change is posted to.
    pub url: String,
    /// What the subjects begin with that it is told of; all changes where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_prefix: Option<String>,
    /// The types of changes that it is told of; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// Sets a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookRequest {
    /// Where each change is posted to.
    pub url: String,
    /// What the subjects begin with that it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_prefix: Option<String>,
    /// The types of changes that it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// What signatures are made with, 16 characters at least; made up where absent, unless there is one already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The place after which it is told: the end of the feed where absent, or where it was if it is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// A webhook, and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookResource {
    /// Its name.
    pub name: WebhookName,
    /// What it is told of, and where.
    pub webhook: Webhook,
    /// Whether it is told.
    pub state: WebhookState,
    /// The place of the last change that it took.
    pub cursor: u64,
    /// How many changes it is behind.
    pub behind: u64,
    /// How many attempts have failed since it last took one.
    pub failures: u32,
    /// Why the last attempt has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What signatures are made with; told once, when it was made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Whether a webhook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookState {
    /// It takes what it is told.
    Active,
    /// The last attempt has failed; there will be another.
    Retrying,
    /// It has failed too often. Setting it again brings it back.
    Dead,
}

impl FromStr for WebhookName {
    type Err = WebhookNameError;

    fn from_str(text: &str) -> Result<Self, WebhookNameError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if text.is_empty() || text.len() > 64 || !text.chars().all(fits) {
            return Err(WebhookNameError(text.to_owned()));
        }
        Ok(WebhookName(text.to_owned()))
    }
}

impl fmt::Display for WebhookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for WebhookName {
    type Error = WebhookNameError;

    fn try_from(text: String) -> Result<Self, WebhookNameError> {
        text.parse()
    }
}

impl From<WebhookName> for String {
    fn from(name: WebhookName) -> String {
        name.0
    }
}
