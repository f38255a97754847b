//! Deleting: first hidden, then gone for good, and back from hiding.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Answer, Server, register};

impl Server {
    async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "").await
    }
}

fn order(properties: &[&str]) -> Value {
    let properties = properties.iter().map(|name| (*name, json!({"type": "string"})));
    json!({"type": "object", "properties": properties.collect::<Value>()})
}

/// Three versions of `a`, each an addition to the one before.
async fn three_versions() -> Server {
    let server = Server::start().await;
    for properties in [&["x"][..], &["x", "y"], &["x", "y", "z"]] {
        server.register("a", &order(properties)).await;
    }
    server
}

#[tokio::test]
async fn a_deleted_version_is_hidden_and_its_schema_stays_readable() {
    let server = three_versions().await;

    let deleted = server.delete("/subjects/a/versions/2").await;

    assert_eq!((deleted.status, &deleted.body), (200, &json!(2)));
    for (path, seen) in [
        ("/subjects/a/versions", json!([1, 3])),
        ("/subjects/a/versions?deleted=true", json!([1, 2, 3])),
        ("/subjects/a/versions?deletedOnly=true", json!([2])),
        ("/subjects/a/versions?deletedAsNegative=true", json!([1, -2, 3])),
        ("/subjects/a/versions?deletedAsNegative=true&offset=1&limit=1", json!([-2])),
        ("/schemas/ids/2/subjects", json!([])),
        ("/schemas/ids/2/subjects?deleted=true", json!(["a"])),
        ("/schemas/ids/2/versions?deleted=true", json!([{"subject": "a", "version": 2}])),
    ] {
        assert_eq!(server.get(path).await.body, seen, "{path}");
    }
    assert_eq!(server.get("/subjects/a/versions/2").await.body["error_code"], 40402);
    let shown = server.get("/subjects/a/versions/2?deleted=true").await.body;
    assert_eq!((&shown["version"], &shown["deleted"]), (&json!(2), &json!(true)));
    assert_eq!(server.get("/subjects/a/versions/1").await.body.get("deleted"), None);
    assert_eq!(server.get("/schemas/ids/2").await.status, 200);
    let body = register(&order(&["x", "y"]));
    assert_eq!(server.post("/subjects/a", &body).await.body["error_code"], 40403);
    assert_eq!(server.post("/subjects/a?deleted=true", &body).await.body["version"], 2);
}

#[tokio::test]
async fn every_step_out_of_order_has_its_code() {
    let server = three_versions().await;

    for (path, status, code) in [
        ("/subjects/nobody", 404, json!(40401)),
        ("/subjects/nobody/versions/1", 404, json!(40401)),
        ("/subjects/a/versions/9", 404, json!(40402)),
        ("/subjects/a/versions/0", 422, json!(42202)),
        ("/subjects/a/versions/newest", 422, json!(42202)),
        ("/subjects/a?permanent=true", 404, json!(40405)),
        ("/subjects/a/versions/1?permanent=true", 404, json!(40407)),
        ("/subjects/a/versions/latest", 200, Value::Null),
        ("/subjects/a/versions/3", 404, json!(40406)),
        ("/subjects/a/versions/3?permanent=true", 200, Value::Null),
        ("/subjects/a/versions/3?permanent=true", 404, json!(40402)),
        ("/subjects/a/versions/3", 404, json!(40402)),
        ("/subjects/a", 200, Value::Null),
        ("/subjects/a", 404, json!(40404)),
        ("/subjects/a?permanent=true", 200, Value::Null),
        ("/subjects/a?permanent=true", 404, json!(40401)),
        ("/subjects/a", 404, json!(40401)),
    ] {
        let answer = server.delete(path).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_eq!(answer.body.get("error_code").cloned().unwrap_or_default(), code, "{path}");
    }
}

#[tokio::test]
async fn a_deleted_subject_is_hidden_until_it_is_gone_for_good() {
    let server = three_versions().await;
    server.put("/config/a", &json!({"compatibility": "NONE"})).await;

    let hidden = server.delete("/subjects/a").await;
    let seen = server.get("/subjects").await.body;
    let kept = server.get("/subjects?deleted=true").await.body;
    let only = server.get("/subjects?deletedOnly=true").await.body;
    let gone = server.delete("/subjects/a?permanent=true").await;

    assert_eq!((&hidden.body, &gone.body), (&json!([1, 2, 3]), &json!([1, 2, 3])));
    assert_eq!((seen, kept, only), (json!([]), json!(["a"]), json!(["a"])));
    assert_eq!(server.get("/subjects?deleted=true").await.body, json!([]));
    assert_eq!(server.get("/schemas/ids/1").await.body["error_code"], 40403);
    assert_eq!(server.get("/subjects/a/versions?deleted=true").await.body["error_code"], 40401);
    assert_eq!(server.get("/config/a").await.body["error_code"], 40408, "settings go with it");
    assert_eq!(server.get("/v1/subjects/a").await.body["code"], "subject_not_found");
}

#[tokio::test]
async fn numbers_and_ids_are_never_given_again() {
    let server = three_versions().await;
    server.delete("/subjects/a").await;
    server.delete("/subjects/a?permanent=true").await;

    let again = server.post("/subjects/a/versions", &register(&order(&["x"]))).await.body;
    let server = Server::start_in(server.stop().await).await;
    let later = server.post("/subjects/a/versions", &register(&order(&["x", "y"]))).await.body;

    assert_eq!((&again["version"], &again["id"]), (&json!(4), &json!(4)));
    assert_eq!((&later["version"], &later["id"]), (&json!(5), &json!(5)));
}

#[tokio::test]
async fn a_schema_that_comes_back_keeps_its_id_and_takes_a_new_version() {
    let server = three_versions().await;
    server.put("/config/a", &json!({"compatibility": "NONE"})).await;
    server.delete("/subjects/a/versions/2").await;

    let back = server.post("/subjects/a/versions", &register(&order(&["x", "y"]))).await.body;
    let again = server.post("/subjects/a/versions", &register(&order(&["x", "y"]))).await.body;

    assert_eq!((&back["id"], &back["version"]), (&json!(2), &json!(4)));
    assert_eq!(again, back);
    assert_eq!(server.get("/subjects/a/versions").await.body, json!([1, 3, 4]));
}

#[tokio::test]
async fn additions_count_from_what_is_hidden_too() {
    let server = three_versions().await;
    server.delete("/subjects/a/versions/3").await;
    let retyped = json!({"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"},
        "z": {"type": "integer"}}});

    let additions = server.post("/subjects/a/versions", &register(&retyped)).await;
    server.put("/config/a", &json!({"compatibility": "BACKWARD"})).await;
    let backward = server.post("/subjects/a/versions", &register(&retyped)).await;

    assert_eq!((additions.status, &additions.body["error_code"]), (409, &json!(40901)));
    assert_eq!((backward.status, &backward.body["version"]), (200, &json!(4)), "{backward:?}");
}

#[tokio::test]
async fn what_is_referred_to_cannot_be_deleted() {
    let server = Server::start().await;
    server.register("money", &json!({"type": "string"})).await;
    let body = json!({"schemaType": "JSON", "schema": r#"{"properties":{"a":{"$ref":"money.json"}}}"#,
        "references": [{"name": "money.json", "subject": "money", "version": 1}]});
    server.post("/subjects/order/versions", &body).await;
    let money = "/subjects/money/versions/1";

    let refused = server.delete(money).await;
    let all_refused = server.delete("/subjects/money").await;
    server.delete("/subjects/order/versions/1").await;
    let hidden = server.delete(money).await;
    let still_refused = server.delete(&format!("{money}?permanent=true")).await;
    let lost = server.post("/subjects/other/versions", &body).await;
    let cut = server.post("/v1/subjects/order/restore", &json!({})).await;
    let referrers = server.get("/subjects/money/versions/1/referencedby?deleted=true").await.body;
    server.delete("/subjects/order?permanent=true").await;
    let gone = server.delete(&format!("{money}?permanent=true")).await;

    for refused in [refused, all_refused, still_refused] {
        assert_eq!((refused.status, &refused.body["error_code"]), (422, &json!(42206)));
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused.body["message"].as_str().unwrap(), @"version 1 of `money` is referred to by version 1 of `order` (hint: delete what refers to it first)");
        }
    }
    assert_eq!((hidden.status, gone.status), (200, 200));
    assert_eq!(lost.body["error_code"], 42201, "what is hidden is not to be referred to any more");
    assert_eq!(cut.body["code"], "reference_unresolved");
    assert_eq!(referrers, json!([2]));
}

#[tokio::test]
async fn what_was_hidden_comes_back() {
    let server = three_versions().await;
    server.delete("/subjects/a").await;

    let one = server.post("/v1/subjects/a/restore", &json!({"version": 2})).await;
    let seen = server.get("/subjects/a/versions").await.body;
    let all = server.send(Method::POST, "/v1/subjects/a/restore", "").await;
    let again = server.post("/v1/subjects/a/restore", &json!({"version": 2})).await;
    let missing = server.post("/v1/subjects/a/restore", &json!({"version": 9})).await;
    let nobody = server.post("/v1/subjects/nobody/restore", &json!({})).await;

    assert_eq!((one.status, seen), (200, json!([2])));
    assert_eq!(one.body["versions"][0]["deleted"], true);
    assert_eq!((all.status, again.status), (200, 200));
    assert_eq!(server.get("/subjects/a/versions").await.body, json!([1, 2, 3]));
    assert_eq!(missing.body["code"], "version_not_found");
    assert_eq!(nobody.body["code"], "subject_not_found");
    let changes = server.get("/v1/changes?after=3").await.body;
    let kinds: Vec<&Value> =
        changes["changes"].as_array().unwrap().iter().map(|change| &change["type"]).collect();
    assert_eq!(kinds, ["versions_deleted", "versions_restored", "versions_restored"]);
}

#[tokio::test]
async fn events_go_over_a_hidden_version_and_not_over_one_that_is_gone() {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "TRANSLATABLE"})).await;
    let shape = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}});
    let lens = |from: u32, old: &str, new: &str| {
        json!({"lens": 1, "subject": "a", "from": from, "to": from + 1,
            "ops": [{"rename": {"from": old, "to": new}}]})
    };
    let versions = "/v1/subjects/a/versions";
    server.post(versions, &json!({"schema": shape("x")})).await;
    server.post(versions, &json!({"schema": shape("y"), "lens": lens(1, "/x", "/y")})).await;
    server.post(versions, &json!({"schema": shape("z"), "lens": lens(2, "/y", "/z")})).await;
    let translate = "/v1/subjects/a/translate?from=1&to=3";

    server.delete("/subjects/a/versions/2").await;
    let over = server.send(Method::POST, translate, r#"{"x":"7"}"#).await;
    let from_hidden =
        server.send(Method::POST, "/v1/subjects/a/translate?from=2&to=3", r#"{"y":"7"}"#).await;
    server.delete("/subjects/a/versions/2?permanent=true").await;
    let cut = server.send(Method::POST, translate, r#"{"x":"7"}"#).await;
    let mut bridge = lens(1, "/x", "/z");
    bridge["to"] = json!(3);
    let bridged = server.put("/v1/subjects/a/lenses/1/3", &bridge).await;
    let again = server.send(Method::POST, translate, r#"{"x":"7"}"#).await;

    assert_eq!(over.body["event"], json!({"z": "7"}));
    assert_eq!(from_hidden.body["event"], json!({"z": "7"}));
    assert_eq!((cut.status, &cut.body["code"]), (404, &json!("plan_not_found")));
    insta::assert_snapshot!(cut.body["hint"].as_str().unwrap(), @"what was between 1 and 3 is deleted for good: put a lens at lenses/1/3");
    assert_eq!((bridged.status, &again.body["event"]), (201, &json!({"z": "7"})), "{bridged:?}");
}

#[tokio::test]
async fn a_log_with_deletions_is_opened_again_as_it_was() {
    let server = three_versions().await;
    server.register("b", &order(&["x"])).await;
    server.delete("/subjects/a/versions/2").await;
    server.delete("/subjects/a/versions/3").await;
    server.delete("/subjects/a/versions/3?permanent=true").await;
    server.put("/mode/b", &json!({"mode": "READONLY"})).await;
    let paths = [
        "/schemas?deleted=true",
        "/subjects/a/versions?deletedAsNegative=true",
        "/v1/subjects/a",
        "/schemas/ids/1/versions",
        "/mode/b",
        "/v1/changes",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(server.get(path).await);
    }

    let server = Server::start_in(server.stop().await).await;

    for (path, before) in paths.iter().zip(before) {
        assert_eq!(server.get(path).await, before, "{path}");
    }
    assert_eq!(server.get("/schemas/ids/3").await.body["error_code"], 40403);
}
