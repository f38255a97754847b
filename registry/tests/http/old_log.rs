//! A log that an older release wrote is read by this one, with every event carried to the newest version of its schema.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use super::server::Server;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read_to_string(path).unwrap()
}

/// Whether `now` says all that `then` said. A guid is left out: it covers more now than the schema alone.
fn says_all(then: &Value, now: &Value) -> bool {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => then
            .iter()
            .filter(|(name, _)| *name != "guid")
            .all(|(name, then)| now.get(name).is_some_and(|now| says_all(then, now))),
        (Value::Array(then), Value::Array(now)) => {
            then.len() == now.len() && then.iter().zip(now).all(|(then, now)| says_all(then, now))
        }
        _ => then == now,
    }
}

#[tokio::test]
async fn a_log_of_the_first_release_answers_as_it_did() {
    let directory = tempfile::tempdir().unwrap();
    let log = rusqlite::Connection::open(directory.path().join("stele.db")).unwrap();
    log.execute_batch(&fixture("first-release.sql")).unwrap();
    drop(log);

    let server = Server::start_in(directory).await;

    let answers: BTreeMap<String, Value> =
        serde_json::from_str(&fixture("first-release.json")).unwrap();
    for (path, then) in answers {
        let now = server.get(&path).await.body;
        assert!(says_all(&then, &now), "{path}: then {then}, now {now}");
    }
    let changes = server.get("/v1/changes").await.body;
    let registered =
        changes["changes"].as_array().unwrap().iter().find(|c| c["type"] == "schema_registered");
    let registered = registered.unwrap();
    assert_eq!((&registered["version"], &registered["data"]["forced"]), (&json!(2), &json!(false)));
    let body =
        json!({"schemaType": "JSON", "schema": r#"{"properties":{"b":{"type":"integer"}}}"#});
    assert_eq!(server.post("/subjects/Copy", &body).await.body["version"], 2);
    let free = json!({"properties": {"b": {"type": "integer"}, "c": {"type": "string"}}});
    assert_eq!(server.register("Copy", &free).await, 5, "ids go on where they ended");
}
