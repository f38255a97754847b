//! Requests as unmodified clients sent them, header for header, and the status and code each must get.

use std::{collections::BTreeMap, fs, path::Path};

use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;

use super::server::{Server, answer};

#[derive(Deserialize)]
struct Recording {
    headers: BTreeMap<String, BTreeMap<String, String>>,
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
struct Session {
    name: String,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    headers: String,
    method: String,
    path: String,
    body: Option<String>,
    status: u16,
    code: Option<u32>,
}

#[tokio::test]
async fn what_clients_in_the_field_send_is_answered_as_they_expect() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recorded.json");
    let recording: Recording = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(recording.sessions.len() >= 20);

    for session in &recording.sessions {
        let server = Server::start().await;
        for sent in &session.requests {
            // What is compressed cannot be read here.
            let said = recording.headers[&sent.headers].iter();
            let headers: HeaderMap = said
                .filter(|(name, _)| *name != "accept-encoding")
                .map(|(name, value)| {
                    (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
                })
                .collect();
            let method: Method = sent.method.parse().unwrap();
            let request = server.client().request(method, server.url(&sent.path)).headers(headers);
            let body = sent.body.clone().unwrap_or_default();
            let response = request.body(body).send().await.unwrap();
            let place = format!("{}: {} {}", session.name, sent.method, sent.path);
            assert_eq!(response.status().as_u16(), sent.status, "{place}");
            if let Some(code) = sent.code {
                assert_eq!(answer(response).await.body["error_code"], code, "{place}");
            }
        }
    }
}
