//! Bad input: a clear error each, nothing recorded, nothing crashed.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::Server;

/// Says the same thing to both faces and expects the codes of both.
async fn refused(server: &Server, schema: &str, code: &str, error_code: u32) {
    let body = json!({"schemaType": "JSON", "schema": schema}).to_string();
    let dialect = server.send(Method::POST, "/subjects/a/versions", &body).await;
    assert_eq!(dialect.body["error_code"], error_code, "{schema:.60}: {dialect:?}");
    let body = format!(r#"{{"schema":{schema}}}"#);
    let native = server.send(Method::POST, "/v1/subjects/a/versions", &body).await;
    assert_eq!(native.body["code"], code, "{schema:.60}: {native:?}");
    assert!(native.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    let body = format!(r#"{{"old":{{}},"new":{schema}}}"#);
    let check = server.send(Method::POST, "/v1/check", &body).await;
    assert_eq!(check.body["code"], code, "{schema:.60}: {check:?}");
}

async fn nothing_happened(server: &Server) {
    assert_eq!(server.get("/v1/changes").await.body, json!({"changes": [], "next": 0}));
    assert_eq!(server.get("/subjects").await.body, json!([]));
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn what_is_no_schema_is_refused_by_name() {
    let server = Server::start().await;
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let deeper = r#"{"not":"#.repeat(10_000) + "{}" + &"}".repeat(10_000);
    let large = format!(r#"{{"title":"{}"}}"#, "x".repeat(1_100_000));

    refused(&server, "not json", "body_invalid", 42201).await;
    refused(&server, "3", "schema_invalid", 42201).await;
    refused(&server, r#"{"type":"strin"}"#, "schema_invalid", 42201).await;
    refused(&server, r#"{"a":1,"a":2}"#, "schema_duplicate_key", 42201).await;
    refused(&server, r#"{"$schema":"https://example.com/mine"}"#, "dialect_unknown", 42201).await;
    refused(&server, &deep, "schema_too_deep", 42201).await;
    refused(&server, &deeper, "schema_too_deep", 42201).await;
    refused(&server, &large, "schema_too_large", 42209).await;
    let remote = r#"{"$ref":"http://127.0.0.1:1/x.json"}"#;
    refused(&server, remote, "reference_unresolved", 42201).await;

    nothing_happened(&server).await;
}

#[tokio::test]
async fn a_body_of_five_megabytes_is_refused() {
    let server = Server::start().await;
    let body = format!(r#"{{"schema":"{}"}}"#, "x".repeat(5 * 1024 * 1024));

    let dialect = server.send(Method::POST, "/subjects/a/versions", &body).await;
    let native = server.send(Method::POST, "/v1/check", &body).await;

    assert_eq!((dialect.status, &dialect.body["error_code"]), (413, &json!(413)));
    assert_eq!((native.status, &native.body["code"]), (413, &json!("body_too_large")));
    nothing_happened(&server).await;
}

#[tokio::test]
async fn a_subject_that_is_none_is_refused() {
    let server = Server::start().await;
    let body = json!({"schemaType": "JSON", "schema": "{}"});
    let long = "x".repeat(256);

    for name in ["a%07b", "a%00", "%0A", long.as_str(), ":.orders", ":.orders:", "__GLOBAL"] {
        let dialect = server.post(&format!("/subjects/{name}/versions"), &body).await;
        assert_eq!((dialect.status, &dialect.body["error_code"]), (422, &json!(42208)), "{name}");
        let native = json!({"schema": {}});
        let native = server.post(&format!("/v1/subjects/{name}/versions"), &native).await;
        assert_eq!(native.body["code"], "subject_invalid", "{name}");
    }
    let empty = server.post("/subjects//versions", &body).await;
    assert_eq!(empty.body["error_code"], 42208);
    let not_text = server.post("/subjects/a%FF/versions", &body).await;
    assert_eq!((not_text.status, &not_text.body["error_code"]), (400, &json!(400)));

    nothing_happened(&server).await;
}

#[tokio::test]
async fn a_body_that_is_none_is_refused() {
    let server = Server::start().await;

    for body in ["", "{", "[]", "null", "\u{0}", r#"{"schema":7}"#] {
        let dialect = server.send(Method::POST, "/subjects/a/versions", body).await;
        assert!([400, 422].contains(&dialect.status), "{body}: {dialect:?}");
        assert!(dialect.body["error_code"].is_number(), "{body}: {dialect:?}");
        let native = server.send(Method::POST, "/v1/check", body).await;
        assert_eq!((native.status, &native.body["code"]), (400, &json!("body_invalid")), "{body}");
    }
    let request = server.client().post(server.url("/v1/check")).body(vec![0xff, 0xfe]);
    assert_eq!(request.send().await.unwrap().status(), 400);

    nothing_happened(&server).await;
}

#[tokio::test]
async fn a_format_that_is_not_served_is_refused() {
    let server = Server::start().await;

    let unsaid = json!({"schema": "{\"type\":\"string\"}"});
    let unsaid = server.post("/subjects/a/versions", &unsaid).await;
    let native = json!({"schema": {}, "schemaType": "PROTOBUF"});
    let native = server.post("/v1/subjects/a/versions", &native).await;

    assert_eq!((unsaid.status, &unsaid.body["error_code"]), (422, &json!(42201)));
    assert_eq!(native.body["code"], "schema_type_unsupported");
    assert_eq!(server.get("/schemas/types").await.body, json!(["JSON"]));
    nothing_happened(&server).await;
}

#[tokio::test]
async fn a_path_that_is_none_says_so_in_the_words_of_its_face() {
    let server = Server::start().await;

    let native = server.get("/v1/nothing").await;
    let refused = server.send(Method::DELETE, "/v1/check", "").await;

    assert_eq!(native.media_type, "application/problem+json");
    assert_eq!((native.status, &native.body["code"]), (404, &json!("not_found")));
    assert_eq!((refused.status, &refused.body["code"]), (405, &json!("method_not_allowed")));
    assert_ne!(native.body["title"], Value::Null);
}

#[tokio::test]
async fn an_event_that_is_none_is_refused() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "object"})).await;
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);

    for body in ["{", &deep, r#"{"a":1,"a":2}"#] {
        let answer = server.send(Method::POST, "/v1/subjects/a/translate?from=1", body).await;
        assert_eq!(answer.body["code"], "body_invalid", "{body:.20}");
    }
    let unsaid = server.send(Method::POST, "/v1/subjects/a/translate", "{}").await;
    assert_eq!(unsaid.body["code"], "query_invalid");
}

#[tokio::test]
async fn references_that_follow_one_another_without_end_are_refused() {
    let server = Server::start().await;
    server.register("s0", &json!({"type": "string"})).await;

    let mut codes = Vec::new();
    for number in 1..=20 {
        let before = format!("s{}", number - 1);
        let body = json!({"schemaType": "JSON",
            "schema": json!({"properties": {"a": {"$ref": before}}}).to_string(),
            "references": [{"name": before, "subject": before, "version": 1}]});
        let answer = server.post(&format!("/subjects/s{number}/versions"), &body).await;
        codes.push(answer.body["error_code"].clone());
    }

    assert_eq!(codes[..16], vec![Value::Null; 16]);
    assert_eq!(codes[16], 42201);
}
