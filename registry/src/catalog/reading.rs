//! What was read and rendered lately. That takes far longer than looking it up, and more memory than the text, so a bounded
//! part is kept, whatever the catalog holds.

use quick_cache::{Weighter, sync::Cache};
use stele_evolution::schema::{Fingerprint, Schema};
use uuid::Uuid;

use super::{Catalog, Content, Rendition};

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

/// How much of rendered answers is kept, in bytes.
const RENDERED: u64 = 64 * 1024 * 1024;

/// How many answers that is, about.
const ANSWERS: usize = 32_000;

/// What was sent lately for contents, by guid, which covers all that is sent: rendered once, and not for ever.
pub(super) struct Renditions(Cache<Uuid, Rendition, Size>);

/// How much memory an answer takes.
#[derive(Clone)]
struct Size;

impl Weighter<Uuid, Rendition> for Size {
    fn weight(&self, _: &Uuid, rendition: &Rendition) -> u64 {
        // Two allocations, with what the allocator and the cache need beside them.
        (rendition.body.len() + rendition.tag.len() + 256) as u64
    }
}

impl Default for Renditions {
    fn default() -> Self {
        Renditions(Cache::with_weighter(ANSWERS, RENDERED, Size))
    }
}

impl Catalog {
    /// What is sent for a content, rendered unless it was lately.
    pub fn rendition<E>(
        &self,
        content: &Content,
        render: impl FnOnce() -> Result<Rendition, E>,
    ) -> Result<Rendition, E> {
        if let Some(rendition) = self.renditions.0.get(&content.guid) {
            return Ok(rendition);
        }
        let rendition = render()?;
        self.renditions.0.insert(content.guid, rendition.clone());
        Ok(rendition)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn what_is_rendered_takes_so_much_memory_and_no_more() {
        let renditions = Renditions::default();

        for number in 0..200_000_u128 {
            let (body, tag) = (Bytes::from(vec![b'x'; 1024]), Bytes::from_static(b"t"));
            renditions.0.insert(Uuid::from_u128(number), Rendition { body, tag });
        }

        assert!(renditions.0.weight() <= RENDERED, "{}", renditions.0.weight());
        assert!(renditions.0.len() > 10_000);
    }
}
