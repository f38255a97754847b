//! What the policy of a subject allows beside its level: lists that grow, and how sure a lens must be.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::Server;

fn order(states: &[&str]) -> Value {
    json!({"type": "object", "required": ["state"], "properties": {"state": {"type": "string", "enum": states}}})
}

#[tokio::test]
async fn a_list_grows_where_the_subject_allows_it_and_older_readers_take_what_comes() {
    let server = Server::start().await;
    server.register("Order", &order(&["NEW"])).await;
    let path = "/v1/subjects/Order/versions";
    let grown = json!({"schema": order(&["NEW", "PAID"])});

    let before = server.post(path, &grown).await;
    let set = server.put("/v1/subjects/Order", &json!({"policy": {"widen": true}})).await;
    let checked = server.post("/v1/subjects/Order/check", &grown).await;
    let text = json!({"schemaType": "JSON", "schema": order(&["NEW", "PAID"]).to_string()});
    let told = server.post("/compatibility/subjects/Order/versions/1", &text).await;
    let after = server.post(path, &grown).await;
    let down = "/v1/subjects/Order/translate?from=2&to=1";
    let down = server.send(Method::POST, down, r#"{"state":"PAID"}"#).await;
    let shrunk = server.post(path, &json!({"schema": order(&["PAID"])})).await;

    assert_eq!((before.status, &before.body["code"]), (409, &json!("incompatible")));
    assert_eq!(set.body["policy"]["widen"], true);
    assert_eq!(checked.body["accepted"], true, "{checked:?}");
    assert_eq!(told.body["is_compatible"], true, "{told:?}");
    assert_eq!((after.status, &after.body["release"]), (201, &json!("1.1.0")), "{after:?}");
    assert_eq!(down.body["event"], json!({"state": "PAID"}), "{down:?}");
    assert_eq!(shrunk.status, 409, "nothing is taken away");
    let cleared = server.put("/v1/subjects/Order", &json!({"policy": {"widen": null}})).await;
    assert_eq!(cleared.body["policy"].get("widen"), None);
    let again = server.post(path, &json!({"schema": order(&["NEW", "PAID", "SENT"])})).await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn a_lens_that_is_only_tested_is_refused_where_lenses_must_be_proved() {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "TRANSLATABLE"})).await;
    // Nobody proves what an expression makes of a text.
    let old = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x", "y"]}}});
    let new = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x!", "y!"]}}});
    let lens = |subject: &str| {
        json!({"lens": 1, "subject": subject, "from": 1, "to": 2, "ops": [{"expr": {
        "at": "/a", "inputs": {"v": "/a"}, "type": "string", "up": "v + '!'",
        "down": "v.substring(0, 1)"}}]})
    };
    for (subject, strict) in [("Free", false), ("Strict", true)] {
        server.register(subject, &old).await;
        let policy = json!({"policy": {"strictLenses": strict}});
        let set = server.put(&format!("/v1/subjects/{subject}"), &policy).await;
        assert_eq!(set.status, 200, "{set:?}");
    }

    let register = async |subject: &str| {
        let body = json!({"schema": new, "lens": lens(subject)});
        server.post(&format!("/v1/subjects/{subject}/versions"), &body).await
    };
    let (free, strict) = (register("Free").await, register("Strict").await);

    assert_eq!(free.status, 201, "{free:?}");
    let kept = server.get("/v1/subjects/Free/lenses/1/2").await.body;
    assert!(kept["assurance"]["tested"].is_number(), "{kept}");
    assert_eq!((strict.status, &strict.body["code"]), (422, &json!("lens_rejected")));
    let rejection = &strict.body["rejection"];
    assert!(
        rejection["error"].as_str().unwrap().starts_with("it could not be proved"),
        "{rejection}"
    );
    assert!(rejection["hint"].as_str().unwrap().contains("strictLenses"));
}
