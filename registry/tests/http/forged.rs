//! Lines of an export that somebody has changed on the way.

use reqwest::Method;
use serde_json::json;

use super::server::{Server, register};

/// What is found in an export, what is put in its place, the line it is in, and why that is not taken.
const FORGED: &[(&str, &str, u32, &str)] = &[
    ("{\"title\":\"1\"}", "{\"title\":\"9\"}", 4, "the fingerprint is"),
    ("{\"title\":\"1\"}", "{ \"title\":\"1\"}", 4, "not written as its canonical text"),
    ("{\"title\":\"1\"}", "{\"type\":\"strin\"}", 4, "cannot be read: not a valid schema"),
    (
        "\"subject\":\"a\",\"version\":2",
        "\"subject\":\"a\",\"version\":1",
        4,
        "version 1 of `a` stands where 2 was to",
    ),
    (
        "\"subject\":\"a\",\"version\":2",
        "\"subject\":\"a\",\"version\":3",
        4,
        "version 3 of `a` stands where 2 was to",
    ),
    (
        "\"subject\":\"a\",\"version\":2",
        "\"subject\":\"a\",\"version\":2147483648",
        4,
        "another shape",
    ),
    ("\"id\":2,", "\"id\":1,", 4, "another schema has or had id 1"),
    ("\"id\":2,", "\"id\":2147483647,", 4, "id 2147483647 stands where 2 was to"),
    ("\"id\":2,", "\"id\":2147483648,", 4, "another shape"),
    (
        "\"version\":2,\"release\":\"1.0.1\"",
        "\"version\":2,\"release\":\"0.1.0\"",
        4,
        "does not come after 1.0.0",
    ),
    (
        "\"version\":1,\"release\":\"1.0.0\",\"id\":1",
        "\"version\":1,\"release\":\"1.4294967296.0\",\"id\":1",
        3,
        "is too large",
    ),
    (
        "\"name\":\"money.json\",\"subject\":\"money\"",
        "\"name\":\"money.json\",\"subject\":\"honey\"",
        8,
        "the reference `money.json`",
    ),
    (
        "\"name\":\"money.json\",\"subject\":\"money\",\"version\":1",
        "\"name\":\"money.json\",\"subject\":\"money\",\"version\":-1",
        8,
        "the reference `money.json`",
    ),
    (
        "\"data\":{\"subject\":\"a\",\"versions\":[2]}",
        "\"data\":{\"subject\":\"b\",\"versions\":[2]}",
        15,
        "there is no subject `b`",
    ),
    (
        "\"data\":{\"subject\":\"a\",\"versions\":[2]}",
        "\"data\":{\"subject\":\"a\",\"versions\":[9]}",
        15,
        "`a` has no version 9",
    ),
    (
        "\"data\":{\"subject\":\"a\",\"versions\":[2]}",
        "\"data\":{\"subject\":\"a\",\"versions\":[]}",
        15,
        "the versions are not named",
    ),
    ("{\"rename\":", "{\"renam\":", 14, "renam"),
    (
        "\"from\":1,\"to\":2,\"lens\"",
        "\"from\":1,\"to\":1,\"lens\"",
        14,
        "only a way from one version to the next",
    ),
    (
        "\"data\":{\"subject\":\"a\",\"kind\"",
        "\"data\":{\"subject\":\":.stele:a\",\"kind\"",
        9,
        "belongs to the registry itself",
    ),
    ("\"time\":\"20", "\"time\":\"90", 2, "which is still to come"),
    ("\"sequence\":3,", "\"sequence\":4,", 4, "event 4 stands where 3 was to"),
];

/// Every kind of event there is, as people make them.
async fn eventful() -> Server {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "NONE"})).await;
    for number in 0..4 {
        server.register("a", &json!({"title": format!("{number}")})).await;
    }
    let money = json!({"type": "string"});
    server.register("money", &money).await;
    let mut refers = register(&json!({"properties": {"total": {"$ref": "money.json"}}}));
    refers["references"] = json!([{"name": "money.json", "subject": "money", "version": -1}]);
    server.post("/subjects/order/versions", &refers).await;
    server
        .put("/v1/subjects/a?why=tidy", &json!({"owner": "ada", "sunset": {"1": "2027-01-31"}}))
        .await;
    server.put("/config/shop", &json!({"compatibility": "TRANSLATABLE"})).await;
    let shop = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}});
    server.register("shop", &shop("a")).await;
    let lens = json!({"lens": 1, "subject": "shop", "from": 1, "to": 2, "ops": [{"rename": {"from": "/a", "to": "/b"}}]});
    let second = server
        .post("/v1/subjects/shop/versions", &json!({"schema": shop("b"), "lens": lens}))
        .await;
    assert_eq!(second.status, 201, "{second:?}");
    server.send(Method::DELETE, "/subjects/a/versions/2", "").await;
    server.send(Method::DELETE, "/subjects/a/versions/2?permanent=true&why=x", "").await;
    server.send(Method::DELETE, "/subjects/a/versions/3", "").await;
    server.post("/v1/subjects/a/restore", &json!({"version": 3})).await;
    server.register("a", &json!({"title": "1"})).await;
    server.put("/mode/:.old:", &json!({"mode": "IMPORT"})).await;
    let mut old = register(&json!({"title": "old"}));
    (old["id"], old["version"]) = (json!(77), json!(5));
    let old = server.post("/subjects/:.old:x/versions", &old).await;
    assert_eq!(old.status, 200, "{old:?}");
    let hook = json!({"url": "https://example.com/hook"});
    assert_eq!(server.put("/v1/webhooks/w", &hook).await.status, 201);
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_can_happen_is_taken_in() {
    let (full, empty) = (eventful().await, Server::start().await);
    let exported = full.get("/v1/export").await.text;

    let taken = empty.send(Method::POST, "/v1/import", &exported).await;

    assert_eq!(taken.status, 200, "{taken:?}");
    for path in
        ["/schemas?deleted=true", "/v1/subjects/a", "/v1/subjects/shop/lenses/1/2", "/v1/export"]
    {
        assert_eq!(full.get(path).await.text, empty.get(path).await.text, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_cannot_have_happened_is_told_by_its_number_and_nothing_is_taken_in() {
    let (full, empty) = (eventful().await, Server::start().await);
    let lines = full.get("/v1/export").await.text;

    for (found, written, line, why) in FORGED {
        assert!(lines.contains(found), "{found}");
        let refused =
            empty.send(Method::POST, "/v1/import", &lines.replacen(found, written, 1)).await;

        let detail = refused.body["detail"].as_str().unwrap();
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (422, &json!("import_invalid")),
            "{detail}"
        );
        assert!(detail.starts_with(&format!("line {line} is not taken: ")), "{written}: {detail}");
        assert!(detail.contains(why), "{written}: {detail}");
        assert!(refused.body["hint"].is_string());
    }
    // The id of a schema that is gone leads to nothing else, ever.
    let again = "\"id\":2,\"fingerprint\":\"";
    assert_eq!(lines.matches(again).count(), 1, "what is erased gets a new id");

    assert_eq!(empty.get("/v1/changes").await.body["next"], 0);
    assert_eq!(empty.get("/subjects").await.body, json!([]));
    assert_eq!(empty.send(Method::POST, "/v1/import", &lines).await.status, 200);
}
