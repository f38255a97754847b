//! The registry goes away: it is dead at start, dies in mid-stream, answers 500 or nonsense. What is cached goes on, what is
//! unknown is held until it is known.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use stele_tests::registry::Registry;
use tokio::time::sleep;

use crate::house::{House, SUBJECT, listen, register};

/// What stands between the sidecar and its registry.
#[derive(Clone)]
struct Between {
    registry: String,
    mood: Arc<AtomicU8>,
    client: reqwest::Client,
}

const FAIR: u8 = 0;
const FAILING: u8 = 1;
const NONSENSE: u8 = 2;
const SILENT: u8 = 3;

async fn between(State(between): State<Between>, uri: Uri, headers: HeaderMap) -> Response {
    match between.mood.load(SeqCst) {
        FAILING => return (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response(),
        NONSENSE => return r#"{"subject": 7, "versions": "none"}"#.into_response(),
        SILENT => return std::future::pending().await,
        _ => {}
    }
    let mut request = between.client.get(format!("{}{uri}", between.registry));
    for name in ["accept", "last-event-id"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    // A stream is not passed on as one: whoever follows falls back to asking.
    let Ok(Ok(answer)) = tokio::time::timeout(Duration::from_secs(3), async {
        request.header("accept", "application/json").send().await
    })
    .await
    else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = answer.status();
    let body: Bytes = answer.bytes().await.unwrap_or_default();
    (status, [("content-type", "application/json")], body).into_response()
}

/// A sidecar that has seen versions 1 and 2, with a consumer that remembers.
async fn house(more: &str) -> (House, Arc<Mutex<Vec<String>>>, Arc<AtomicU8>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let remember = Arc::clone(&got);
    let take = async move |headers: HeaderMap| {
        remember.lock().unwrap().push(headers["ce-id"].to_str().unwrap().to_owned());
    };
    let consumer = listen(Router::new().route("/", post(take))).await;
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&folder.path().join("registry"));
    registry.put(&format!("/config/{SUBJECT}"), &json!({"compatibility": "TRANSLATABLE"})).await;
    for version in [1, 2] {
        register(&registry, version).await;
    }
    let mood = Arc::new(AtomicU8::new(FAIR));
    let between_them = Between {
        registry: registry.url().to_owned(),
        mood: Arc::clone(&mood),
        client: stele_tests::registry::client(),
    };
    let url = listen(Router::new().fallback(between).with_state(between_them)).await;
    let more = format!(
        "consumer: '{consumer}'\nsubscriptions:\n  - {{ name: shelf, first_wait_ms: 5, longest_wait_ms: 200 }}\n{more}"
    );
    let house = House::with(folder, registry, url.trim_end_matches('/').to_owned(), "1", &more);
    house.start();
    (house, got, mood)
}

async fn until(mut holds: impl AsyncFnMut() -> bool, what: &str) {
    for _ in 0..1000 {
        if holds().await {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_the_registry_cached_subjects_go_on_and_unknown_versions_are_held() {
    let (house, got, mood) = house("").await;
    assert_eq!(house.post("/translate", 2, "a", 0).await.unwrap().status, 200);
    until(async || house.get("/readyz").await.body["stale"] == json!(false), "it is never fresh")
        .await;

    for (n, bad) in [(1, FAILING), (2, NONSENSE), (3, SILENT)] {
        mood.store(bad, SeqCst);
        // In mid-stream, then from the start on.
        assert_eq!(house.post("/translate", 2, "a", n).await.unwrap().status, 200, "mood {bad}");
        house.kill();
        house.start();
        let ready = house.get("/readyz").await;
        assert_eq!((ready.status, &ready.body["stale"]), (200, &json!(true)), "mood {bad}");
        assert_eq!(house.post("/translate", 2, "a", n).await.unwrap().status, 200, "mood {bad}");
    }

    // Version 3 is registered where the sidecar cannot see it, and its events are held.
    register(&house.registry, 3).await;
    mood.store(FAILING, SeqCst);
    let inline = house.post("/translate", 3, "b", 1).await.unwrap();
    assert_eq!((inline.status, &inline.body["class"]), (503, &json!("unknown_version")));
    assert_eq!(house.post("/queue/shelf", 3, "b", 1).await.unwrap().status, 202);
    assert_eq!(house.post("/queue/shelf", 2, "c", 1).await.unwrap().status, 202);
    until(async || got.lock().unwrap().as_slice() == ["c-1"], "the cached version does not flow")
        .await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(got.lock().unwrap().len(), 1, "held, not dead and not delivered as it is");

    mood.store(FAIR, SeqCst);
    house.emptied("shelf").await;
    assert_eq!(got.lock().unwrap().as_slice(), ["c-1", "b-1"]);
    assert_eq!(house.get("/dead-letters").await.body["dead_letters"], json!([]));
    until(async || house.get("/readyz").await.body["stale"] == json!(false), "it stays stale")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_cache_it_waits_for_the_registry_and_takes_events_meanwhile() {
    let (house, got, mood) = house("").await;
    house.kill();
    std::fs::remove_dir_all(house.folder().join("cache")).unwrap();
    mood.store(FAILING, SeqCst);
    house.start();

    assert_eq!(house.get("/readyz").await.status, 503);
    assert_eq!(house.post("/queue/shelf", 2, "a", 1).await.unwrap().status, 202);
    mood.store(FAIR, SeqCst);

    house.emptied("shelf").await;
    assert_eq!(got.lock().unwrap().as_slice(), ["a-1"]);
    assert!(house.stop() < Duration::from_secs(5));
}
