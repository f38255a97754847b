//! The registry's own events have schemas too. They are registered in the context `.stele`, and what an older Stele has
//! recorded is read through the lenses between their versions.
//!
//! They are part of the program, not of the log: a registry knows how to read its log before it has read any of it.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;
use stele_api::{
    dialect::{JSON, Metadata},
    id::SchemaId,
    plan::Assurance,
    rules::RuleSet,
    subject::{Context, Subject, SubjectError},
    text::JsonText,
};
use stele_evolution::{
    containment::ContentModel,
    lens::{self, Lens},
    plan::{Edge, Plan, Step, TranslateError},
    policy::{Bump, Level},
    schema::Schema,
    version::Version,
};

use crate::{
    catalog::Catalog,
    event::{ConfigSet, Event, LensAdded, SchemaRegistered, Scope},
};

/// The context that holds them. Nothing else can be registered in it.
pub const CONTEXT: &str = ".stele";

/// A version of a kind: its schema, and the lens from the version before it where it is no addition.
type Written = (&'static str, Option<&'static str>);

macro_rules! written {
    ($kind:literal, $version:literal) => {
        (include_str!(concat!("../../schemas/stele/", $kind, "/", $version, ".json")), None)
    };
    ($kind:literal, $version:literal, $lens:literal) => {
        (
            include_str!(concat!("../../schemas/stele/", $kind, "/", $version, ".json")),
            Some(include_str!(concat!("../../schemas/stele/", $kind, "/", $lens, ".lens.yaml"))),
        )
    };
}

/// Every kind of event, with the versions of its schema, oldest first.
const KINDS: &[(&str, &[Written])] = &[
    (
        "subject_described",
        &[written!("subject_described", "1"), written!("subject_described", "2")],
    ),
    (
        "schema_registered",
        &[written!("schema_registered", "1"), written!("schema_registered", "2", "1-2")],
    ),
    ("lens_added", &[written!("lens_added", "1")]),
    ("sunset_set", &[written!("sunset_set", "1")]),
    ("webhook_set", &[written!("webhook_set", "1")]),
    ("webhook_removed", &[written!("webhook_removed", "1")]),
    ("config_set", &[written!("config_set", "1"), written!("config_set", "2")]),
    ("mode_set", &[written!("mode_set", "1")]),
    ("versions_deleted", &[written!("versions_deleted", "1")]),
    ("versions_restored", &[written!("versions_restored", "1")]),
    ("versions_erased", &[written!("versions_erased", "1")]),
    ("context_erased", &[written!("context_erased", "1")]),
];

/// The plans to the newest version, by kind and older version.
type Plans = BTreeMap<(&'static str, Version), Result<Plan, CarryError>>;

/// Why an event of an older version cannot be carried to the newest.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CarryError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// The plan refuses it.
    #[error("it cannot be carried to the newest version of its schema")]
    Translate(#[source] std::sync::Arc<TranslateError>),
    /// What the program was built with is wrong.
    #[error("the registry's own schemas are broken: {0}")]
    Broken(String),
}

/// Whether there are events of a kind.
pub fn is_known(kind: &str) -> bool {
    KINDS.iter().any(|(known, _)| *known == kind)
}

/// The newest version of the schema of a kind; the first for a kind that is not known.
pub fn newest(kind: &str) -> Version {
    let versions = KINDS.iter().find(|(known, _)| *known == kind).map_or(1, |(_, all)| all.len());
    u32::try_from(versions).ok().and_then(|n| n.try_into().ok()).unwrap_or(Version::FIRST)
}

/// Carries an event of an older version to the newest of its kind.
pub fn carried(kind: &str, version: Version, json: &str) -> Result<String, CarryError> {
    static PLANS: LazyLock<Plans> = LazyLock::new(|| {
        let older = KINDS.iter().flat_map(|(kind, versions)| {
            let (last, numbers) = (newest(kind), 1..versions.len());
            numbers.filter_map(move |number| {
                let version = Version::try_from(u32::try_from(number).ok()?).ok()?;
                Some(((*kind, version), plan(kind, versions, version, last)))
            })
        });
        older.collect()
    });
    let plan = PLANS
        .iter()
        .find_map(|((known, from), plan)| (*known == kind && *from == version).then_some(plan))
        .ok_or_else(|| CarryError::Broken(format!("there is no `{kind}` {version}")))?;
    let event: Value =
        serde_json::from_str(json).map_err(|error| CarryError::NotJson(error.to_string()))?;
    let crossed = plan
        .as_ref()
        .map_err(Clone::clone)?
        .translate(&event)
        .map_err(|error| CarryError::Translate(error.into()))?;
    Ok(crossed.event.to_string())
}

fn plan(kind: &str, versions: &[Written], from: Version, to: Version) -> Result<Plan, CarryError> {
    let mut steps = Vec::with_capacity(versions.len());
    let mut version = Version::FIRST;
    for (text, lens) in versions {
        let edge = match lens {
            Some(text) => Edge::Written {
                lens: Lens::parse(text).map_err(broken)?,
                assurance: lens::Assurance::Tested(0),
            },
            None => Edge::Addition,
        };
        let edge = (version != Version::FIRST).then_some(edge);
        let schema = Schema::read(text).parse().map_err(broken)?;
        steps.push(Step { version, schema, edge });
        version = version.next();
    }
    Plan::compose(kind, &steps, from, to, ContentModel::Event).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> CarryError {
    CarryError::Broken(error.to_string())
}

/// Puts the schemas of all kinds into a catalog that is still empty, as if they had been registered before anything else.
pub fn register(catalog: &mut Catalog) -> Result<(), CarryError> {
    let context: Context = CONTEXT.parse().map_err(|error: SubjectError| broken(error))?;
    let start = catalog.position();
    let mut apply = |event| catalog.apply(start, &event);
    apply(Event::ConfigSet(ConfigSet {
        scope: Scope::Context(context.clone()),
        compatibility: Some(Level::Translatable),
        content_model: Some(ContentModel::Event),
        ..ConfigSet::cleared(Scope::Context(context.clone()))
    }));
    let mut id = SchemaId::FIRST;
    for (kind, versions) in KINDS {
        let subject: Subject =
            format!(":{context}:{kind}").parse().map_err(|error: SubjectError| broken(error))?;
        let (mut version, mut release) = (Version::FIRST, None);
        for (text, lens) in *versions {
            let schema = Schema::read(text).parse().map_err(broken)?;
            let addition = version != Version::FIRST && lens.is_none();
            let bump = if addition { Bump::Minor } else { Bump::Major };
            let next = bump.after(release.as_ref());
            apply(Event::SchemaRegistered(Box::new(SchemaRegistered {
                subject: subject.clone(),
                version,
                release: next.clone(),
                id,
                fingerprint: schema.fingerprint(),
                schema_type: JSON.to_owned(),
                schema: JsonText::new(schema.canonical()).map_err(broken)?,
                references: Vec::new(),
                metadata: Metadata::default(),
                rule_set: RuleSet::default(),
                addition,
                forced: false,
            })));
            if let (Some(text), Some(from)) = (lens, before(version)) {
                apply(Event::LensAdded(LensAdded {
                    subject: subject.clone(),
                    from,
                    to: version,
                    lens: Lens::parse(text).map_err(broken)?.to_value(),
                    // Held to it by the tests of this module.
                    assurance: Assurance::Proven,
                }));
            }
            (version, release) = (version.next(), Some(next));
            id = id.next().ok_or_else(|| broken("there are more of them than ids"))?;
        }
    }
    Ok(())
}

fn before(version: Version) -> Option<Version> {
    Version::try_from(version.number().checked_sub(1)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stele_api::stream::Policy;
    use stele_evolution::{
        budget::Budget,
        containment::project,
        lens::{self, Assurance},
        policy::judge,
    };

    use super::*;

    fn schema(text: &str) -> Schema {
        Schema::read(text).parse().unwrap()
    }

    #[test]
    fn every_version_follows_the_one_before_it_by_an_addition_or_a_lens_that_holds() {
        for (kind, versions) in KINDS {
            for pair in versions.windows(2) {
                let (old, new) = (schema(pair[0].0), schema(pair[1].0));
                let budget = Budget::steps(5_000_000);
                if let Some(text) = pair[1].1 {
                    let lens = Lens::parse(text).unwrap();
                    assert_eq!(lens.subject(), *kind);
                    let checked = lens::check(&lens, &old, &new, ContentModel::Event, &budget);
                    assert_eq!(checked.unwrap(), Assurance::Proven, "{kind}");
                } else {
                    let level = Level::AdditionsOnly;
                    let judged = judge(&old, &new, level, ContentModel::Event, &budget);
                    assert_eq!(judged.refusals, [], "{kind}");
                }
            }
        }
    }

    #[test]
    fn they_are_registered_before_anything_has_happened() {
        let defaults = Policy::new(Level::AdditionsOnly, ContentModel::Event);
        let mut catalog = Catalog::new(defaults);

        register(&mut catalog).unwrap();

        assert_eq!(catalog.position(), crate::log::Position::START);
        for (kind, versions) in KINDS {
            let stream = catalog.stream(&format!(":.stele:{kind}").parse().unwrap()).unwrap();
            assert_eq!(stream.entries().len(), versions.len());
            assert!(stream.entries().iter().skip(1).all(|entry| entry.edge().is_some()));
        }
        assert_eq!(catalog.streams().count(), 0, "lists show what people have registered");
    }

    /// An event of every kind, with all it can say.
    fn samples() -> Vec<(&'static str, Value)> {
        vec![
            (
                "subject_described",
                json!({"subject": "a", "kind": "state", "owner": "ada", "description": "x", "tags": ["b"]}),
            ),
            (
                "schema_registered",
                json!({"subject": ":.c:a", "version": 2, "release": "1.1.0", "id": 7, "fingerprint": "0".repeat(64),
                    "schemaType": "JSON", "schema": {"type": "string"},
                    "references": [{"name": "r", "subject": "b", "version": 1}],
                    "metadata": {"tags": {"/a": ["PII"]}, "properties": {"k": "v"}, "sensitive": ["k"]},
                    "ruleSet": {"domainRules": [{"name": "n", "kind": "CONDITION", "mode": "READ", "type": "CEL",
                        "expr": "true", "disabled": true}], "enableAt": "now"},
                    "addition": true, "forced": true}),
            ),
            (
                "lens_added",
                json!({"subject": "a", "from": 1, "to": 2, "lens": {}, "assurance": {"tested": 3}}),
            ),
            (
                "webhook_set",
                json!({"name": "w", "webhook": {"url": "https://a", "subjectPrefix": "b", "types": ["c"]}}),
            ),
            ("webhook_removed", json!({"name": "w"})),
            ("sunset_set", json!({"subject": "a", "version": 1, "on": "2027-01-31"})),
            (
                "config_set",
                json!({"scope": {"context": ".c"}, "compatibility": "FULL", "contentModel": "strict",
                    "widen": true, "strictLenses": false}),
            ),
            ("mode_set", json!({"scope": "global", "mode": "READONLY_OVERRIDE"})),
            ("versions_deleted", json!({"subject": "a", "versions": [1, 2]})),
            ("versions_restored", json!({"subject": "a", "versions": [1, 2]})),
            ("versions_erased", json!({"subject": "a", "versions": [1, 2]})),
            ("context_erased", json!({"context": ".c"})),
        ]
    }

    #[test]
    fn every_event_is_valid_in_its_schema_and_holds_nothing_that_is_not_declared_there() {
        let samples = samples();
        assert_eq!(samples.len(), KINDS.len());
        for (kind, sample) in samples {
            let event = Event::read(kind, newest(kind), &sample.to_string()).unwrap();
            let written: Value = serde_json::from_str(&event.to_json().unwrap()).unwrap();
            assert_eq!(written, sample, "{kind}");

            let (_, versions) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
            let schema = schema(versions.last().unwrap().0);
            assert!(schema.validate(&written).is_ok(), "{kind}");
            assert_eq!(project(&schema, &written), written, "{kind}");
        }
    }
}
