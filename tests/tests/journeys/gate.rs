//! `stele check` as a gate in front of a registry: what a pipeline sees.

use std::fs;

use stele_tests::{
    process,
    registry::{Registry, registration},
};

const V1: &str = r#"{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}"#;
const ADDED: &str = r#"{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"gift":{"type":"boolean"}}}"#;
const BROKEN: &str =
    r#"{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_held_against_what_the_registry_has() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::start(data.path());
    let registered = registry.post("/subjects/Placed/versions", &registration(V1)).await;
    assert_eq!(registered.status, 200, "{registered:?}");
    let before = registry.recorded().await;
    let folder = tempfile::tempdir().unwrap();
    let check = |schema: &str| {
        fs::write(folder.path().join("Placed.json"), schema).unwrap();
        let arguments =
            ["check", "Placed.json", "--against", "registry", "--registry", registry.url()];
        let run = process::run("stele", folder.path(), &arguments);
        let text = [run.stdout, run.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        (run.status.code(), text)
    };

    let (same, added, broken) = (check(V1), check(ADDED), check(BROKEN));

    assert_eq!((same.0, added.0), (Some(0), Some(0)), "{}\n{}", same.1, added.1);
    assert_eq!(broken.0, Some(1), "{}", broken.1);
    assert!(broken.1.contains("/properties/id"), "it says where: {}", broken.1);
    assert!(broken.1.contains(r#""id""#), "it shows an event that breaks: {}", broken.1);
    assert_eq!(registry.recorded().await, before, "a check records nothing");

    registry.kill();
    let gone = check(ADDED);

    assert_eq!(gone.0, Some(4), "{}", gone.1);
    assert!(gone.1.starts_with("error: "), "{}", gone.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_retail_schemas_are_registered_once_and_then_unchanged() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::start(data.path());
    let root = stele_tests::workspace();
    let register = || {
        let arguments = ["register", "schemas/retail", "--registry", registry.url()];
        process::run("stele", root, &arguments)
    };

    let first = register();
    let recorded = registry.recorded().await;
    let second = register();
    let check = ["check", "schemas/retail", "--against", "registry", "--registry", registry.url()];
    let check = process::run("stele", root, &check);

    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(recorded.1.as_array().is_some_and(|subjects| subjects.len() >= 9), "{}", recorded.1);
    assert_eq!(second.status.code(), Some(0), "{second:?}");
    assert_eq!(registry.recorded().await, recorded, "the second time changes nothing");
    assert_eq!(check.status.code(), Some(0), "{check:?}");
}
