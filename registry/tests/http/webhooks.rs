//! Somebody who is told of what happens, as they see it: real requests to a real server.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time};

use super::server::Server;

/// Somebody who is told, and answers with the statuses they were given, then with 200.
#[derive(Clone, Default)]
struct Ear {
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Ear {
    async fn listen(answers: &[u16]) -> (Ear, String) {
        let ear = Ear { answers: Arc::new(Mutex::new(answers.to_vec())), ..Ear::default() };
        let router = Router::new().route("/hook", post(hear)).with_state(ear.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        (ear, url)
    }

    async fn sequences(&self, count: usize) -> Vec<u64> {
        for _ in 0..400 {
            if self.heard.lock().unwrap().len() >= count {
                break;
            }
            time::sleep(Duration::from_millis(25)).await;
        }
        let heard = self.heard.lock().unwrap();
        let bodies = heard.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap());
        bodies.map(|change| change["sequence"].as_u64().unwrap()).collect()
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    ear.heard.lock().unwrap().push((headers, body));
    let mut answers = ear.answers.lock().unwrap();
    let status = if answers.is_empty() { 200 } else { answers.remove(0) };
    StatusCode::from_u16(status).unwrap()
}

async fn start(attempts: u32) -> Server {
    Server::start_with(tempfile::tempdir().unwrap(), |config| {
        config.webhook_allow_private = true;
        config.webhook_attempts = attempts;
    })
    .await
}

async fn describe(server: &Server, subject: &str, owner: &str) {
    let put = server.put(&format!("/v1/subjects/{subject}"), &json!({"owner": owner})).await;
    assert_eq!(put.status, 200, "{put:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_told_each_change_in_order_signed_and_again_where_it_did_not_take_one() {
    let server = start(5).await;
    let (ear, url) = Ear::listen(&[500, 302]).await;
    describe(&server, "before", "x").await;

    let set = server.put("/v1/webhooks/ear", &json!({"url": url, "subjectPrefix": "a"})).await;
    for (subject, owner) in [("a", "1"), ("b", "2"), ("a", "3")] {
        describe(&server, subject, owner).await;
    }

    assert_eq!((set.status, &set.body["state"]), (201, &json!("active")));
    // The webhook itself is the second event; the first is twice not taken; `b` is not asked for.
    assert_eq!(ear.sequences(4).await, [3, 3, 3, 5]);
    let secret = set.body["secret"].as_str().unwrap();
    let (headers, body) = ear.heard.lock().unwrap()[0].clone();
    let time = headers["stele-timestamp"].to_str().unwrap();
    let signed = [time.as_bytes(), b".", &body].concat();
    let tag = headers["stele-signature"].to_str().unwrap().strip_prefix("v1=").unwrap().to_owned();
    let tag: Vec<u8> =
        (0..32).map(|i| u8::from_str_radix(&tag[2 * i..2 * i + 2], 16).unwrap()).collect();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &signed, &tag).unwrap();
    assert_eq!(headers["stele-event"], "3");
    let shown = server.get("/v1/webhooks/ear").await.body;
    assert_eq!(shown.get("secret"), None, "it is told once");
    let log = server.get("/v1/changes").await.text;
    assert!(!log.contains(secret), "and never to who reads the log");

    // It goes on where it was after a restart.
    let directory = server.stop().await;
    let server = Server::start_with(directory, |config| config.webhook_allow_private = true).await;
    describe(&server, "a", "4").await;
    assert_eq!(ear.sequences(5).await, [3, 3, 3, 5, 6]);
    assert_eq!(server.send(Method::DELETE, "/v1/webhooks/ear", "").await.status, 204);
    assert_eq!(server.get("/v1/webhooks/ear").await.body["code"], "webhook_not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_takes_nothing_is_dead_with_the_reason_until_it_is_set_again() {
    let server = start(2).await;
    let (ear, url) = Ear::listen(&[503, 503]).await;
    let hook = json!({"url": url, "types": ["subject_described"], "after": 0, "secret": "0123456789abcdef"});
    server.put("/v1/webhooks/ear", &hook).await;
    describe(&server, "a", "1").await;
    ear.sequences(2).await;

    let mut shown = Value::Null;
    for _ in 0..100 {
        shown = server.get("/v1/webhooks").await.body[0].clone();
        if shown["state"] == "dead" {
            break;
        }
        time::sleep(Duration::from_millis(50)).await;
    }

    assert_eq!((&shown["state"], &shown["failures"]), (&json!("dead"), &json!(2)));
    assert_eq!(shown["reason"], "it answered 503 Service Unavailable");
    describe(&server, "a", "2").await;
    let again =
        server.put("/v1/webhooks/ear", &json!({"url": url, "types": ["subject_described"]})).await;
    assert_eq!((again.status, again.body.get("secret")), (200, None));
    assert_eq!(ear.sequences(4).await, [2, 2, 2, 3], "nothing that happened meanwhile is lost");
}

#[tokio::test]
async fn a_webhook_does_not_lead_to_where_the_registry_stands() {
    let server = Server::start().await;

    for url in
        ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "http://[::1]/", "gopher://x"]
    {
        let refused = server.put("/v1/webhooks/w", &json!({"url": url})).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (422, &json!("field_invalid")),
            "{url}"
        );
    }
    let short = server
        .put("/v1/webhooks/w", &json!({"url": "https://example.com", "secret": "short"}))
        .await;
    assert_eq!(short.body["code"], "field_invalid");
    assert_eq!(server.get("/v1/webhooks").await.body, json!([]));
    assert_eq!(
        server.put("/v1/webhooks/a%20b", &json!({"url": "https://example.com"})).await.status,
        400
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_told_more_than_a_log_that_was_set_back_holds_is_dead_and_says_so() {
    let server = start(5).await;
    let (ear, url) = Ear::listen(&[]).await;
    server.put("/v1/webhooks/ear", &json!({"url": url})).await;
    let backup = server.client().get(server.url("/v1/backup")).send().await.unwrap();
    let backup = backup.bytes().await.unwrap();
    for owner in ["1", "2", "3"] {
        describe(&server, "a", owner).await;
    }
    assert_eq!(ear.sequences(3).await, [2, 3, 4]);
    let directory = server.stop().await;
    for name in ["stele.db", "stele.db-wal", "stele.db-shm"] {
        let _ = std::fs::remove_file(directory.path().join(name));
    }
    std::fs::write(directory.path().join("stele.db"), &backup).unwrap();

    let server = Server::start_with(directory, |config| config.webhook_allow_private = true).await;
    describe(&server, "b", "4").await;
    let shown = server.get("/v1/webhooks/ear").await.body;

    assert_eq!(shown["state"], "dead");
    let reason = shown["reason"].as_str().unwrap();
    assert!(reason.starts_with("it was told up to 4, and the log ends at 1"), "{reason}");
    server.put("/v1/webhooks/ear", &json!({"url": url, "after": 1})).await;
    assert_eq!(ear.sequences(4).await, [2, 3, 4, 2]);
}
