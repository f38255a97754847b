//! The lenses of `schemas/retail` carry every example across, both ways, and are accepted by the engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod plans;

use serde_json::Value;
use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    lens::{self, Lens},
    plan::Class,
    schema::{Schema, read_value},
    version::Version,
};
use stele_scenario::retail::{Catalog, catalog::Subject};

use self::plans::plan;

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

fn version(number: u32) -> Version {
    number.try_into().unwrap()
}

/// Every example of every subject, with each version it can be carried to.
fn journeys() -> Vec<(Subject, Version, Version, &'static str, Value)> {
    let mut journeys = Vec::new();
    for subject in catalog().subjects() {
        for from in &subject.editions {
            for to in &subject.editions {
                for (name, text) in from.examples {
                    let event = read_value(text).unwrap();
                    journeys.push((subject.clone(), from.version, to.version, *name, event));
                }
            }
        }
    }
    journeys
}

#[test]
fn every_lens_says_the_edge_it_stands_on() {
    for subject in catalog().subjects() {
        let mut before = None;
        for edition in &subject.editions {
            if let Some(text) = edition.lens {
                let lens = Lens::parse(text).unwrap();

                assert_eq!(lens.subject(), subject.about.subject);
                assert_eq!((Some(lens.from()), lens.to()), (before, edition.version));
            }
            before = Some(edition.version);
        }
    }
}

#[test]
fn the_engine_accepts_every_lens() {
    for subject in catalog().subjects() {
        let editions = subject.editions.iter();
        for (older, newer) in editions.clone().zip(editions.skip(1)) {
            let Some(text) = newer.lens else { continue };
            let lens = Lens::parse(text).unwrap();
            let schema = |text: &str| Schema::read(text).parse().unwrap();

            let checked = lens::check(
                &lens,
                &schema(older.schema),
                &schema(newer.schema),
                ContentModel::Event,
                &Budget::steps(1_000_000),
            );

            assert!(checked.is_ok(), "{}: {:#?}", subject.about.subject, checked.err());
        }
    }
}

#[test]
fn every_example_arrives_valid_in_every_version() {
    for (subject, from, to, name, event) in journeys() {
        let arrived = plan(&subject, from, to).translate(&event);

        let told = format!("{} {name} from {from} to {to}", subject.about.subject);
        let crossing = arrived.unwrap_or_else(|error| panic!("{told}: {error:?}"));
        let schema = Schema::read(subject.edition(to).unwrap().schema).parse().unwrap();
        assert_eq!(schema.validate(&crossing.event), Ok(()), "{told}");
    }
}

#[test]
fn every_example_comes_back_as_it_was_unless_a_loss_was_counted() {
    for (subject, from, to, name, event) in journeys() {
        let there = plan(&subject, from, to).translate(&event).unwrap();
        let back = plan(&subject, to, from).translate(&there.event).unwrap();

        let told = format!("{} {name} to {to} and back", subject.about.subject);
        assert_eq!(back.event == event, there.losses.is_empty(), "{told}: {:?}", there.losses);
    }
}

#[test]
fn an_old_order_becomes_a_new_one_in_one_go() {
    let catalog = catalog();
    let orders = catalog.subject("OrderPlaced").unwrap();
    let up = plan(orders, version(1), version(3));
    let (_, text) = orders.editions[0].examples[1];

    let crossing = up.translate(&read_value(text).unwrap()).unwrap();

    assert_eq!(crossing.event["channel"], "web");
    assert_eq!(crossing.event["customer"]["name"], "Ada Lovelace");
    assert_eq!(crossing.event["delivery"]["latest"], "2021-03-09");
    assert_eq!(crossing.event["lines"][0]["quantity"], 2);
    assert_eq!(crossing.losses, []);
}

#[test]
fn only_what_a_lens_gives_up_is_lost() {
    let catalog = catalog();
    let class = |subject: &str, from, to| {
        plan(catalog.subject(subject).unwrap(), version(from), version(to)).class()
    };

    assert_eq!(class("ReserveStock", 2, 1), Class::Iso);
    assert_eq!(class("OrderPlaced", 3, 1), Class::Lossy);
    assert_eq!(class("PaymentConfirmed", 1, 2), Class::Lossy);
    assert_ne!(class("StockReserved", 1, 2), Class::Lossy);
}
