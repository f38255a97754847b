//! What is known of one subject: its versions, the lenses between them, what it is and who owns it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde_json::Value;
use stele_api::{
    day::Day, kind::Kind, plan::Assurance, selector::Selector, subject::Subject, version::EdgeKind,
};
use stele_evolution::version::{Release, Version};

use super::{Content, ContentKey};
use crate::{
    event::{LensAdded, SchemaRegistered, SubjectDescribed, SunsetSet},
    log::Position,
};

/// One subject.
#[derive(Debug, Clone)]
pub struct Stream {
    subject: Subject,
    touched: Position,
    described: Option<SubjectDescribed>,
    entries: Vec<Arc<Entry>>,
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
            sunsets: BTreeMap::new(),
        }
    }

    /// Its subject.
    pub fn subject(&self) -> &Subject {
        &self.subject
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

    /// Its versions, oldest first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Its newest version.
    pub fn newest(&self) -> Option<&Arc<Entry>> {
        self.entries.last()
    }

    /// The version with this number.
    pub fn entry(&self, version: Version) -> Option<&Arc<Entry>> {
        let index = self.entries.binary_search_by_key(&version, |entry| entry.version).ok()?;
        self.entries.get(index)
    }

    /// The version a selector means.
    pub fn select(&self, selector: &Selector) -> Option<&Arc<Entry>> {
        match selector {
            Selector::Latest => self.newest(),
            Selector::Number(version) => self.entry(*version),
            Selector::Release(release) => {
                self.entries.iter().rev().find(|entry| entry.release == *release)
            }
            Selector::Range(range) => {
                self.entries.iter().rev().find(|entry| range.matches(&entry.release))
            }
        }
    }

    /// The version with this content.
    pub fn find(&self, key: &ContentKey) -> Option<&Arc<Entry>> {
        self.entries.iter().rev().find(|entry| entry.content.key == *key)
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
        self.entries.push(Arc::new(Entry {
            subject: event.subject.clone(),
            version: event.version,
            release: event.release.clone(),
            content,
            addition: event.addition,
            lens: None,
            rendered: Rendered::default(),
        }));
    }

    pub(super) fn lens_added(&mut self, position: Position, event: &LensAdded) {
        self.touched = position;
        let written =
            Arc::new(Written { document: event.lens.clone(), assurance: event.assurance });
        for entry in self.entries.iter_mut().filter(|entry| entry.version == event.to) {
            *entry = Arc::new(entry.with(Arc::clone(&written)));
        }
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

    fn with(&self, lens: Arc<Written>) -> Entry {
        Entry {
            subject: self.subject.clone(),
            version: self.version,
            release: self.release.clone(),
            content: Arc::clone(&self.content),
            addition: self.addition,
            lens: Some(lens),
            rendered: Rendered::default(),
        }
    }
}
