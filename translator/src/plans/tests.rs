use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::{Router, body::Body, extract::Request, http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use stele_evolution::schema::Schema;
use tokio::{net::TcpListener, time::sleep};

use super::*;
use crate::shop::{route, version};

/// How long the answer takes that was asked for first.
const LATE: Duration = Duration::from_millis(400);

fn schema(version: u32) -> Value {
    json!({"type": "object", "properties": {"id": {"type": "string"}, format!("n{version}"): {}}})
}

fn summary(version: u32) -> Value {
    let fingerprint = Schema::read(&schema(version).to_string()).parse().unwrap().fingerprint();
    json!({
        "version": version, "release": format!("{version}.0.0"), "globalId": version,
        "fingerprint": fingerprint,
    })
}

/// A registry that gets a second version as soon as it was asked for its first, and answers that first question late.
async fn registry() -> Client {
    let asked = Arc::new(AtomicUsize::new(0));
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
        let is_first = asked.fetch_add(1, SeqCst) == 0;
        let versions: Vec<Value> = (1..=if is_first { 1 } else { 2 }).map(summary).collect();
        if is_first {
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
