//! Told to stop (SIGTERM), every server stops within five seconds, whoever still waits for it.

use std::{fs, time::Duration};

use reqwest::Method;
use stele_tests::{
    process::{Ended, Process},
    registry::{Registry, answer, client},
};

/// How long a server may take.
const LIMIT: Duration = Duration::from_secs(5);

fn stopped_in_time(ended: Ended) {
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.after < LIMIT, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_stops_while_somebody_waits_for_changes() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::start(data.path());
    assert_eq!(registry.get("/livez").await.status, 200);
    let waits = registry.request(Method::GET, "/v1/changes?wait=60");
    let waits = tokio::spawn(answer(waits));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waits.is_finished(), "it waits");

    let ended = tokio::task::spawn_blocking(|| registry.terminate()).await.unwrap();

    stopped_in_time(ended);
    // With an answer or without one, nobody is left hanging.
    let _ = tokio::time::timeout(LIMIT, waits).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_translator_stops_while_its_registry_is_gone() {
    let data = tempfile::tempdir().unwrap();
    let registry = Registry::start(data.path());
    let config = data.path().join("translator.yaml");
    fs::write(&config, "subjects:\n  - { subject: Placed, to: latest }\n").unwrap();
    let mut translator = Process::start(
        "stele-translator",
        &[
            "serve".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--registry".as_ref(),
            registry.url().as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
        ],
    );
    let url = translator.url();
    let client = client();
    assert_eq!(answer(client.get(format!("{url}/livez"))).await.unwrap().status, 200);
    drop(registry);
    assert_eq!(answer(client.get(format!("{url}/livez"))).await.unwrap().status, 200);

    let ended = tokio::task::spawn_blocking(|| translator.terminate()).await.unwrap();

    stopped_in_time(ended);
}

#[test]
fn a_scenario_that_is_stopped_says_that_it_did_not_end() {
    let mut dev = Process::start("stele", &["dev", "--scenario", "retail"]);
    dev.line();

    let ended = dev.terminate();

    assert_ne!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.after < LIMIT, "{ended:?}");
}
