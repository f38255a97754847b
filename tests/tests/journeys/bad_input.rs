//! Bad input: a clear error each, nothing recorded, nothing crashed.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use stele_tests::{
    process::{self, Process},
    registry::{Registry, answer, client, registration},
    workspace,
};
use tempfile::TempDir;

/// A registry with two subjects, one of them in two versions, and what is recorded in it.
struct Known {
    registry: Registry,
    before: (Value, Value),
    _directory: TempDir,
}

impl Known {
    async fn start() -> Known {
        let directory = tempfile::tempdir().unwrap();
        let registry = Registry::start(directory.path());
        let v1 = r#"{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}"#;
        let v2 = r#"{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"gift":{"type":"boolean"}}}"#;
        for (subject, schema) in [("Placed", v1), ("Other", v1), ("Other", v2)] {
            let path = format!("/subjects/{subject}/versions");
            let registered = registry.post(&path, &registration(schema)).await;
            assert_eq!(registered.status, 200, "{registered:?}");
        }
        let level = json!({"compatibility": "TRANSLATABLE"});
        assert_eq!(registry.put("/config/Placed", &level).await.status, 200);
        let before = registry.recorded().await;
        assert_eq!(before.1, json!(["Other", "Placed"]));
        Known { registry, before, _directory: directory }
    }

    /// Nothing was recorded, and the process goes on.
    async fn stays_untouched(mut self) {
        assert_eq!(self.registry.recorded().await, self.before);
        assert!(self.registry.is_alive());
        assert_eq!(self.registry.get("/livez").await.status, 200);
        let good = registration(r#"{"type":"object"}"#);
        assert_eq!(self.registry.post("/subjects/New/versions", &good).await.status, 200);
    }

    /// A text in the place of a schema is refused by each face in its words, with status and code.
    async fn refuses(&self, schema: &str, native: (u16, &str), dialect: (u16, u32)) {
        let body = registration(schema);
        for path in [
            "/subjects/Placed/versions",
            "/subjects/Placed",
            "/compatibility/subjects/Placed/versions",
        ] {
            let said = self.registry.post(path, &body).await;
            let expected = (dialect.0, json!(dialect.1));
            assert_eq!(
                (said.status, said.body["error_code"].clone()),
                expected,
                "{path}: {said:?}"
            );
            assert!(said.body["message"].as_str().is_some_and(|text| text.len() > 10), "{said:?}");
        }
        let register = format!(r#"{{"schema":{schema}}}"#);
        let check = format!(r#"{{"old":true,"new":{schema}}}"#);
        for (path, body) in [
            ("/v1/subjects/Placed/versions", &register),
            ("/v1/subjects/Placed/check", &register),
            ("/v1/check", &check),
        ] {
            let said = self.registry.send(Method::POST, path, body).await;
            let expected = (native.0, json!(native.1));
            assert_eq!((said.status, said.body["code"].clone()), expected, "{path}: {said:?}");
            assert_eq!(said.body["status"], native.0);
            assert!(said.body["detail"].as_str().is_some_and(|text| text.len() > 10), "{said:?}");
        }
    }
}

#[tokio::test]
async fn a_text_that_is_not_json_is_refused() {
    let known = Known::start().await;

    known.refuses("{\"type\":", (400, "body_invalid"), (422, 42201)).await;
    let body = known.registry.send(Method::POST, "/subjects/Placed/versions", "not json").await;
    let native = known.registry.send(Method::POST, "/v1/check", "not json").await;

    assert_eq!((body.status, &body.body["error_code"]), (400, &json!(400)), "{body:?}");
    assert_eq!((native.status, &native.body["code"]), (400, &json!("body_invalid")));
    known.stays_untouched().await;
}

#[tokio::test]
async fn json_that_is_not_a_schema_is_refused() {
    let known = Known::start().await;

    for schema in ["7", "\"text\"", r#"{"type":"strin"}"#, r#"{"properties":[]}"#] {
        known.refuses(schema, (422, "schema_invalid"), (422, 42201)).await;
    }

    known.stays_untouched().await;
}

#[tokio::test]
async fn a_dialect_that_nobody_knows_is_refused() {
    let known = Known::start().await;

    let schema = r#"{"$schema":"https://example.com/dialect","type":"object"}"#;
    known.refuses(schema, (422, "dialect_unknown"), (422, 42201)).await;

    known.stays_untouched().await;
}

#[tokio::test]
async fn ten_thousand_levels_are_refused() {
    let known = Known::start().await;

    let objects = r#"{"not":"#.repeat(10_000) + "{}" + &"}".repeat(10_000);
    let arrays = "[".repeat(10_000) + &"]".repeat(10_000);
    for deep in [objects, arrays] {
        known.refuses(&deep, (422, "schema_too_deep"), (422, 42201)).await;
        let event = known
            .registry
            .send(Method::POST, "/v1/subjects/Placed/translate?from=1&to=1", deep)
            .await;
        assert_eq!((event.status, &event.body["code"]), (400, &json!("body_invalid")), "{event:?}");
    }

    known.stays_untouched().await;
}

#[tokio::test]
async fn five_megabytes_are_refused() {
    let known = Known::start().await;
    let large = "x".repeat(5 * 1024 * 1024);

    let body = registration(&format!(r#"{{"title":"{large}"}}"#)).to_string();
    let dialect = known.registry.send(Method::POST, "/subjects/Placed/versions", body).await;
    let body = json!({"schema": {"title": large}});
    let native = known.registry.post("/v1/subjects/Placed/versions", &body).await;

    assert_eq!((dialect.status, &dialect.body["error_code"]), (413, &json!(413)), "{dialect:?}");
    assert_eq!(
        (native.status, &native.body["code"]),
        (413, &json!("body_too_large")),
        "{native:?}"
    );
    known.stays_untouched().await;
}

#[tokio::test]
async fn a_schema_of_more_than_one_mebibyte_is_refused() {
    let known = Known::start().await;

    let large = format!(r#"{{"title":"{}"}}"#, "x".repeat(1_100_000));
    let native = json!({"schema": {"title": "x".repeat(1_100_000)}});
    let dialect = known.registry.post("/subjects/Placed/versions", &registration(&large)).await;
    let native = known.registry.post("/v1/subjects/Placed/versions", &native).await;

    assert_eq!((dialect.status, &dialect.body["error_code"]), (422, &json!(42209)), "{dialect:?}");
    assert_eq!((native.status, &native.body["code"]), (422, &json!("schema_too_large")));
    known.stays_untouched().await;
}

#[tokio::test]
async fn a_subject_with_control_characters_is_refused() {
    let known = Known::start().await;

    for name in ["a%00b", "a%07b", "%0A", "a%1F", "a%7F", "a%C2%85"] {
        let path = format!("/subjects/{name}/versions");
        let dialect = known.registry.post(&path, &registration("{}")).await;
        let path = format!("/v1/subjects/{name}/versions");
        let native = known.registry.post(&path, &json!({"schema": {}})).await;
        let path = format!("/config/{name}");
        let config = known.registry.put(&path, &json!({"compatibility": "NONE"})).await;

        assert_eq!((dialect.status, &dialect.body["error_code"]), (422, &json!(42208)), "{name}");
        assert_eq!(
            (native.status, &native.body["code"]),
            (422, &json!("subject_invalid")),
            "{name}"
        );
        assert_eq!((config.status, &config.body["error_code"]), (422, &json!(42208)), "{name}");
    }

    known.stays_untouched().await;
}

#[tokio::test]
async fn a_lens_that_names_a_missing_field_is_refused() {
    let known = Known::start().await;
    let schema = json!({"type": "object", "required": ["orderId"],
        "properties": {"orderId": {"type": "string"}}});
    let lens = json!({"lens": 1, "subject": "Placed", "from": 1, "to": 2,
        "ops": [{"rename": {"from": "/nothing", "to": "/orderId"}}]});

    let body = json!({"schema": schema, "lens": lens});
    let refused = known.registry.post("/v1/subjects/Placed/versions", &body).await;

    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("lens_rejected")));
    assert_eq!(refused.body["rejection"]["pointer"], "/nothing", "{refused:?}");
    assert!(refused.body["detail"].as_str().is_some_and(|text| !text.is_empty()));
    let folder = tempfile::tempdir().unwrap();
    let old =
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}});
    for (name, document) in [("1.json", old), ("2.json", schema), ("lens.json", lens)] {
        fs::write(folder.path().join(name), document.to_string()).unwrap();
    }
    let check = ["lens", "check", "lens.json", "1.json", "2.json"];
    let check = process::run("stele", folder.path(), &check);
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    let said = [check.stdout, check.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(said.contains("/nothing"), "{said}");
    known.stays_untouched().await;
}

#[tokio::test]
async fn the_sidecar_answers_a_bad_event_with_a_fault_and_goes_on() {
    let known = Known::start().await;
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("translator.yaml");
    fs::write(&config, "subjects:\n  - { subject: Other, to: 2 }\n").unwrap();
    let mut sidecar = Process::start(
        "stele-translator",
        &[
            "serve".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--registry".as_ref(),
            known.registry.url().as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
        ],
    );
    let url = format!("{}/translate", sidecar.url());
    let client = client();
    let event = |kind: &str, body: String| {
        let request = client.post(&url).header("ce-specversion", "1.0").header("ce-id", "1");
        let request = request.header("ce-source", "/tests").header("ce-type", kind);
        answer(request.header("content-type", "application/json").body(body))
    };
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let large = json!({"id": "x".repeat(5 * 1024 * 1024)}).to_string();

    for (kind, body, status, code) in [
        ("Other.v1", "{".to_owned(), 422, "not_json"),
        ("Other.v1", deep, 422, "too_deep"),
        ("Other.v1", r#"{"id":7}"#.to_owned(), 422, "invalid_input"),
        ("Other.v9", r#"{"id":"7"}"#.to_owned(), 503, "unknown_version"),
        ("Other.v1", large, 413, "too_large"),
    ] {
        let fault = event(kind, body).await.unwrap();
        assert_eq!((fault.status, &fault.body["code"]), (status, &json!(code)), "{fault:?}");
    }

    let good = event("Other.v1", r#"{"id":"7"}"#.to_owned()).await.unwrap();
    assert_eq!((good.status, &good.body), (200, &json!({"id": "7"})));
    assert!(sidecar.is_alive());
    known.stays_untouched().await;
}

#[test]
fn the_command_refuses_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let deep = r#"{"not":"#.repeat(10_000) + "{}" + &"}".repeat(10_000);
    let good = workspace().join("schemas/retail/order-management/OrderPlaced/1.json");
    for (name, text) in [
        ("not-json.json", "{"),
        ("no-schema.json", r#"{"type":"strin"}"#),
        ("unknown.json", r#"{"$schema":"https://example.com/dialect"}"#),
        ("deep.json", &deep),
    ] {
        fs::write(folder.path().join(name), text).unwrap();

        let check = ["check".as_ref(), name.as_ref(), "--against".as_ref(), good.as_os_str()];
        let check = process::run("stele", folder.path(), &check);

        assert_eq!(check.status.code(), Some(2), "{name}: {check:?}");
        let said = String::from_utf8(check.stderr).unwrap();
        assert!(said.starts_with("error: ") && said.contains(name), "{said}");
    }
}
