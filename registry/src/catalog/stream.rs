//! What is known of one subject: its versions, the lenses between them, what it is and who owns it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use rpds::RedBlackTreeMapSync as Map;
use serde_json::Value;
use stele_api::{
    day::Day, id::SchemaId, kind::Kind, plan::Assurance, selector::Selector, subject::Subject,
    version::EdgeKind,
};
use stele_evolution::version::{Release, Version};

use super::Content;
use crate::{
    event::{LensAdded, SchemaRegistered, SubjectDescribed, SunsetSet},
    log::Position,
};

/// One subject.
#[derive(Clone)]
pub struct Stream {
    subject: Subject,
    touched: Position,
    described: Option<SubjectDescribed>,
    /// Every version that was not erased, oldest first.
    entries: Vec<Arc<Entry>>,
    by_id: Map<SchemaId, Vec<Version>>,
    /// The newest version there ever was. The next comes after it, even where it is gone.
    last: Option<(Version, Release)>,
    sunsets: BTreeMap<Version, Day>,
}

/// One version.
#[derive(Debug)]
pub struct Entry {
    /// Its subject.
    pub subject: Subject,
    /// Its number.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// Its schema.
    pub content: Arc<Content>,
    /// Whether it only adds to the version before it.
    pub addition: bool,
    /// Whether it is soft-deleted: hidden, and still on the way of events.
    pub deleted: bool,
    /// The lens from the version before it.
    pub lens: Option<Arc<Written>>,
    /// What is sent for it, rendered once.
    pub rendered: Rendered,
}

/// The answers that are the same every time.
#[derive(Debug, Default)]
pub struct Rendered {
    /// In the Confluent dialect.
    pub dialect: OnceLock<Bytes>,
    /// In Stele's own API.
    pub native: OnceLock<Bytes>,
}

/// A lens as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The document.
    pub document: Value,
    /// What its check found.
    pub assurance: Assurance,
}

impl Stream {
    pub(super) fn new(subject: Subject) -> Self {
        Stream {
            subject,
            touched: Position::START,
            described: None,
            entries: Vec::new(),
            by_id: Map::new_sync(),
            last: None,
            sunsets: BTreeMap::new(),
        }
    }

    /// Its subject.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether there is more than the memory of versions that were erased.
    pub fn is_there(&self) -> bool {
        !self.entries.is_empty() || self.described.is_some()
    }

    /// The place in the log of the last event about it: a judgement made at another place is out of date.
    pub fn touched(&self) -> Position {
        self.touched
    }

    /// What its messages are.
    pub fn kind(&self) -> Kind {
        self.described.as_ref().map(|known| known.kind).unwrap_or_default()
    }

    /// Who answers for it.
    pub fn owner(&self) -> Option<&str> {
        self.described.as_ref()?.owner.as_deref()
    }

    /// What it is.
    pub fn description(&self) -> Option<&str> {
        self.described.as_ref()?.description.as_deref()
    }

    /// Words it is found by, in order.
    pub fn tags(&self) -> &[String] {
        self.described.as_ref().map(|known| known.tags.as_slice()).unwrap_or_default()
    }

    /// The last day on which a version is to be used, where one was set.
    pub fn sunset(&self, version: Version) -> Option<Day> {
        self.sunsets.get(&version).copied()
    }

    /// Its versions, soft-deleted ones included, oldest first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Its versions that are not deleted, oldest first.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.iter().filter(|entry| !entry.deleted)
    }

    /// Its newest version that is not deleted.
    pub fn newest(&self) -> Option<&Arc<Entry>> {
        self.live().next_back()
    }

    /// The newest version that there ever was, with its release, even where it is gone.
    pub fn last(&self) -> Option<&(Version, Release)> {
        self.last.as_ref()
    }

    /// The version with this number, soft-deleted or not.
    pub fn entry(&self, version: Version) -> Option<&Arc<Entry>> {
        let index = self.entries.binary_search_by_key(&version, |entry| entry.version).ok()?;
        self.entries.get(index)
    }

    /// The version a selector means. A number also means a soft-deleted version: events of it are still on their way.
    pub fn select(&self, selector: &Selector) -> Option<&Arc<Entry>> {
        match selector {
            Selector::Latest => self.newest(),
            Selector::Number(version) => self.entry(*version),
            Selector::Release(release) => self.live().rev().find(|entry| entry.release == *release),
            Selector::Range(range) => self.live().rev().find(|entry| range.matches(&entry.release)),
        }
    }

    /// The newest version with this content; one that is soft-deleted only where no other has it.
    pub(super) fn with_id(&self, id: SchemaId) -> Option<&Arc<Entry>> {
        let entries = || self.by_id.get(&id).into_iter().flatten().rev();
        let kept = || entries().filter_map(|version| self.entry(*version));
        kept().find(|entry| !entry.deleted).or_else(|| kept().next())
    }

    /// The entries between two versions, both included, oldest first, whichever way they were named.
    pub fn between(&self, from: Version, to: Version) -> &[Arc<Entry>] {
        let (older, newer) = if from <= to { (from, to) } else { (to, from) };
        let start = self.entries.partition_point(|entry| entry.version < older);
        let end = self.entries.partition_point(|entry| entry.version <= newer);
        self.entries.get(start..end).unwrap_or_default()
    }

    pub(super) fn described(&mut self, position: Position, event: &SubjectDescribed) {
        self.touched = position;
        self.described = Some(event.clone());
    }

    pub(super) fn sunset_set(&mut self, position: Position, event: &SunsetSet) {
        self.touched = position;
        match event.on {
            Some(day) => self.sunsets.insert(event.version, day),
            None => self.sunsets.remove(&event.version),
        };
    }

    pub(super) fn registered(
        &mut self,
        position: Position,
        event: &SchemaRegistered,
        content: Arc<Content>,
    ) {
        self.touched = position;
        let mut versions = self.by_id.get(&event.id).cloned().unwrap_or_default();
        versions.push(event.version);
        self.by_id.insert_mut(event.id, versions);
        self.last = Some((event.version, event.release.clone()));
        self.entries.push(Arc::new(Entry {
            subject: self.subject.clone(),
            version: event.version,
            release: event.release.clone(),
            content,
            addition: event.addition,
            deleted: false,
            lens: None,
            rendered: Rendered::default(),
        }));
    }

    pub(super) fn lens_added(&mut self, position: Position, event: &LensAdded) {
        self.touched = position;
        let written =
            Arc::new(Written { document: event.lens.clone(), assurance: event.assurance });
        self.change(event.to, |entry| entry.lens = Some(written));
    }

    pub(super) fn deleted(&mut self, position: Position, versions: &[Version], deleted: bool) {
        self.touched = position;
        for version in versions {
            self.change(*version, |entry| entry.deleted = deleted);
        }
    }

    /// Forgets versions. The version after one that is gone has no way from the one before it any more.
    pub(super) fn erased(&mut self, position: Position, versions: &[Version]) -> Vec<Arc<Entry>> {
        self.touched = position;
        let mut gone = Vec::new();
        for version in versions {
            let Ok(index) = self.entries.binary_search_by_key(version, |entry| entry.version)
            else {
                continue;
            };
            let entry = self.entries.remove(index);
            if let Some(after) = self.entries.get(index).map(|after| after.version) {
                self.change(after, |entry| (entry.addition, entry.lens) = (false, None));
            }
            let mut left = self.by_id.get(&entry.content.id).cloned().unwrap_or_default();
            left.retain(|known| known != version);
            if left.is_empty() {
                self.by_id.remove_mut(&entry.content.id);
            } else {
                self.by_id.insert_mut(entry.content.id, left);
            }
            gone.push(entry);
        }
        if self.entries.is_empty() {
            self.described = None;
        }
        gone
    }

    /// Puts another entry in the place of one, with nothing rendered yet.
    fn change(&mut self, version: Version, change: impl FnOnce(&mut Entry)) {
        let Ok(index) = self.entries.binary_search_by_key(&version, |entry| entry.version) else {
            return;
        };
        let mut changed = self.entries[index].with_nothing_rendered();
        change(&mut changed);
        self.entries[index] = Arc::new(changed);
    }
}

impl Entry {
    /// How it is reached from the version before it; `None` for the first, and where there is no way.
    pub fn edge(&self) -> Option<EdgeKind> {
        match (&self.lens, self.addition) {
            (Some(_), _) => Some(EdgeKind::Lens),
            (None, true) => Some(EdgeKind::Addition),
            (None, false) => None,
        }
    }

    fn with_nothing_rendered(&self) -> Entry {
        Entry {
            subject: self.subject.clone(),
            version: self.version,
            release: self.release.clone(),
            content: Arc::clone(&self.content),
            addition: self.addition,
            deleted: self.deleted,
            lens: self.lens.clone(),
            rendered: Rendered::default(),
        }
    }
}
