//! What would become of a candidate, and what becomes of it.

use serde_json::{Value, json};

use super::server::{Server, register};

fn order(a: &str) -> Value {
    json!({"type": "object", "properties": {"a": {"type": a}}})
}

fn wider() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}})
}

#[tokio::test]
async fn two_schemas_are_compared_with_evidence() {
    let server = Server::start().await;

    let breaking = json!({"old": order("string"), "new": order("integer")});
    let breaking = server.post("/v1/check", &breaking).await;
    let adding = json!({"old": order("string"), "new": wider(), "schemaType": "JSON",
        "compatibility": "ADDITIONS_ONLY", "contentModel": "event", "formats": false});
    let adding = server.post("/v1/check", &adding).await.body;

    assert_eq!(breaking.status, 200);
    let breaking = breaking.body;
    assert_eq!((&breaking["accepted"], &breaking["verdict"]), (&json!(false), &json!("breaking")));
    assert_eq!(breaking["refusals"][0]["rule"], "type_changed");
    let backward = &breaking["directions"]["backward"];
    assert_eq!(backward["verdict"], "breaking");
    assert_eq!(backward["witness"]["instancePath"], "/a");
    assert_eq!(backward["witness"]["keyword"], "type");
    assert_eq!(backward["witness"]["newPath"], "/properties/a/type");
    assert!(backward["witness"]["event"]["a"].is_string());
    assert_eq!(breaking["release"], "major");
    assert_eq!((&adding["accepted"], &adding["verdict"]), (&json!(true), &json!("compatible")));
    assert_eq!(adding["release"], "minor");
    assert_eq!(adding["directions"]["backward"]["verdict"], "compatible");
    assert_eq!(adding["otherModel"]["backward"]["verdict"], "breaking");
    assert_eq!(adding["differences"][0]["kind"], "property_added");
}

#[tokio::test]
async fn a_break_is_refused_with_rule_witness_and_differences_on_both_faces() {
    let server = Server::start().await;
    server.register("a", &order("string")).await;

    let native = server.post("/v1/subjects/a/versions", &json!({"schema": order("integer")})).await;
    let dialect = server.post("/subjects/a/versions", &register(&order("integer"))).await;

    assert_eq!((native.status, &native.body["code"]), (409, &json!("incompatible")));
    assert_eq!(native.media_type, "application/problem+json");
    assert_eq!(native.body["refusals"][0]["rule"], "type_changed");
    assert_eq!(native.body["witness"]["keyword"], "type");
    assert!(!native.body["differences"].as_array().unwrap().is_empty());
    assert_eq!(native.body["against"][0]["version"], 1);
    assert_eq!((dialect.status, &dialect.body["error_code"]), (409, &json!(40901)));
    let message = dialect.body["message"].as_str().unwrap();
    assert!(message.contains("type_changed") && message.contains(r#"{"witness":"#), "{message}");
    assert_eq!(server.get("/subjects/a/versions").await.body, json!([1]), "nothing is recorded");
}

#[tokio::test]
async fn a_dry_run_says_what_the_real_one_does() {
    let server = Server::start().await;
    server.register("a", &order("string")).await;

    for (candidate, accepted) in
        [(wider(), true), (order("integer"), false), (order("string"), true)]
    {
        let asked = json!({"schema": candidate});
        let check = server.post("/v1/subjects/a/check", &asked).await;
        assert_eq!(check.body["accepted"], accepted, "{check:?}");
        let body = register(&candidate);
        for path in ["versions", "versions/latest", "versions/1"] {
            let path = format!("/compatibility/subjects/a/{path}?verbose=true");
            let check = server.post(&path, &body).await;
            assert_eq!(check.body["is_compatible"], accepted, "{check:?}");
        }
    }
    assert_eq!(server.get("/v1/changes").await.body["next"], 1, "a dry run leaves no trace");
    let unknown = server.post("/compatibility/subjects/x/versions", &register(&wider())).await;
    assert_eq!(unknown.body, json!({"is_compatible": true}));
    let missing = server.post("/compatibility/subjects/a/versions/9", &register(&wider())).await;
    assert_eq!(missing.body["error_code"], 40402);
}

#[tokio::test]
async fn a_check_may_ask_under_another_policy() {
    let server = Server::start().await;
    server.register("a", &order("string")).await;

    let asked = json!({"schema": order("integer"), "compatibility": "NONE"});
    let free = server.post("/v1/subjects/a/check", &asked).await.body;
    let asked = json!({"schema": wider(), "compatibility": "BACKWARD", "contentModel": "strict"});
    let strict = server.post("/v1/subjects/a/check", &asked).await.body;

    assert_eq!((&free["accepted"], &free["compatibility"]), (&json!(true), &json!("NONE")));
    assert_eq!((&strict["accepted"], &strict["contentModel"]), (&json!(false), &json!("strict")));
    assert_eq!(strict["against"][0]["version"], 1);
}

#[tokio::test]
async fn a_declared_release_that_is_too_small_is_refused_with_both_facts() {
    let server = Server::start().await;
    server.register("a", &order("string")).await;
    server.put("/config/a", &json!({"compatibility": "NONE"})).await;

    let small = json!({"schema": order("integer"), "release": "1.1.0"});
    let small = server.post("/v1/subjects/a/versions", &small).await;
    let right = json!({"schema": order("integer"), "release": "2.0.0"});
    let right = server.post("/v1/subjects/a/versions", &right).await;

    assert_eq!((small.status, &small.body["code"]), (409, &json!("release_too_small")));
    insta::assert_snapshot!(small.body["detail"].as_str().unwrap(), @"release 1.1.0 declares a minor step after 1.0.0, and what changed is a major step");
    assert_eq!(small.body["witness"]["keyword"], "type");
    assert_eq!((right.status, &right.body["release"]), (201, &json!("2.0.0")));
}

#[tokio::test]
async fn a_diff_tells_what_changed_between_any_two() {
    let server = Server::start().await;
    server.register("a", &order("string")).await;
    server.register("a", &wider()).await;

    let newest = server.get("/v1/subjects/a/diff").await.body;
    let same = server.get("/v1/subjects/a/diff?from=1&to=1").await.body;
    let bad = server.get("/v1/subjects/a/diff?from=1&to=newest").await.body;

    assert_eq!((&newest["from"], &newest["to"]), (&json!(1), &json!(2)));
    assert_eq!(newest["release"], "minor");
    assert_eq!(newest["differences"][0]["at"], "/properties/b");
    assert_eq!(same["differences"], json!([]));
    assert_eq!(bad["code"], "version_invalid");
}
