//! Breaking with a lens: how versions that do not fit are told apart and bridged.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Server, answer};

fn v1() -> Value {
    json!({"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}})
}

fn v2() -> Value {
    json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})
}

fn lens(subject: &str, from: &str) -> Value {
    json!({"lens": 1, "subject": subject, "from": 1, "to": 2,
        "ops": [{"rename": {"from": from, "to": "/id"}}]})
}

async fn translatable() -> Server {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "TRANSLATABLE"})).await;
    server.register("Placed", &v1()).await;
    server
}

#[tokio::test]
async fn a_break_ships_with_its_lens_or_not_at_all() {
    let server = translatable().await;
    let path = "/v1/subjects/Placed/versions";

    let without = server.post(path, &json!({"schema": v2()})).await;
    let wrong = json!({"schema": v2(), "lens": lens("Placed", "/nothing")});
    let wrong = server.post(path, &wrong).await;
    let untouched = server.get("/v1/changes").await.body["next"].clone();
    let with =
        server.post(path, &json!({"schema": v2(), "lens": lens("Placed", "/orderId")})).await;

    assert_eq!((without.status, &without.body["code"]), (409, &json!("lens_required")));
    assert!(without.body["witness"]["event"].is_object(), "{without:?}");
    assert_eq!((wrong.status, &wrong.body["code"]), (422, &json!("lens_rejected")), "{wrong:?}");
    assert_eq!(wrong.body["rejection"]["op"], 0);
    assert_eq!(wrong.body["rejection"]["pointer"], "/nothing");
    assert_eq!(untouched, 2);
    assert_eq!((with.status, &with.body["release"]), (201, &json!("2.0.0")), "{with:?}");
    assert_eq!(with.body["edge"], "lens");
    let changes = server.get("/v1/changes?after=2").await.body;
    assert_eq!(changes["changes"][0]["type"], "schema_registered");
    assert_eq!(changes["changes"][1]["type"], "lens_added");
}

#[tokio::test]
async fn an_event_crosses_both_ways() {
    let server = translatable().await;
    let body = json!({"schema": v2(), "lens": lens("Placed", "/orderId")});
    server.post("/v1/subjects/Placed/versions", &body).await;

    let up = server.get("/v1/subjects/Placed/plans/1/2").await.body;
    let down = server.get("/v1/subjects/Placed/plans/latest/1.0.0").await.body;
    let crossed = server
        .send(Method::POST, "/v1/subjects/Placed/translate?from=1&to=latest", r#"{"orderId":"7"}"#)
        .await;
    let invalid = server
        .send(Method::POST, "/v1/subjects/Placed/translate?from=1&to=2", r#"{"id":"7"}"#)
        .await;

    assert_eq!(up["class"], "iso", "{up}");
    assert_eq!((&up["edges"][0]["from"], &up["edges"][0]["to"]), (&json!(1), &json!(2)));
    assert_eq!(up["edges"][0]["kind"], "lens");
    assert_eq!(up["edges"][0]["lens"]["ops"][0]["rename"]["to"], "/id");
    assert_eq!((&down["edges"][0]["from"], &down["edges"][0]["to"]), (&json!(2), &json!(1)));
    assert_eq!(crossed.body, json!({"event": {"id": "7"}, "plan": up["id"], "loss": []}));
    assert_eq!((invalid.status, &invalid.body["code"]), (422, &json!("event_invalid")));
}

#[tokio::test]
async fn a_lens_may_come_later_and_as_yaml() {
    let server = translatable().await;
    server.put("/config/Placed", &json!({"compatibility": "NONE"})).await;
    server.register("Placed", &v2()).await;
    let path = "/v1/subjects/Placed/lenses/1/2";
    let yaml =
        "lens: 1\nsubject: Placed\nfrom: 1\nto: 2\nops:\n  - rename: { from: /orderId, to: /id }\n";

    let none = server.get(path).await;
    let no_way = server.get("/v1/subjects/Placed/plans/1/2").await;
    let put = || async {
        let request = server.client().put(server.url(path)).body(yaml);
        answer(request.header("content-type", "application/yaml").send().await.unwrap()).await
    };
    let (first, again) = (put().await, put().await);

    assert_eq!((none.status, &none.body["code"]), (404, &json!("lens_not_found")));
    assert_eq!((no_way.status, &no_way.body["code"]), (404, &json!("plan_not_found")));
    assert_eq!((first.status, again.status), (201, 200), "{first:?}");
    assert_eq!(server.get(path).await.body, first.body);
    assert_eq!(server.get("/v1/subjects/Placed/plans/1/2").await.status, 200);
    assert_eq!(server.get("/v1/subjects/Placed/versions/2").await.body["edge"], "lens");
}

#[tokio::test]
async fn a_lens_for_something_else_is_refused() {
    let server = translatable().await;
    let path = "/v1/subjects/Placed/versions";

    let other = json!({"schema": v2(), "lens": lens("Other", "/orderId")});
    let other = server.post(path, &other).await.body;
    let mut typo = lens("Placed", "/orderId");
    typo["acceptloss"] = json!({});
    let typo = server.post(path, &json!({"schema": v2(), "lens": typo})).await;
    let nowhere =
        server.put("/v1/subjects/Placed/lenses/1/2", &lens("Placed", "/orderId")).await.body;

    assert_eq!(other["code"], "lens_mismatch");
    assert_eq!((typo.status, &typo.body["code"]), (422, &json!("lens_invalid")));
    assert_eq!(nowhere["code"], "version_not_found");
}
