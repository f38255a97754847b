//! Breaking with a lens: how versions that do not fit are told apart and bridged.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Answer, Server, answer};

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

fn of(name: &str) -> Value {
    json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}})
}

fn edge(from: u32, ops: &Value) -> Value {
    json!({"lens": 1, "subject": "Chain", "from": from, "to": from + 1, "ops": ops})
}

/// Three versions: the second says nothing of `c`, so its lens lets it through; the third wants that place.
async fn chained(first_lens: Option<&Value>) -> (Server, Answer) {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "TRANSLATABLE"})).await;
    let mut first = of("a");
    first["properties"]["c"] = json!({"type": "integer"});
    server.register("Chain", &first).await;
    let path = "/v1/subjects/Chain/versions";
    let second = match first_lens {
        Some(lens) => server.post(path, &json!({"schema": of("a"), "lens": lens})).await,
        None => server.post(&format!("{path}?force=true&why=x"), &json!({"schema": of("a")})).await,
    };
    assert_eq!(second.status, 201, "{second:?}");
    let lens = edge(2, &json!([{"rename": {"from": "/a", "to": "/c"}}]));
    let third = server.post(path, &json!({"schema": of("c"), "lens": lens})).await;
    (server, third)
}

#[tokio::test]
async fn a_lens_that_holds_by_itself_and_not_on_the_whole_way_is_refused() {
    let (server, third) = chained(Some(&edge(1, &json!([])))).await;

    assert_eq!((third.status, &third.body["code"]), (422, &json!("lens_rejected")), "{third:?}");
    let rejection = &third.body["rejection"];
    assert_eq!((&rejection["op"], &rejection["pointer"]), (&json!(0), &json!("/c")));
    assert!(rejection["input"]["c"].is_number(), "{rejection}");
    assert_eq!(
        rejection["error"],
        "on the whole way from version 1 to version 3: the place is occupied"
    );
    assert!(rejection["hint"].is_string());
    assert_eq!(server.get("/v1/subjects/Chain/versions/3").await.status, 404);
}

#[tokio::test]
async fn a_lens_put_into_the_midst_is_tried_on_every_way_over_it() {
    let (server, third) = chained(None).await;
    assert_eq!(third.status, 201, "nothing leads over the gap: {third:?}");
    let path = "/v1/subjects/Chain/lenses/1/2";

    let leaky = server.put(path, &edge(1, &json!([]))).await;
    let mut tight = edge(1, &json!([{"drop": {"at": "/c"}}]));
    tight["accept_loss"] = json!({"up": ["/c"]});
    let tight = server.put(path, &tight).await;

    assert_eq!((leaky.status, &leaky.body["code"]), (422, &json!("lens_rejected")), "{leaky:?}");
    assert!(
        leaky.body["rejection"]["error"].as_str().unwrap().contains("from version 1 to version 3")
    );
    assert_eq!(tight.status, 201, "{tight:?}");
    assert_eq!(server.get("/v1/subjects/Chain/plans/1/3").await.status, 200);
}
