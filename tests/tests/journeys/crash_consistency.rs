//! A registry that is killed in the middle of its work comes back with everything it acknowledged.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use stele_tests::registry::{Registry, answer, registration};

/// How many write at the same time.
const WRITERS: usize = 32;

/// What a registry has said yes to.
#[derive(Debug, Clone, PartialEq)]
struct Acknowledged {
    subject: String,
    schema: String,
    version: Value,
    id: Value,
}

/// Registers one schema after the other until the registry is gone, and keeps what it said yes to. Half of the writers
/// share a subject, so that they get in each other's way.
async fn write(
    registry: Arc<Registry>,
    round: usize,
    writer: usize,
    seen: Arc<Mutex<Vec<Acknowledged>>>,
) {
    let subject = if writer.is_multiple_of(2) { "busy".to_owned() } else { format!("s{writer}") };
    for number in 0.. {
        let schema = json!({"title": format!("{round}-{writer}-{number}")}).to_string();
        let path = format!("/subjects/{subject}/versions");
        let request = registry.request(Method::POST, &path).json(&registration(&schema));
        let Ok(answer) = answer(request).await else { return };
        assert_eq!(answer.status, 200, "{answer:?}");
        let (version, id) = (answer.body["version"].clone(), answer.body["id"].clone());
        let subject = subject.clone();
        seen.lock().unwrap().push(Acknowledged { subject, schema, version, id });
    }
}

/// What the registry has at the place of something acknowledged.
async fn kept(registry: &Registry, known: &Acknowledged) -> Acknowledged {
    let subject = known.subject.clone();
    let path = format!("/subjects/{subject}/versions/{}", known.version);
    let body = registry.get(&path).await.body;
    let schema = body["schema"].as_str().unwrap_or_default().to_owned();
    Acknowledged { subject, schema, version: body["version"].clone(), id: body["id"].clone() }
}

/// The whole feed, page by page.
async fn feed(registry: &Registry) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = registry.get(&format!("/v1/changes?after={}", all.len())).await.body;
        let changes = page["changes"].as_array().unwrap();
        if changes.is_empty() {
            return all;
        }
        all.extend(changes.iter().cloned());
    }
}

/// How often the registry is killed; a soak says more.
fn crashes() -> usize {
    std::env::var("STELE_CRASHES").map_or(20, |text| text.parse().unwrap())
}

/// A moment nobody could have chosen, up to a third of a second away.
async fn a_while() {
    let random = RandomState::new().hash_one(Instant::now());
    tokio::time::sleep(Duration::from_millis(10 + random % 320)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_killed_while_many_register_has_all_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let registry = Registry::start(directory.path());
    registry.put("/config", &json!({"compatibility": "NONE"})).await;
    drop(registry);

    for round in 0..crashes() {
        let registry = Arc::new(Registry::start(directory.path()));
        let before = seen.lock().unwrap().len();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (registry, seen) = (Arc::clone(&registry), Arc::clone(&seen));
                tokio::spawn(write(registry, round, writer, seen))
            })
            .collect();
        while seen.lock().unwrap().len() == before {
            assert!(!writers.iter().all(tokio::task::JoinHandle::is_finished), "nobody writes");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        a_while().await;
        registry.kill();
        for writer in writers {
            writer.await.unwrap();
        }
        drop(registry);

        let registry = Registry::start(directory.path());
        let seen = seen.lock().unwrap().clone();
        for known in &seen[before..] {
            assert_eq!(kept(&registry, known).await, *known, "round {round}");
        }
    }

    let registry = Registry::start(directory.path());
    let seen = seen.lock().unwrap().clone();
    for known in &seen {
        assert_eq!(kept(&registry, known).await, *known, "nothing of any round is lost later");
    }
    let feed = feed(&registry).await;
    let sequences: Vec<u64> =
        feed.iter().map(|change| change["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=feed.len() as u64).collect::<Vec<_>>(), "no gap, none twice");
    assert!(feed.len() > seen.len(), "everything acknowledged, and the level, is in the feed");
    let mut places: Vec<_> = seen.iter().map(|a| (&a.subject, a.version.as_u64())).collect();
    let mut ids: Vec<_> = seen.iter().map(|a| a.id.as_u64()).collect();
    places.sort();
    places.dedup();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((places.len(), ids.len()), (seen.len(), seen.len()), "none was given twice");
}

#[tokio::test]
async fn the_log_on_disk_is_whole_and_refuses_to_be_changed() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    let answer = registry.post("/subjects/a/versions", &registration("{}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    registry.kill();
    drop(registry);

    let log = rusqlite::Connection::open(directory.path().join("stele.db")).unwrap();
    let sound: String = log.query_one("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let mode: String = log.query_one("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();

    assert_eq!((sound.as_str(), mode.as_str()), ("ok", "wal"));
    for statement in ["UPDATE log SET data = '{}'", "DELETE FROM log"] {
        let refused = log.execute(statement, []).unwrap_err();
        assert_eq!(refused.to_string(), "the log is append-only");
    }
}
