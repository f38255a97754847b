//! The catalog is the fold of all events: everything the registry knows, as one value that never changes.
//!
//! A new event makes a new catalog that shares all but the changed path with the one before, so publishing is cheap
//! and a reader keeps a consistent view for as long as it likes.

mod content;
mod policy;
mod stream;

use std::sync::Arc;

use rpds::RedBlackTreeMapSync as Map;
use stele_api::{
    dialect::{Reference, SubjectVersion},
    id::SchemaId,
    stream::Policy,
    subject::{Context, Subject},
};
use stele_evolution::schema::{Schema, SchemaError};

pub use self::{
    content::{Content, ContentKey},
    policy::Setting,
    stream::{Entry, Stream, Written},
};
use crate::{
    event::{ConfigSet, Event, LensAdded, SchemaRegistered, Scope, SubjectDescribed, SunsetSet},
    log::Position,
};

/// Everything the registry knows. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    position: Position,
    defaults: Policy,
    settings: Map<Scope, Setting>,
    streams: Map<Subject, Arc<Stream>>,
    contexts: Map<Context, Arc<Schemas>>,
}

/// The schemas of one context, by id and by content.
#[derive(Clone, Default)]
struct Schemas {
    by_id: Map<SchemaId, Arc<Used>>,
    by_content: Map<ContentKey, SchemaId>,
}

/// A schema and where it is used.
#[derive(Clone)]
struct Used {
    content: Arc<Content>,
    places: Vec<SubjectVersion>,
}

impl Catalog {
    /// What is known before anything happened.
    pub fn new(defaults: Policy) -> Self {
        Catalog {
            position: Position::START,
            defaults,
            settings: Map::new_sync(),
            streams: Map::new_sync(),
            contexts: Map::new_sync(),
        }
    }

    /// What is known once `event`, recorded at `position`, has happened too.
    pub fn apply(&mut self, position: Position, event: &Event) {
        self.position = position;
        match event {
            Event::SubjectDescribed(event) => self.described(position, event),
            Event::SchemaRegistered(event) => self.registered(position, event),
            Event::LensAdded(event) => self.lens_added(position, event),
            Event::ConfigSet(event) => self.config_set(event),
            Event::SunsetSet(event) => self.sunset_set(position, event),
        }
    }

    /// The place in the log of the last event folded in.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What is known of a subject.
    pub fn stream(&self, subject: &Subject) -> Option<&Arc<Stream>> {
        self.streams.get(subject)
    }

    /// Every subject known, in order.
    pub fn streams(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.streams.values()
    }

    /// Every context that holds a schema, the default one first.
    pub fn contexts(&self) -> Vec<Context> {
        let others = self.contexts.keys().filter(|context| !context.is_default());
        std::iter::once(Context::default()).chain(others.cloned()).collect()
    }

    /// The schema with an id.
    pub fn content(&self, context: &Context, id: SchemaId) -> Option<&Arc<Content>> {
        Some(&self.contexts.get(context)?.by_id.get(&id)?.content)
    }

    /// Every schema of a context, in order of its id.
    pub fn contents(&self, context: &Context) -> impl Iterator<Item = &Arc<Content>> {
        self.contexts
            .get(context)
            .into_iter()
            .flat_map(|schemas| schemas.by_id.values().map(|used| &used.content))
    }

    /// Where the schema with an id is used, in order of registration.
    pub fn places(&self, context: &Context, id: SchemaId) -> Option<&[SubjectVersion]> {
        Some(&self.contexts.get(context)?.by_id.get(&id)?.places)
    }

    /// The newest id of a context.
    pub fn newest_id(&self, context: &Context) -> Option<SchemaId> {
        self.contexts.get(context)?.by_id.keys().next_back().copied()
    }

    /// The id that a content has in a context, or would get.
    pub fn id_for(&self, context: &Context, key: &ContentKey) -> SchemaId {
        let known = self.contexts.get(context).and_then(|all| all.by_content.get(key)).copied();
        known.unwrap_or_else(|| self.newest_id(context).map_or(SchemaId::FIRST, SchemaId::next))
    }

    /// The schema of a content, read, with everything it refers to.
    pub fn schema(&self, content: &Content) -> Result<Schema, SchemaError> {
        content.schema(|reference| Some(self.schema(&self.lead(reference)?.content)))
    }

    /// The version a reference leads to; -1 is the newest.
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

    fn described(&mut self, position: Position, event: &SubjectDescribed) {
        let mut stream = self.stream_or_new(&event.subject);
        stream.described(position, event);
        self.streams.insert_mut(event.subject.clone(), Arc::new(stream));
    }

    fn registered(&mut self, position: Position, event: &SchemaRegistered) {
        let around = event.subject.context();
        let mut schemas = self.contexts.get(around).map_or_else(Schemas::default, |known| {
            Schemas { by_id: known.by_id.clone(), by_content: known.by_content.clone() }
        });
        let place = SubjectVersion { subject: event.subject.clone(), version: event.version };
        let mut used = if let Some(used) = schemas.by_id.get(&event.id) {
            Used::clone(used)
        } else {
            let depth = self.depth(&event.references);
            Used { content: Arc::new(Content::new(event, depth)), places: Vec::new() }
        };
        used.places.push(place);
        let content = Arc::clone(&used.content);
        schemas.by_content.insert_mut(content.key.clone(), event.id);
        schemas.by_id.insert_mut(event.id, Arc::new(used));
        self.contexts.insert_mut(around.clone(), Arc::new(schemas));

        let mut stream = self.stream_or_new(&event.subject);
        stream.registered(position, event, content);
        self.streams.insert_mut(event.subject.clone(), Arc::new(stream));
    }

    fn lens_added(&mut self, position: Position, event: &LensAdded) {
        let mut stream = self.stream_or_new(&event.subject);
        stream.lens_added(position, event);
        self.streams.insert_mut(event.subject.clone(), Arc::new(stream));
    }

    fn sunset_set(&mut self, position: Position, event: &SunsetSet) {
        let mut stream = self.stream_or_new(&event.subject);
        stream.sunset_set(position, event);
        self.streams.insert_mut(event.subject.clone(), Arc::new(stream));
    }

    fn config_set(&mut self, event: &ConfigSet) {
        let setting =
            Setting { compatibility: event.compatibility, content_model: event.content_model };
        self.settings.insert_mut(event.scope.clone(), setting);
    }

    fn stream_or_new(&self, subject: &Subject) -> Stream {
        self.streams
            .get(subject)
            .map_or_else(|| Stream::new(subject.clone()), |known| Stream::clone(known))
    }
}

#[cfg(test)]
mod tests;
