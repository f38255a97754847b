//! References: what they lead to, and who refers to what.

use std::{collections::BTreeMap, sync::Arc};

use rpds::RedBlackTreeMapSync as Map;
use stele_api::dialect::{Reference, SubjectVersion};
use stele_evolution::{
    schema::{Schema, SchemaError},
    version::Version,
};

use super::{Catalog, Content, Entry};

/// Who refers to a version, soft-deleted ones included. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Referrers(Map<SubjectVersion, Vec<SubjectVersion>>);

impl Referrers {
    pub(super) fn add(&mut self, reference: &Reference, referrer: &SubjectVersion) {
        let Some(target) = target(reference) else { return };
        let mut all = self.of(&target).to_vec();
        all.push(referrer.clone());
        self.0.insert_mut(target, all);
    }

    pub(super) fn remove(&mut self, reference: &Reference, referrer: &SubjectVersion) {
        let Some(target) = target(reference) else { return };
        if let Some(all) = self.0.get_mut(&target) {
            all.retain(|known| known != referrer);
        }
    }

    fn of(&self, target: &SubjectVersion) -> &[SubjectVersion] {
        self.0.get(target).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The version a pinned reference leads to.
fn target(reference: &Reference) -> Option<SubjectVersion> {
    let version = Version::try_from(u32::try_from(reference.version).ok()?).ok()?;
    Some(SubjectVersion { subject: reference.subject.clone(), version })
}

impl Catalog {
    /// The schema of a content, read, with everything it refers to.
    pub fn schema(&self, content: &Content) -> Result<Schema, SchemaError> {
        self.readings.of(content.key.fingerprint, || {
            let mut references = BTreeMap::new();
            for reference in content.key.references.iter() {
                let nowhere = || SchemaError::UnresolvedReference(reference.name.clone());
                let entry = self.lead(reference).ok_or_else(nowhere)?;
                references.insert(reference.name.clone(), self.schema(&entry.content)?);
            }
            Schema::read(content.text.as_str()).references(references).parse()
        })
    }

    /// The version a reference leads to, soft-deleted or not; -1 is the newest.
    pub fn lead(&self, reference: &Reference) -> Option<&Arc<Entry>> {
        let stream = self.stream(&reference.subject)?;
        if reference.version == -1 {
            return stream.newest();
        }
        stream.entry(u32::try_from(reference.version).ok()?.try_into().ok()?)
    }

    /// How many references follow one another from something that refers to these.
    pub fn depth(&self, references: &[Reference]) -> usize {
        let led = references.iter().filter_map(|reference| self.lead(reference));
        led.map(|entry| entry.content.depth + 1).max().unwrap_or(0)
    }

    /// The versions that refer to a version, soft-deleted ones included.
    pub fn referrers(&self, target: &SubjectVersion) -> impl Iterator<Item = &Arc<Entry>> {
        let referrers = self.referrers.of(target).iter();
        referrers.filter_map(|place| self.entry(place))
    }

    /// A version, soft-deleted or not.
    pub fn entry(&self, place: &SubjectVersion) -> Option<&Arc<Entry>> {
        self.stream(&place.subject)?.entry(place.version)
    }
}
