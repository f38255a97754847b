//! A fingerprint names a schema by its content.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Dialect, Schema};

/// SHA-256 of a schema's canonical text, its dialect and the fingerprints of what it refers to; 64 hex digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(
        canonical: &str,
        dialect: Dialect,
        references: &BTreeMap<String, Schema>,
    ) -> Self {
        let references = references.iter();
        let references = references.map(|(name, schema)| (name.as_str(), schema.fingerprint()));
        Fingerprint::of_text(canonical, dialect, references)
    }

    /// The fingerprint that a schema of this canonical text has, without reading it: whether a text is what it was kept
    /// as. The references come with the text of their `$ref`, in its order.
    pub fn of_text<'r>(
        canonical: &str,
        dialect: Dialect,
        references: impl IntoIterator<Item = (&'r str, Fingerprint)>,
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(dialect.uri());
        hash.update([0]);
        hash.update(canonical);
        for (name, fingerprint) in references {
            hash.update([0]);
            hash.update(name);
            hash.update([0]);
            hash.update(fingerprint.0);
        }
        Fingerprint(hash.finalize().into())
    }

    /// The first 128 bits, for identifiers that must be a GUID.
    pub fn high_bits(&self) -> u128 {
        self.0[..16].iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Why a text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fingerprint: expected 64 hex digits")]
pub struct FingerprintError(String);

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let refused = || FingerprintError(text.to_owned());
        if text.len() != 64 || !text.is_ascii() {
            return Err(refused());
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte =
                u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| refused())?;
        }
        Ok(Fingerprint(bytes))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        fingerprint.to_string()
    }
}
