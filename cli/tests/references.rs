//! A `$ref` from one schema to another: filed beside it, in a revision, or registered.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{House, Workshop};

const MONEY: &str = r#"{"type":"object","properties":{"amount":{"type":"string"},"currency":{"$ref":"../Currency/1.json"}},"required":["amount"]}"#;
const CURRENCY: &str = r#"{"type":"string","minLength":3}"#;

fn placed(total: &str) -> String {
    format!(r#"{{"type":"object","properties":{{"id":{{"type":"string"}},"total":{total}}}}}"#)
}

/// The names are such that what is referred to comes later in the alphabet.
fn workshop() -> Workshop {
    let shop = Workshop::new();
    shop.write("schemas/common/Money/1.json", MONEY)
        .write("schemas/common/Currency/1.json", CURRENCY)
        .write("schemas/a-orders/Placed/1.json", &placed(r#"{"$ref":"../../common/Money/1.json"}"#))
        .commit();
    shop
}

#[test]
fn a_schema_is_checked_with_what_it_refers_to() {
    let shop = workshop();
    let inlined = r#"{"type":"object","properties":{"amount":{"type":"string"},"currency":{"type":"string","minLength":3}},"required":["amount"]}"#;
    shop.write("schemas/a-orders/Placed/2.json", &placed(inlined));
    let same = shop.stele(&["check"]);
    let file = shop.stele(&["check", "schemas/a-orders/Placed/2.json", "--against", "git:HEAD"]);
    shop.write("schemas/a-orders/Placed/2.json", &placed(r#"{"type":"string"}"#));
    let broken = shop.stele(&["check"]);

    assert_eq!((same.code, file.code, broken.code), (0, 0, 1), "{same:?} {file:?} {broken:?}");
    assert!(same.out.contains("release 1.0.1"), "{same:?}");
}

#[test]
fn a_folder_is_registered_in_the_order_of_its_references() {
    let shop = workshop();
    let house = House::open(&shop);

    let dry = house.stele(&shop, &["register", "schemas", "--dry-run"]);
    let first = house.stele(&shop, &["register", "schemas"]);
    let again = house.stele(&shop, &["register", "schemas"]);
    let checked = house.stele(&shop, &["check", "schemas", "--against", "registry"]);

    let codes = [&dry, &first, &again, &checked].map(|run| run.code);
    assert_eq!(codes, [0; 4], "{dry:?} {first:?} {again:?} {checked:?}");
    insta::assert_snapshot!(first.out, @r"
    registered Currency 1  release 1.0.0, id 1
    registered Money 1  release 1.0.0, id 2
    registered Placed 1  release 1.0.0, id 3
    ");
    insta::assert_snapshot!(again.out, @r"
    unchanged  Placed 1  already registered
    unchanged  Currency 1  already registered
    unchanged  Money 1  already registered
    ");
    assert!(
        checked.out.starts_with("compatible: 3 unchanged (schemas against registry at "),
        "{checked:?}"
    );
}

#[test]
fn what_is_only_registered_is_named_in_subject_yaml() {
    let shop = workshop();
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);
    let elsewhere = Workshop::new();
    elsewhere
        .write("schemas/orders/Paid/1.json", &placed(r#"{"$ref":"money"}"#))
        .write("schemas/orders/Paid/subject.yaml", "references:\n  money: Money@1\n");

    let registered = house.stele(&elsewhere, &["register", "schemas"]);
    elsewhere.write("schemas/orders/Paid/2.json", &placed(r#"{"type":"string"}"#));
    let broken = house.stele(&elsewhere, &["check", "schemas", "--against", "registry"]);
    elsewhere.write("schemas/orders/Paid/subject.yaml", "references:\n  money: Nobody@1\n");
    let missing = house.stele(&elsewhere, &["register", "schemas"]);

    assert_eq!(
        (registered.code, broken.code, missing.code),
        (0, 1, 2),
        "{registered:?} {broken:?}"
    );
    insta::assert_snapshot!(missing.err, @r"
    error: `schemas/orders/Paid/1.json` refers to `money`, which is not there
    hint: a `$ref` is a path from the file it stands in, the `$id` of a schema of the same source, or a name that `references` in subject.yaml explains (`name: Subject@2`); nothing is fetched for it
    ");
}

#[test]
fn a_file_that_changed_changes_what_refers_to_it_where_nothing_has_a_number() {
    let shop = Workshop::new();
    shop.write("schemas/Money.json", r#"{"type":"string"}"#)
        .write("schemas/Placed.json", &placed(r#"{"$ref":"Money.json"}"#))
        .commit();
    shop.write("schemas/Money.json", r#"{"type":"integer"}"#);

    let run = shop.stele(&["check"]);

    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("breaking: 2 breaking"), "{run:?}");
}

#[test]
fn a_reference_to_nothing_is_an_error() {
    let shop = Workshop::new();
    shop.write("Placed.json", &placed(r#"{"$ref":"Monye.json"}"#)).write("old.json", &placed("{}"));

    let run = shop.stele(&["check", "Placed.json", "--against", "old.json"]);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `Placed.json` refers to `Monye.json`, which is not there
    hint: a `$ref` is a path from the file it stands in, the `$id` of a schema of the same source, or a name that `references` in subject.yaml explains (`name: Subject@2`); nothing is fetched for it
    ");
}
