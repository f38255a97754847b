//! A remote `$ref` is never fetched: a schema cannot make anybody here call somebody.

use std::{fs, io::ErrorKind, net::TcpListener, thread, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use stele_tests::{
    process,
    registry::{Registry, registration},
};

/// Somebody who could be called, and would know.
struct Bystander(TcpListener);

impl Bystander {
    fn listen() -> Bystander {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Bystander(listener)
    }

    fn url(&self) -> String {
        format!("http://{}/schema.json", self.0.local_addr().unwrap())
    }

    /// Nobody has called, nor does so in the moment after.
    fn was_left_alone(&self) {
        thread::sleep(Duration::from_millis(300));
        let called = self.0.accept();
        assert_eq!(called.map(|(_, from)| from).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

/// Every way to say where another schema is.
fn schemas(url: &str) -> Vec<Value> {
    let base = url.trim_end_matches("schema.json");
    vec![
        json!({"$ref": url}),
        json!({"properties": {"a": {"$ref": format!("{url}#/$defs/a")}}}),
        json!({"$id": base, "items": {"$ref": "schema.json"}}),
        json!({"$dynamicRef": url}),
        json!({"$schema": url}),
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "items": {"$ref": url}}),
    ]
}

#[test]
fn the_listener_itself_would_notice() {
    let bystander = Bystander::listen();

    let _call = std::net::TcpStream::connect(bystander.0.local_addr().unwrap()).unwrap();

    thread::sleep(Duration::from_millis(50));
    assert!(bystander.0.accept().is_ok());
}

#[tokio::test]
async fn the_registry_fetches_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    let before = registry.recorded().await;
    let bystander = Bystander::listen();

    for schema in schemas(&bystander.url()) {
        let native = registry.post("/v1/subjects/a/versions", &json!({"schema": schema})).await;
        let code = native.body["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(native.status, 422, "{schema}: {native:?}");
        assert!(["reference_unresolved", "dialect_unknown"].contains(&code.as_str()), "{native:?}");
        let body = registration(&schema.to_string());
        for path in ["/subjects/a/versions", "/compatibility/subjects/a/versions"] {
            let dialect = registry.post(path, &body).await;
            let expected = (422, json!(42201));
            assert_eq!(
                (dialect.status, dialect.body["error_code"].clone()),
                expected,
                "{dialect:?}"
            );
        }
        let body = json!({"old": {"type": "object"}, "new": schema}).to_string();
        let check = registry.send(Method::POST, "/v1/check", body).await;
        assert_eq!((check.status, check.body["code"].as_str()), (422, Some(code.as_str())));
    }
    let reference = json!({"schemaType": "JSON", "schema": json!({"$ref": bystander.url()}).to_string(),
        "references": [{"name": bystander.url(), "subject": "missing", "version": 1}]});
    let missing = registry.post("/subjects/a/versions", &reference).await;

    assert!([404, 422].contains(&missing.status), "{missing:?}");
    assert_eq!(registry.recorded().await, before);
    bystander.was_left_alone();
}

#[test]
fn the_command_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.json"), r#"{"type":"object"}"#).unwrap();
    let bystander = Bystander::listen();

    for schema in schemas(&bystander.url()) {
        fs::write(folder.path().join("new.json"), schema.to_string()).unwrap();
        let check = ["check", "new.json", "--against", "old.json"];
        let check = process::run("stele", folder.path(), &check);
        assert_eq!(check.status.code(), Some(2), "{schema}: {check:?}");
    }

    bystander.was_left_alone();
}
