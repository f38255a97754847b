//! Schemas that were read lately. Reading one takes far longer than looking it up, and more memory than its text, so a
//! bounded number is kept, whatever the catalog holds.

use quick_cache::sync::Cache;
use stele_evolution::schema::{Fingerprint, Schema};

/// How many are kept.
const KEPT: usize = 2_000;

/// The schemas that were read lately, by fingerprint: that covers the text and all it refers to.
pub(super) struct Readings(Cache<Fingerprint, Schema>);

impl Default for Readings {
    fn default() -> Self {
        Readings(Cache::new(KEPT))
    }
}

impl Readings {
    /// The schema with a fingerprint, read by `read` unless it was lately.
    pub(super) fn of<E>(
        &self,
        fingerprint: Fingerprint,
        read: impl FnOnce() -> Result<Schema, E>,
    ) -> Result<Schema, E> {
        if let Some(schema) = self.0.get(&fingerprint) {
            return Ok(schema);
        }
        let schema = read()?;
        self.0.insert(fingerprint, schema.clone());
        Ok(schema)
    }
}
