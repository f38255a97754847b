//! The catalog is the fold of all events: everything the registry knows, as one value that never changes.
//!
//! A new event makes a new catalog that shares all but the changed path with the one before, so publishing is cheap
//! and a reader keeps a consistent view for as long as it likes. A catalog that nobody else has is changed in place.

mod content;
mod context;
mod policy;
mod reading;
mod reference;
mod stream;

use std::sync::Arc;

use rpds::RedBlackTreeMapSync as Map;
use stele_api::{
    dialect::{ContextId, SubjectVersion},
    id::SchemaId,
    mode::Mode,
    stream::Policy,
    subject::{Context, Subject},
    webhook::{Webhook, WebhookName},
};
use uuid::Uuid;

pub use self::{
    content::{Content, ContentKey, Rendition},
    policy::Setting,
    stream::{Entry, Stream, Written},
};
use self::{
    context::Schemas,
    reading::{Readings, Renditions},
    reference::Referrers,
};
use crate::{
    event::{Event, LensAdded, SchemaRegistered, Scope, SubjectDescribed, VersionsChosen},
    log::Position,
    own,
};

/// Everything the registry knows. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    position: Position,
    defaults: Policy,
    settings: Map<Scope, Setting>,
    modes: Map<Scope, Mode>,
    webhooks: Map<WebhookName, Webhook>,
    streams: Map<Subject, Arc<Stream>>,
    contexts: Map<Context, Schemas>,
    guids: Map<Uuid, Vec<ContextId>>,
    referrers: Referrers,
    readings: Arc<Readings>,
    renditions: Arc<Renditions>,
}

impl Catalog {
    /// What is known before anything happened.
    pub fn new(defaults: Policy) -> Self {
        Catalog {
            position: Position::START,
            defaults,
            settings: Map::new_sync(),
            modes: Map::new_sync(),
            webhooks: Map::new_sync(),
            streams: Map::new_sync(),
            contexts: Map::new_sync(),
            guids: Map::new_sync(),
            referrers: Referrers::default(),
            readings: Arc::default(),
            renditions: Arc::default(),
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
            Event::ModeSet(event) => self.mode_set(event),
            Event::WebhookSet(event) => {
                self.webhooks.insert_mut(event.name.clone(), event.webhook.clone());
            }
            Event::WebhookRemoved(event) => {
                self.webhooks.remove_mut(&event.name);
            }
            Event::VersionsDeleted(event) => {
                self.change(&event.subject, |stream| {
                    stream.deleted(position, &event.versions, true);
                });
            }
            Event::VersionsRestored(event) => {
                self.change(&event.subject, |stream| {
                    stream.deleted(position, &event.versions, false);
                });
            }
            Event::VersionsErased(event) => self.erased(position, event),
            Event::ContextErased(event) => {
                if let Some(schemas) = self.contexts.get_mut(&event.context) {
                    schemas.hide();
                }
            }
            Event::SunsetSet(event) => {
                self.change(&event.subject, |stream| stream.sunset_set(position, event));
            }
        }
    }

    /// Everybody who is told of what happens.
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookName, &Webhook)> {
        self.webhooks.iter()
    }

    /// What one of them is told of, and where.
    pub fn webhook(&self, name: &WebhookName) -> Option<&Webhook> {
        self.webhooks.get(name)
    }

    /// The place in the log of the last event folded in.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What is known of a subject.
    pub fn stream(&self, subject: &Subject) -> Option<&Arc<Stream>> {
        self.streams.get(subject).filter(|stream| stream.is_there())
    }

    /// What is left of a subject, even where all of it was erased: its numbers are never given again.
    pub fn trace(&self, subject: &Subject) -> Option<&Arc<Stream>> {
        self.streams.get(subject)
    }

    /// Every subject that people have made, in order.
    pub fn streams(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.all_streams().filter(|stream| stream.subject().context().as_str() != own::CONTEXT)
    }

    /// Every subject known, those of the registry itself included, in order.
    pub fn all_streams(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.streams.values().filter(|stream| stream.is_there())
    }

    /// The subjects of one context, in order.
    pub fn streams_in(&self, context: &Context) -> impl Iterator<Item = &Arc<Stream>> {
        self.all_streams().filter(move |stream| stream.subject().context() == context)
    }

    /// Every context that people have made, the default one first.
    pub fn contexts(&self) -> Vec<Context> {
        let listed = self.contexts.iter().filter(|(context, schemas)| {
            !context.is_default() && context.as_str() != own::CONTEXT && schemas.is_listed()
        });
        let others = listed.map(|(context, _)| context.clone());
        std::iter::once(Context::default()).chain(others).collect()
    }

    /// The schema with an id.
    pub fn content(&self, context: &Context, id: SchemaId) -> Option<&Arc<Content>> {
        self.contexts.get(context)?.content(id)
    }

    /// Where the schema with an id is used, in order of registration, soft-deleted versions included.
    pub fn places(&self, context: &Context, id: SchemaId) -> Option<&[SubjectVersion]> {
        self.contexts.get(context)?.places(id)
    }

    /// Every context that has the schema with a guid, with its id there.
    pub fn with_guid(&self, guid: Uuid) -> &[ContextId] {
        self.guids.get(&guid).map(Vec::as_slice).unwrap_or_default()
    }

    /// The greatest id that was ever given in a context.
    pub fn newest_id(&self, context: &Context) -> Option<SchemaId> {
        self.contexts.get(context)?.newest_id()
    }

    /// The id that a content has in a context.
    pub fn known_id(&self, context: &Context, key: &ContentKey) -> Option<SchemaId> {
        self.contexts.get(context)?.id_of(key)
    }

    /// The id that a content has in a context, or would get; none where all are given.
    pub fn id_for(&self, context: &Context, key: &ContentKey) -> Option<SchemaId> {
        let next = || self.newest_id(context).map_or(Some(SchemaId::FIRST), SchemaId::next);
        self.known_id(context, key).or_else(next)
    }

    /// Whether a content may be given an id from outside: nothing else has it, or ever had it.
    pub fn is_free(&self, context: &Context, id: SchemaId, key: &ContentKey) -> bool {
        self.known_id(context, key).is_none_or(|known| known == id)
            && self.contexts.get(context).is_none_or(|schemas| schemas.is_free(id, key))
    }

    /// The newest version of a subject with this content; one that is soft-deleted only where no other has it.
    pub fn find(&self, subject: &Subject, key: &ContentKey) -> Option<&Arc<Entry>> {
        let id = self.known_id(subject.context(), key)?;
        self.stream(subject)?.with_id(id)
    }

    fn described(&mut self, position: Position, event: &SubjectDescribed) {
        self.change(&event.subject, |stream| stream.described(position, event));
    }

    fn registered(&mut self, position: Position, event: &SchemaRegistered) {
        let around = event.subject.context();
        if !self.contexts.contains_key(around) {
            self.contexts.insert_mut(around.clone(), Schemas::default());
        }
        let depth = self.depth(&event.references);
        let place = SubjectVersion { subject: event.subject.clone(), version: event.version };
        for reference in &event.references {
            self.referrers.add(reference, &place);
        }
        let Some(schemas) = self.contexts.get_mut(around) else { return };
        let (content, is_new) = schemas.registered(event, depth, place);
        if is_new {
            let known = ContextId { context: around.clone(), id: event.id };
            let mut all = self.with_guid(content.guid).to_vec();
            all.push(known);
            self.guids.insert_mut(content.guid, all);
        }
        self.change(&event.subject, |stream| stream.registered(position, event, content));
    }

    fn lens_added(&mut self, position: Position, event: &LensAdded) {
        self.change(&event.subject, |stream| stream.lens_added(position, event));
    }

    fn erased(&mut self, position: Position, event: &VersionsChosen) {
        let gone = self.change(&event.subject, |stream| stream.erased(position, &event.versions));
        let context = event.subject.context();
        for entry in gone {
            let place = SubjectVersion { subject: event.subject.clone(), version: entry.version };
            for reference in entry.content.key.references.iter() {
                self.referrers.remove(reference, &place);
            }
            let last = self
                .contexts
                .get_mut(context)
                .is_some_and(|schemas| schemas.erased(&entry.content, &place));
            if last {
                let mut all = self.with_guid(entry.content.guid).to_vec();
                all.retain(|known| known.context != *context);
                self.guids.insert_mut(entry.content.guid, all);
            }
        }
    }

    /// Changes a subject's stream: in place where this catalog is the only one that has it.
    fn change<T>(&mut self, subject: &Subject, change: impl FnOnce(&mut Stream) -> T) -> T {
        if let Some(stream) = self.streams.get_mut(subject) {
            return change(Arc::make_mut(stream));
        }
        let mut stream = Stream::new(subject.clone());
        let done = change(&mut stream);
        self.streams.insert_mut(subject.clone(), Arc::new(stream));
        done
    }
}

#[cfg(test)]
mod tests;
