use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use axum::{Router, body::Body, extract::Request, http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use stele_evolution::schema::{Dialect, Fingerprint, Schema};
use tokio::{net::TcpListener, time::sleep};

use super::*;
use crate::{
    shop::{event, route, version},
    table::Track,
};

/// How long the answer takes that was asked for first.
const LATE: Duration = Duration::from_millis(400);

fn schema(version: u32) -> Value {
    json!({"type": "object", "properties": {"id": {"type": "string"}, format!("n{version}"): {}}})
}

fn summary(version: u32) -> Value {
    let fingerprint = Schema::read(&schema(version).to_string()).parse().unwrap().fingerprint();
    let edge = if version > 1 { json!("addition") } else { Value::Null };
    json!({
        "version": version, "release": format!("{version}.0.0"), "globalId": version,
        "fingerprint": fingerprint, "edge": edge,
    })
}

/// A registry that gets another version, up to three, each time that it is asked, and answers the first question late.
async fn registry() -> Client {
    let asked = Arc::new(AtomicU32::new(0));
    let answer = async move |request: Request<Body>| {
        let path = request.uri().path().to_owned();
        if let Some((_, number)) = path.split_once("/versions/") {
            let number: u32 = number.parse().unwrap();
            let mut version = summary(number);
            version["subject"] = json!("OrderPlaced");
            version["schemaType"] = json!("JSON");
            version["schema"] = schema(number);
            return version.to_string().into_response();
        }
        if path != "/v1/subjects/OrderPlaced" {
            return StatusCode::NOT_FOUND.into_response();
        }
        let newest = asked.fetch_add(1, SeqCst) + 1;
        let versions: Vec<Value> = (1..=newest.min(3)).map(summary).collect();
        if newest == 1 {
            sleep(LATE).await;
        }
        let policy = json!({"compatibility": "NONE", "contentModel": "event"});
        json!({
            "subject": "OrderPlaced", "kind": "event", "policy": policy, "versions": versions,
        })
        .to_string()
        .into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Client::new(&url).unwrap()
}

#[tokio::test]
async fn an_answer_that_comes_late_never_takes_the_place_of_a_newer_one() {
    let routes = Routes::Named(vec![Arc::new(route("OrderPlaced", 1))]);
    let plans = Plans::new(routes, Source::new(registry().await, Cache::none()));

    let (first, second) = tokio::join!(plans.load(), async {
        sleep(LATE / 4).await;
        plans.load().await
    });

    first.unwrap();
    second.unwrap();
    let table = plans.table();
    let track = table.track(&"OrderPlaced".parse().unwrap()).unwrap();
    let known: Vec<_> = track.history().versions().iter().map(|known| known.version).collect();
    assert_eq!(known, [version(1), version(2)]);
}

fn plans(client: Client, cache: &Path) -> Plans {
    let routes = Routes::Named(vec![Arc::new(route("OrderPlaced", 1))]);
    Plans::new(routes, Source::new(client, Cache::at(cache).unwrap()))
}

fn only_file(folder: &Path, holds: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut fitting = files.filter(|file| fs::read_to_string(file).unwrap().contains(holds));
    fitting.next().unwrap()
}

#[tokio::test]
async fn nothing_is_composed_before_an_event_needs_it_and_what_flows_is_composed_before_a_swap() {
    let folder = tempfile::tempdir().unwrap();
    let client = registry().await;
    let first = plans(client.clone(), folder.path());
    first.load().await.unwrap();
    let in_use = |plans: &Plans| {
        let table = plans.table();
        table.track(&"OrderPlaced".parse().unwrap()).unwrap().in_use()
    };
    let plans = plans(client, folder.path());
    plans.take_cached();
    assert_eq!((in_use(&first), in_use(&plans)), (vec![], vec![]));

    // A version that is not in the cache, so that the registry is asked.
    let translated = plans.translate(&event("OrderPlaced.v2", r#"{"id":"1"}"#)).await.unwrap();

    assert_eq!((translated.from, translated.to), (version(2), version(1)));
    assert_eq!(in_use(&plans), [version(2)]);

    plans.load().await.unwrap();
    assert_eq!(in_use(&plans), [version(2), version(3)], "and the newest, which is to come");
}

#[tokio::test]
async fn what_is_kept_and_cannot_be_read_is_asked_for_and_never_passed_on_unchecked() {
    let folder = tempfile::tempdir().unwrap();
    let client = registry().await;
    let first = plans(client.clone(), folder.path());
    first.load().await.unwrap();
    first.load().await.unwrap();
    // As if an earlier program had taken a schema that this one does not.
    let bad = r#"{"type":"strin"}"#;
    let fingerprint = Fingerprint::of_text(bad, Dialect::default(), []).to_string();
    let good = summary(1)["fingerprint"].as_str().unwrap().to_owned();
    let history = only_file(&folder.path().join("registries"), "OrderPlaced");
    fs::write(&history, fs::read_to_string(&history).unwrap().replace(&good, &fingerprint))
        .unwrap();
    let schemas = folder.path().join("schemas");
    let mut kept: Value =
        serde_json::from_slice(&fs::read(schemas.join(format!("{good}.json"))).unwrap()).unwrap();
    kept["schema"] = json!(bad);
    fs::write(schemas.join(format!("{fingerprint}.json")), kept.to_string()).unwrap();
    let event = event("OrderPlaced.v2", r#"{"id":"1"}"#);

    let away = plans(Client::new("http://127.0.0.1:9").unwrap(), folder.path());
    let registry = client.base().as_str().to_owned();
    let history = History::cached(
        &registry,
        &"OrderPlaced".parse().unwrap(),
        &Cache::at(folder.path()).unwrap(),
    );
    let history = history.unwrap();
    assert!(!history.is_readable());
    let track = Track::lay(history, &route("OrderPlaced", 1).to);
    away.table.store(Arc::new(Table::default().with([Arc::new(track)])));
    assert!(away.missing().is_empty());
    let refused = away.translate(&event).await.unwrap_err();
    assert_eq!(refused.code, Code::RegistryUnavailable, "{refused}");

    let back = plans(client, folder.path());
    back.take_cached();
    assert_eq!(back.translate(&event).await.unwrap().to, version(1));
}
