//! Those who listen: each has some places, and stays as long as their token is good.

use std::time::{Duration, Instant};

use reqwest::{Response, StatusCode};
use serde_json::json;
use stele_registry::{StartError, serve};

use super::{
    access::{guarded, without_line},
    server::{Server, answer, client},
};

async fn listen(server: &Server, token: &str) -> Response {
    let request = server.client().get(server.url("/v1/changes")).bearer_auth(token);
    request.header("accept", "text/event-stream").send().await.unwrap()
}

#[tokio::test]
async fn everybody_listens_as_often_as_they_may_and_waiting_counts() {
    let people = [("ada", "reader@*"), ("bob", "reader@*")];
    let (server, tokens) = guarded(&people, |config| {
        (config.max_listeners, config.max_listeners_per_token) = (3, 2);
    })
    .await;
    let [ada, bob] = &tokens[..] else { panic!() };

    let first = listen(&server, ada).await;
    let _second = listen(&server, ada).await;
    let third = answer(listen(&server, ada).await).await;
    let waiting = server.client().get(server.url("/v1/changes?wait=1")).bearer_auth(ada);
    let waiting = answer(waiting.send().await.unwrap()).await;
    let _other = listen(&server, bob).await;
    let full = answer(listen(&server, bob).await).await;

    assert_eq!(first.status(), StatusCode::OK);
    for refused in [&third, &waiting] {
        assert_eq!((refused.status, &refused.body["code"]), (429, &json!("rate_limited")));
        assert_eq!(refused.body["detail"], "`ada` listens 2 times already");
    }
    assert_eq!((full.status, &full.body["code"]), (503, &json!("overloaded")));
    drop(first);
    let start = Instant::now();
    while listen(&server, ada).await.status() != StatusCode::OK {
        assert!(start.elapsed() < Duration::from_secs(10), "a place is given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_stream_ends_soon_after_its_token_is_taken_back() {
    let (server, tokens) = guarded(&[("ada", "reader@*"), ("bob", "reader@*")], |_| {}).await;
    let (gone, kept) = (listen(&server, &tokens[0]).await, listen(&server, &tokens[1]).await);

    without_line(&server.directory().join("tokens"), "ada");
    let told = tokio::time::timeout(Duration::from_secs(20), gone.text()).await.unwrap().unwrap();

    assert!(told.contains("event: problem") && told.contains("unauthenticated"), "{told}");
    let mut kept = kept;
    assert!(kept.chunk().await.unwrap().is_some(), "it has begun");
    let silent = tokio::time::timeout(Duration::from_millis(200), kept.chunk()).await;
    assert!(silent.is_err(), "others go on");
}

#[tokio::test]
async fn keys_that_would_come_in_the_clear_are_not_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let _ = client();
    let mut config = stele_registry::Config::local(directory.path());
    config.jwks = Some("http://ada:hunter2@issuer.example/keys".into());
    config.jwt_issuer = Some("https://id".into());
    config.jwt_audience = Some("stele".into());

    let refused = serve(config).await.map(drop).unwrap_err();

    assert!(matches!(&refused, StartError::Config(_)));
    assert!(refused.hint().unwrap().contains("--jwks-allow-http"));
    assert!(!format!("{refused:?}").contains("hunter2"));
}
