//! Whether an event that comes from elsewhere could have happened here: it follows from what is known before it.
//!
//! A log that is taken in was decided by another registry, and may have been changed on its way. What cannot have been
//! decided would mean that an id leads to another schema, or that a number was given twice.

use stele_api::{dialect::JSON, id::SchemaId, mode::Mode};
use stele_evolution::{
    schema::{Fingerprint, Schema, SchemaError},
    version::{Release, Version},
};

use super::{
    add_lens, belongs_to_people,
    delete::{kept, one, unreferenced},
    describe, register, webhook,
};
use crate::{
    candidate::MAX_DEPTH,
    catalog::{Catalog, ContentKey},
    command::SetWebhook,
    event::{Event, LensAdded, SchemaRegistered, Scope, VersionsChosen},
    failure::Failure,
    refusal::Refusal,
    registry::read_lens,
};

/// Why an event cannot have happened.
#[derive(Debug, thiserror::Error)]
pub enum Unlikely {
    /// It would have been refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What it holds cannot be read.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Its schema is none.
    #[error("the schema of version {version} of `{subject}` cannot be read")]
    Schema {
        /// The subject.
        subject: String,
        /// The version.
        version: Version,
        /// Why not.
        #[source]
        cause: SchemaError,
    },
    /// Another format.
    #[error("schemas of type `{0}` are not served; this registry serves JSON")]
    Type(String),
    /// The fingerprint is that of something else.
    #[error("the fingerprint is {found}, and that of the schema is {expected}")]
    Fingerprint {
        /// What is said.
        found: Fingerprint,
        /// What it is.
        expected: Fingerprint,
    },
    /// The text has white space, or is written as no registry writes it.
    #[error("the schema is not written as its canonical text")]
    NotCanonical,
    /// A number that was not to come.
    #[error("version {found} of `{subject}` stands where {next} was to")]
    Version {
        /// The subject.
        subject: String,
        /// What is said.
        found: Version,
        /// What was to come.
        next: Version,
    },
    /// An id that was not to come.
    #[error("id {found} stands where {} was to", next.map_or_else(|| "none".to_owned(), |id| id.to_string()))]
    Id {
        /// What is said.
        found: SchemaId,
        /// What was to come.
        next: Option<SchemaId>,
    },
    /// A release that does not come after the one before.
    #[error("release {found} does not come after {newest}")]
    Release {
        /// What is said.
        found: Release,
        /// The one before.
        newest: Release,
    },
    /// A first version that says it adds to one before it.
    #[error("version {0} is said to add to one before it, and there is none")]
    AddsToNothing(Version),
    /// A reference that leads nowhere, or twice.
    #[error(
        "the reference `{0}` leads to nothing that is registered before it, or stands there twice"
    )]
    Reference(String),
    /// References that lead to references that lead to references.
    #[error("{0} references follow one another; at most {MAX_DEPTH} are followed")]
    Depth(usize),
    /// No version is named, or one twice.
    #[error("the versions are not named once each, oldest first")]
    Versions,
}

/// Holds an event to what is known before it.
pub fn follows(catalog: &Catalog, event: &Event) -> Result<(), Unlikely> {
    match event {
        Event::SubjectDescribed(event) => {
            belongs_to_people(&Scope::Subject(event.subject.clone()))?;
            describe::holds(event)?;
        }
        Event::SchemaRegistered(event) => registered(catalog, event)?,
        Event::LensAdded(event) => lens_added(catalog, event)?,
        Event::ConfigSet(event) => belongs_to_people(&event.scope)?,
        Event::ModeSet(event) => belongs_to_people(&event.scope)?,
        Event::VersionsDeleted(event) => {
            chosen(catalog, event, |deleted| !deleted)?;
            unreferenced(catalog, &event.subject, &event.versions, |referrer| !referrer.deleted)?;
        }
        Event::VersionsRestored(event) => chosen(catalog, event, |deleted| deleted)?,
        Event::VersionsErased(event) => {
            chosen(catalog, event, |deleted| deleted)?;
            unreferenced(catalog, &event.subject, &event.versions, |_| true)?;
        }
        Event::ContextErased(event) => {
            belongs_to_people(&Scope::Context(event.context.clone()))?;
            if catalog.streams_in(&event.context).next().is_some() {
                return Err(Refusal::ContextNotEmpty(event.context.clone()).into());
            }
        }
        Event::WebhookSet(event) => {
            let (name, webhook) = (event.name.clone(), event.webhook.clone());
            webhook::set(catalog, &SetWebhook { name, webhook })?;
        }
        Event::WebhookRemoved(event) => {
            webhook::remove(catalog, &event.name)?;
        }
        Event::SunsetSet(event) => {
            belongs_to_people(&Scope::Subject(event.subject.clone()))?;
            one(kept(catalog, &event.subject)?, event.version)?;
        }
    }
    Ok(())
}

fn registered(catalog: &Catalog, event: &SchemaRegistered) -> Result<(), Unlikely> {
    belongs_to_people(&Scope::Subject(event.subject.clone()))?;
    if event.schema_type != JSON {
        return Err(Unlikely::Type(event.schema_type.clone()));
    }
    let imports = catalog.mode_of(&event.subject) == Mode::Import;
    numbered(catalog, event, imports)?;
    identified(catalog, event, imports)?;
    is_its_schema(catalog, event)
}

/// The version and the release: each after the last there ever was.
fn numbered(catalog: &Catalog, event: &SchemaRegistered, imports: bool) -> Result<(), Unlikely> {
    let trace = catalog.trace(&event.subject);
    let last = trace.and_then(|stream| stream.last());
    let next = last.map_or(Version::FIRST, |(version, _)| version.next());
    let given_before = last.is_some_and(|(version, _)| event.version <= *version);
    if given_before || (event.version != next && !imports) {
        let subject = event.subject.to_string();
        return Err(Unlikely::Version { subject, found: event.version, next });
    }
    register::fits(&event.release)?;
    if let Some((_, newest)) = last.filter(|(_, newest)| event.release <= *newest) {
        let (found, newest) = (event.release.clone(), newest.clone());
        return Err(Unlikely::Release { found, newest });
    }
    if event.addition && trace.is_none_or(|stream| stream.entries().is_empty()) {
        return Err(Unlikely::AddsToNothing(event.version));
    }
    Ok(())
}

/// The id: that of the content where it has one, and else one that nothing has or ever had.
fn identified(catalog: &Catalog, event: &SchemaRegistered, imports: bool) -> Result<(), Unlikely> {
    let context = event.subject.context();
    let key = ContentKey::new(
        event.fingerprint,
        event.references.clone(),
        event.metadata.clone(),
        event.rule_set.clone(),
    );
    if !catalog.is_free(context, event.id, &key) {
        let (subject, id) = (event.subject.clone(), event.id);
        let known = catalog.known_id(context, &key);
        return Err(Refusal::IdTaken { subject, id, known }.into());
    }
    let next = catalog.id_for(context, &key);
    if !imports && next != Some(event.id) {
        return Err(Unlikely::Id { found: event.id, next });
    }
    Ok(())
}

/// The schema: one, written as a registry writes it, with the fingerprint that it is said to have.
fn is_its_schema(catalog: &Catalog, event: &SchemaRegistered) -> Result<(), Unlikely> {
    let unread = |cause| Unlikely::Schema {
        subject: event.subject.to_string(),
        version: event.version,
        cause,
    };
    let mut references = std::collections::BTreeMap::new();
    for reference in &event.references {
        let nowhere = || Unlikely::Reference(reference.name.clone());
        // Pinned when it was registered, and to something that was there.
        let led = Some(reference).filter(|reference| reference.version > 0);
        let entry = led.and_then(|reference| catalog.lead(reference)).filter(|to| !to.deleted);
        let schema = catalog.schema(&entry.ok_or_else(nowhere)?.content).map_err(unread)?;
        if references.insert(reference.name.clone(), schema).is_some() {
            return Err(nowhere());
        }
    }
    let depth = catalog.depth(&event.references);
    if depth > MAX_DEPTH {
        return Err(Unlikely::Depth(depth));
    }
    let text = event.schema.as_str();
    let schema = Schema::read(text).references(references).parse().map_err(unread)?;
    let (found, expected) = (event.fingerprint, schema.fingerprint());
    if found != expected {
        return Err(Unlikely::Fingerprint { found, expected });
    }
    if schema.canonical() == text { Ok(()) } else { Err(Unlikely::NotCanonical) }
}

fn lens_added(catalog: &Catalog, event: &LensAdded) -> Result<(), Unlikely> {
    let LensAdded { subject, from, to, .. } = event;
    belongs_to_people(&Scope::Subject(subject.clone()))?;
    let lens = read_lens(&event.lens)?;
    add_lens::is_an_edge(catalog, subject, *from, *to)?;
    add_lens::fits(&lens, subject, *from, *to)?;
    Ok(())
}

fn chosen(
    catalog: &Catalog,
    event: &VersionsChosen,
    is_so: impl Fn(bool) -> bool,
) -> Result<(), Unlikely> {
    let VersionsChosen { subject, versions } = event;
    belongs_to_people(&Scope::Subject(subject.clone()))?;
    let stream = kept(catalog, subject)?;
    if versions.is_empty() || !versions.is_sorted_by(|one, next| one < next) {
        return Err(Unlikely::Versions);
    }
    for version in versions {
        if !is_so(one(stream, *version)?.deleted) {
            let (subject, version) = (subject.clone(), *version);
            return Err(if is_so(true) {
                Refusal::VersionNotDeleted { subject, version }.into()
            } else {
                Refusal::VersionDeleted { subject, version }.into()
            });
        }
    }
    Ok(())
}
