//! What the fold makes of a history.

use stele_api::{
    dialect::Metadata, kind::Kind, plan::Assurance, rules::RuleSet, selector::Selector,
    text::JsonText,
};
use stele_evolution::{
    containment::ContentModel,
    policy::Level,
    schema::Schema,
    version::{Release, Version},
};

use super::*;
use crate::event::ConfigSet;

fn version(number: u32) -> Version {
    number.try_into().unwrap()
}

fn registered(subject: &str, number: u32, id: u32, text: &str) -> Event {
    Event::SchemaRegistered(Box::new(SchemaRegistered {
        subject: subject.parse().unwrap(),
        version: version(number),
        release: Release::new(1, u64::from(number) - 1, 0),
        id: id.try_into().unwrap(),
        fingerprint: Schema::read(text).parse().unwrap().fingerprint(),
        schema_type: "JSON".into(),
        schema: JsonText::new(text).unwrap(),
        references: vec![],
        metadata: Metadata::default(),
        rule_set: RuleSet::default(),
        addition: number > 1,
        forced: false,
    }))
}

fn config(scope: Scope, level: Option<Level>, model: Option<ContentModel>) -> Event {
    Event::ConfigSet(ConfigSet {
        compatibility: level,
        content_model: model,
        ..ConfigSet::cleared(scope)
    })
}

fn kind(subject: &str, kind: Kind) -> Event {
    Event::SubjectDescribed(SubjectDescribed {
        subject: subject.parse().unwrap(),
        kind,
        owner: None,
        description: None,
        tags: vec![],
    })
}

fn after(events: &[Event]) -> Catalog {
    let defaults = Policy::new(Level::AdditionsOnly, ContentModel::Event);
    let mut catalog = Catalog::new(defaults);
    for event in events {
        catalog.apply(catalog.position().next(), event);
    }
    catalog
}

#[test]
fn one_content_has_one_id_in_every_subject_of_a_context() {
    let catalog = after(&[
        registered("a", 1, 1, r#"{"type":"string"}"#),
        registered("b", 1, 1, r#"{"type":"string"}"#),
        registered("b", 2, 2, "true"),
    ]);

    let key = &catalog.stream(&"a".parse().unwrap()).unwrap().newest().unwrap().content.key;

    assert_eq!(catalog.id_for(&Context::default(), key).unwrap().number(), 1);
    assert_eq!(catalog.id_for(&".other".parse().unwrap(), key).unwrap().number(), 1);
    let places = catalog.places(&Context::default(), SchemaId::FIRST).unwrap();
    let places: Vec<String> = places.iter().map(|place| place.subject.to_string()).collect();
    assert_eq!(places, ["a", "b"]);
    assert_eq!(catalog.newest_id(&Context::default()).unwrap().number(), 2);
}

#[test]
fn a_version_is_found_by_number_release_range_and_latest() {
    let catalog = after(&[
        registered("a", 1, 1, "true"),
        registered("a", 2, 2, r#"{"title":"two"}"#),
        registered("a", 3, 3, r#"{"title":"three"}"#),
    ]);
    let stream = catalog.stream(&"a".parse().unwrap()).unwrap();

    let selected = |text: &str| {
        let selector: Selector = text.parse().unwrap();
        stream.select(&selector).map(|entry| entry.version.number())
    };

    assert_eq!(selected("latest"), Some(3));
    assert_eq!(selected("2"), Some(2));
    assert_eq!(selected("1.1.0"), Some(2));
    assert_eq!(selected("^1.0"), Some(3));
    assert_eq!(selected("~1.1"), Some(2));
    assert_eq!(selected("^2"), None);
    assert_eq!(selected("4"), None);
}

#[test]
fn a_catalog_in_hand_does_not_change() {
    let before = after(&[registered("a", 1, 1, "true")]);

    let mut later = before.clone();
    later.apply(later.position().next(), &registered("a", 2, 2, r#"{"title":"two"}"#));

    let newest = |catalog: &Catalog| {
        catalog.stream(&"a".parse().unwrap()).unwrap().newest().unwrap().version.number()
    };
    assert_eq!((newest(&before), newest(&later)), (1, 2));
}

#[test]
fn a_policy_is_the_nearest_that_was_set() {
    let subject: Subject = ":.orders:Placed".parse().unwrap();
    let of_context = Scope::Context(".orders".parse().unwrap());
    let of_subject = Scope::Subject(subject.clone());
    let mut events = vec![];

    let mut level = |event: Event| {
        events.push(event);
        after(&events).policy_of(&subject).compatibility
    };

    assert_eq!(level(kind(":.orders:Placed", Kind::Command)), Level::BackwardTransitive);
    assert_eq!(level(config(Scope::Global, Some(Level::Full), None)), Level::Full);
    assert_eq!(level(config(of_context, Some(Level::Forward), None)), Level::Forward);
    assert_eq!(level(config(of_subject.clone(), Some(Level::None), None)), Level::None);
    assert_eq!(level(config(of_subject, None, Some(ContentModel::Strict))), Level::Forward);
    assert_eq!(after(&events).policy_of(&subject).content_model, ContentModel::Strict);
}

#[test]
fn a_lens_makes_an_edge_where_there_was_none() {
    let broken = |number| {
        let Event::SchemaRegistered(mut event) = registered("a", number, number, "true") else {
            panic!("a registration")
        };
        event.addition = false;
        Event::SchemaRegistered(event)
    };
    let mut catalog = after(&[broken(1), broken(2)]);
    let subject: Subject = "a".parse().unwrap();
    let edge = |catalog: &Catalog| catalog.stream(&subject).unwrap().newest().unwrap().edge();
    assert_eq!(edge(&catalog), None);

    let lens = Event::LensAdded(LensAdded {
        subject: subject.clone(),
        from: version(1),
        to: version(2),
        lens: serde_json::json!({}),
        assurance: Assurance::Tested(3),
    });
    catalog.apply(catalog.position().next(), &lens);

    assert_eq!(edge(&catalog), Some(stele_api::version::EdgeKind::Lens));
    assert_eq!(catalog.stream(&subject).unwrap().touched(), Position(3));
}
