//! The Confluent dialect, as clients in the field speak it.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::server::{Server, answer, register};

const V1: &str = "application/vnd.schemaregistry.v1+json";

#[tokio::test]
async fn what_is_registered_is_found_by_id_version_and_content() {
    let server = Server::start().await;
    let text =
        r#"{ "type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "number"}} }"#;
    let canonical =
        r#"{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}}}"#;
    let body = json!({"schemaType": "JSON", "schema": text, "references": []});

    let registered = server.post("/subjects/orders%2Fplaced/versions?normalize=False", &body).await;

    assert_eq!((registered.status, registered.media_type.as_str()), (200, V1));
    assert_eq!((&registered.body["id"], &registered.body["version"]), (&json!(1), &json!(1)));
    assert_eq!(server.get("/subjects?offset=0&limit=-1").await.body, json!(["orders/placed"]));
    assert_eq!(server.get("/subjects/orders%2Fplaced/versions").await.body, json!([1]));
    for path in ["versions/1", "versions/latest", "versions/-1"] {
        let version = server.get(&format!("/subjects/orders%2Fplaced/{path}?deleted=true")).await;
        assert_eq!(version.body["schema"], canonical);
        assert_eq!(version.body["schemaType"], "JSON");
        assert_eq!(version.body["subject"], "orders/placed");
    }
    let schema = server.get("/subjects/orders%2Fplaced/versions/1/schema").await;
    assert_eq!(schema.text, canonical);
    assert_eq!(server.get("/schemas/ids/1?subject=").await.body["schema"], canonical);
    assert_eq!(server.get("/schemas/ids/1/schema").await.text, canonical);
    assert_eq!(server.get("/schemas/ids/1/subjects").await.body, json!(["orders/placed"]));
    let versions = server.get("/schemas/ids/1/versions").await.body;
    assert_eq!(versions, json!([{"subject": "orders/placed", "version": 1}]));
    let found = server.post("/subjects/orders%2Fplaced?deleted=true", &body).await;
    assert_eq!(found.body["version"], 1);
}

#[tokio::test]
async fn the_same_content_has_one_id_and_is_written_once() {
    let server = Server::start().await;
    let schema = json!({"type": "string"});

    let ids = [
        server.register("a", &schema).await,
        server.register("a", &schema).await,
        server.register("b", &schema).await,
        server.register(":.other:a", &json!({"type": "integer"})).await,
    ];

    assert_eq!(ids, [1, 1, 1, 1], "ids are per context");
    assert_eq!(server.get("/v1/changes").await.body["next"], 3);
    assert_eq!(server.get("/contexts").await.body, json!([".", ".other"]));
    let other = server.get("/schemas/ids/1?subject=:.other:").await;
    assert_eq!(other.body["schema"], r#"{"type":"integer"}"#);
}

#[tokio::test]
async fn keys_are_sorted_only_where_it_is_asked() {
    let server = Server::start().await;
    let text = r#"{"type":"string","minLength":0}"#;
    let body = json!({"schemaType": "JSON", "schema": text});

    server.post("/subjects/a/versions?normalize=true", &body).await;

    let kept = server.get("/subjects/a/versions/1/schema").await.text;
    assert_eq!(kept, r#"{"minLength":0,"type":"string"}"#);
    assert_eq!(server.post("/subjects/a?normalize=true", &body).await.body["version"], 1);
    assert_eq!(server.post("/subjects/a", &body).await.body["error_code"], 40403);
}

#[tokio::test]
async fn every_way_to_miss_has_its_code() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;

    for (path, code) in [
        ("/subjects/nobody/versions", 40401),
        ("/subjects/nobody/versions/1", 40401),
        ("/subjects/a/versions/2", 40402),
        ("/subjects/a/versions/0", 42202),
        ("/subjects/a/versions/newest", 42202),
        ("/schemas/ids/7", 40403),
        ("/schemas/ids/x", 40403),
        ("/config/a", 40408),
        ("/mode/a", 40409),
        ("/associations/resources/a", 404),
        ("/subjects/", 404),
    ] {
        let missed = server.get(path).await;
        assert_eq!(missed.body["error_code"], code, "{path}: {missed:?}");
        let status = code.to_string()[..3].parse::<u16>().unwrap();
        assert_eq!((missed.status, missed.media_type.as_str()), (status, V1), "{path}");
    }
    let lost = server.post("/subjects/nobody", &register(&json!({}))).await;
    assert_eq!(lost.body["error_code"], 40401);
    let refused = server.send(Method::DELETE, "/schemas/types", "").await;
    assert_eq!((refused.status, &refused.body["error_code"]), (405, &json!(405)));
}

#[tokio::test]
async fn a_level_is_answered_in_words_that_every_client_knows() {
    let server = Server::start().await;

    let before = server.get("/config").await.body;
    let set = server.put("/config/a", &json!({"compatibility": "TRANSLATABLE"})).await;
    let after = server.get("/config/a").await.body;
    server.put("/config", &json!({"compatibility": "BACKWARD", "contentModel": "strict"})).await;
    server.put("/config/a", &json!({"compatibility": null})).await;

    assert_eq!(
        before,
        json!({"compatibilityLevel": "FULL_TRANSITIVE", "stelePolicy": "ADDITIONS_ONLY", "contentModel": "event"})
    );
    assert_eq!(set.body, json!({"compatibility": "TRANSLATABLE"}));
    assert_eq!(
        after,
        json!({"compatibilityLevel": "NONE", "stelePolicy": "TRANSLATABLE", "contentModel": "event"})
    );
    assert_eq!(server.get("/config/a").await.body["error_code"], 40408);
    assert_eq!(
        server.get("/config/a?defaultToGlobal=true").await.body,
        json!({"compatibilityLevel": "BACKWARD", "stelePolicy": "BACKWARD", "contentModel": "strict"})
    );
    let wrong = server.put("/config", &json!({"compatibility": "SIDEWARD"})).await;
    assert_eq!((wrong.status, &wrong.body["error_code"]), (422, &json!(42203)));
}

#[tokio::test]
async fn a_reference_is_resolved_from_what_is_registered() {
    let server = Server::start().await;
    server.register("money", &json!({"type": "string"})).await;
    let order = json!({"properties": {"total": {"$ref": "money.json"}}}).to_string();
    let body = |subject: &str, version: i32| {
        json!({"schemaType": "JSON", "schema": order,
            "references": [{"name": "money.json", "subject": subject, "version": version}]})
    };

    let pinned = server.post("/subjects/order/versions", &body("money", -1)).await;
    let missing = server.post("/subjects/order/versions", &body("nothing", 1)).await;

    assert_eq!(pinned.body["references"][0]["version"], 1, "{pinned:?}");
    assert_eq!(server.get("/subjects/money/versions/1/referencedby").await.body, json!([2]));
    assert_eq!(missing.body["error_code"], 42201);
    let event =
        server.send(Method::POST, "/v1/subjects/order/translate?from=1&to=1", r#"{"total":1}"#);
    assert_eq!(event.await.body["code"], "event_invalid");
}

#[tokio::test]
async fn a_client_gets_the_media_type_it_asks_for() {
    let server = Server::start().await;
    let ask = |accept: &'static str| {
        let request = server.client().get(server.url("/subjects")).header("accept", accept);
        async { answer(request.send().await.unwrap()).await.media_type }
    };

    assert_eq!(ask("application/json").await, "application/json");
    assert_eq!(
        ask("text/html, application/vnd.schemaregistry+json;q=0.9").await,
        "application/vnd.schemaregistry+json"
    );
    assert_eq!(ask("*/*").await, V1);
}

#[tokio::test]
async fn what_a_client_sends_that_names_no_type_is_taken() {
    let server = Server::start().await;
    let body = register(&json!({"type": "string"})).to_string();

    let request = server.client().post(server.url("/subjects/a/versions")).body(body.clone());
    let unnamed = request.send().await.unwrap().status();
    let request = server.client().post(server.url("/subjects/a/versions")).body(body);
    let form = request.header("content-type", "application/x-www-form-urlencoded");
    let form = answer(form.send().await.unwrap()).await;

    assert_eq!(unnamed, StatusCode::OK);
    assert_eq!((form.status, &form.body["error_code"]), (415, &json!(415)));
}

#[tokio::test]
async fn metadata_and_rules_are_kept_and_rules_that_are_none_are_refused() {
    let server = Server::start().await;
    let mut body = register(&json!({"type": "string"}));
    body["metadata"] = json!({"properties": {"team": "orders"}, "tags": null});

    server.post("/subjects/a/versions", &body).await;
    let rules = json!({"domainRules": [{"name": "mail", "kind": "CONDITION", "mode": "WRITE", "type": "CEL",
        "expr": "true", "params": {"a": "b"}}]});
    body["ruleSet"] = rules.clone();
    let with_rules = server.post("/subjects/a/versions", &body).await;
    body["ruleSet"] = json!({"domainRules": [{"name": "mail"}]});
    let refused = server.post("/subjects/a/versions", &body).await;

    let kept = server.get("/schemas/ids/1").await.body;
    assert_eq!(kept["metadata"], json!({"properties": {"team": "orders"}}));
    assert_eq!(kept.get("ruleSet"), None);
    assert_eq!((&with_rules.body["version"], &with_rules.body["ruleSet"]), (&json!(2), &rules));
    assert_eq!(server.get("/schemas/ids/2").await.body["ruleSet"], rules);
    assert_eq!(server.get("/subjects/a/versions/2").await.body["ruleSet"], rules);
    assert_eq!((refused.status, &refused.body["error_code"]), (422, &json!(42210)));
}

#[tokio::test]
async fn a_schema_is_answered_alike_whichever_way_its_request_goes() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "object", "title": "one"})).await;
    let asked = async |path: &str, accept: &str, named: bool| {
        let request = server.client().get(server.url(path)).header("accept", accept);
        let request = if named { request.header("x-request-id", "mine") } else { request };
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        (response.status(), headers, response.text().await.unwrap())
    };

    for accept in ["application/json", "*/*", "application/vnd.schemaregistry+json"] {
        // A query goes the long way, even where it says nothing.
        let (status, mut headers, text) = asked("/schemas/ids/1", accept, true).await;
        let (long_status, mut long_headers, long_text) =
            asked("/schemas/ids/1?x=1", accept, true).await;

        headers.remove("date");
        long_headers.remove("date");
        assert_eq!((status, headers, text), (long_status, long_headers, long_text), "{accept}");
    }
    let ids =
        [asked("/schemas/ids/1", "*/*", false).await, asked("/schemas/ids/1", "*/*", false).await];
    assert_ne!(ids[0].1["x-request-id"], ids[1].1["x-request-id"]);
    for path in ["/schemas/ids/2", "/schemas/ids/0", "/schemas/ids/99999999999", "/schemas/ids/"] {
        assert_eq!(asked(path, "*/*", false).await.0, 404, "{path}");
    }
    let tag = ids[0].1["etag"].clone();
    let known = server.client().get(server.url("/schemas/ids/1")).header("if-none-match", tag);
    assert_eq!(known.send().await.unwrap().status(), 304);
    let told = server.get("/metrics").await.text;
    let counted = r#"stele_requests_total{method="GET",route="/schemas/ids/{id}",status="200"} 8"#;
    assert!(told.lines().any(|line| line == counted), "{told}");
}
