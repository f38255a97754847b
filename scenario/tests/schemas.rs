//! The files of `schemas/retail` keep what they promise: the schemas parse, the examples are valid, the additions are
//! additions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use stele_api::kind::Kind;
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, project, refutes},
    policy::{self, Level},
    schema::{Formats, Schema, read_value},
    version::Version,
};
use stele_scenario::retail::{
    Catalog,
    catalog::{Edition, Subject},
};

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

fn schema(edition: &Edition) -> Schema {
    Schema::read(edition.schema).formats(Formats::Assert).parse().unwrap()
}

fn examples(edition: &Edition) -> impl Iterator<Item = (&'static str, Value)> {
    edition.examples.iter().map(|(name, text)| (*name, read_value(text).unwrap()))
}

/// Every pair of adjacent versions, older first.
fn steps(subject: &Subject) -> impl Iterator<Item = (&Edition, &Edition)> {
    subject.editions.iter().zip(subject.editions.iter().skip(1))
}

#[test]
fn every_context_has_its_subjects() {
    let catalog = catalog();

    let said: Vec<String> = catalog
        .subjects()
        .iter()
        .map(|Subject { about, editions }| {
            format!("{}/{} {:?} x{}", about.context, about.subject, about.kind, editions.len())
        })
        .collect();

    assert_eq!(
        said,
        [
            "order-management/PlaceOrder Command x1",
            "order-management/OrderPlaced Event x3",
            "inventory/ReserveStock Command x2",
            "inventory/StockReserved Event x2",
            "inventory/StockNotAvailable Event x1",
            "payment/ProcessPayment Command x1",
            "payment/PaymentConfirmed Event x2",
            "payment/PaymentFailed Event x1",
            "shipping/CreateShipment Command x1",
            "shipping/ShipmentCreated Event x1",
        ]
    );
}

#[test]
fn the_program_carries_every_file_of_the_folder() {
    fn files(folder: &Path, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, into);
            } else if path.extension().is_some_and(|extension| extension != "md") {
                into.insert(fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut on_disk = BTreeSet::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/retail")), &mut on_disk);

    let catalog = catalog();
    let mut carried = BTreeSet::new();
    for edition in catalog.subjects().iter().flat_map(|subject| &subject.editions) {
        carried.insert(edition.schema.to_owned());
        carried.extend(edition.lens.map(str::to_owned));
        carried.extend(edition.examples.iter().map(|(_, text)| (*text).to_owned()));
    }

    let missing: Vec<&String> =
        on_disk.difference(&carried).filter(|text| !text.starts_with("subject:")).collect();
    assert!(missing.is_empty(), "not in the list of embedded files: {missing:#?}");
}

#[test]
fn every_schema_parses_and_says_what_each_property_is() {
    fn undescribed(schema: &Value, at: &str, into: &mut Vec<String>) {
        let Value::Object(members) = schema else { return };
        for (name, member) in members {
            if name == "properties" {
                for (property, value) in member.as_object().into_iter().flatten() {
                    if value.get("description").is_none() {
                        into.push(format!("{at}/properties/{property}"));
                    }
                }
            }
            undescribed(member, &format!("{at}/{name}"), into);
        }
    }

    for subject in catalog().subjects() {
        for edition in &subject.editions {
            let mut silent = Vec::new();
            undescribed(schema(edition).value(), "", &mut silent);

            assert!(silent.is_empty(), "{} {}: {silent:?}", subject.about.subject, edition.version);
        }
    }
}

#[test]
fn every_example_is_valid_under_its_version() {
    for subject in catalog().subjects() {
        for edition in &subject.editions {
            let schema = schema(edition);
            assert!(edition.examples.len() >= 2, "{} has too few examples", subject.about.subject);

            for (name, event) in examples(edition) {
                let valid = schema.validate(&event);

                assert_eq!(valid, Ok(()), "{} {} {name}", subject.about.subject, edition.version);
            }
        }
    }
}

#[test]
fn a_step_without_a_lens_is_an_addition() {
    let mut additions = Vec::new();
    for subject in catalog().subjects() {
        for (older, newer) in steps(subject).filter(|(_, newer)| newer.lens.is_none()) {
            let judgement = policy::judge(
                &schema(older),
                &schema(newer),
                Level::AdditionsOnly,
                ContentModel::Event,
                &Budget::steps(1_000_000),
            );

            assert!(judgement.accepted(), "{}: {:?}", subject.about.subject, judgement.refusals);
            additions.push(format!("{} {}", subject.about.subject, newer.version));
        }
    }
    assert_eq!(additions, ["OrderPlaced 2", "StockReserved 2"]);
}

#[test]
fn an_addition_is_read_by_older_readers_and_newer_ones() {
    for subject in catalog().subjects() {
        for (older, newer) in steps(subject).filter(|(_, newer)| newer.lens.is_none()) {
            let (old, new) = (schema(older), schema(newer));

            for (_, event) in examples(older) {
                assert!(new.is_valid(&project(&new, &event)));
            }
            for (_, event) in examples(newer) {
                assert!(old.is_valid(&project(&old, &event)));
            }
        }
    }
}

#[test]
fn a_step_with_a_lens_breaks_and_the_subject_allows_it() {
    for subject in catalog().subjects() {
        for (older, newer) in steps(subject).filter(|(_, newer)| newer.lens.is_some()) {
            let (old, new) = (schema(older), schema(newer));

            assert_eq!(subject.about.compatibility, Level::Translatable);
            for (_, event) in examples(older) {
                assert!(refutes(&event, &old, &new, ContentModel::Event));
            }
            for (_, event) in examples(newer) {
                assert!(refutes(&event, &new, &old, ContentModel::Event));
            }
        }
    }
}

#[test]
fn the_refused_version_parses_and_an_ordinary_order_breaks_it() {
    let catalog = catalog();
    let newest = catalog.subject("OrderPlaced").unwrap().editions.last().unwrap();

    let refused = Schema::read(Catalog::breaking_order_placed()).parse().unwrap();

    for (_, event) in examples(newest) {
        assert!(refutes(&event, &schema(newest), &refused, ContentModel::Event));
    }
}

#[test]
fn a_version_is_found_by_its_number() {
    let catalog = catalog();
    let orders = catalog.subject("OrderPlaced").unwrap();

    assert!(orders.edition(Version::FIRST).unwrap().lens.is_none());
    assert!(orders.edition(Version::FIRST.next().next()).unwrap().lens.is_some());
    assert!(catalog.subject("OrderPlaced2").is_none());
    assert_eq!(orders.about.kind, Kind::Event);
}
