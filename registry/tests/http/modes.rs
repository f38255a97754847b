//! Modes: what may be done at all, and schemas that come from another registry with their ids.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Server, register};

async fn set(server: &Server, path: &str, mode: &str) -> (u16, Value) {
    let answer = server.put(path, &json!({"mode": mode})).await;
    (answer.status, answer.body)
}

fn imported(title: &str, id: u32, version: u32) -> Value {
    let mut body = register(&json!({"title": title}));
    body["id"] = json!(id);
    body["version"] = json!(version);
    body
}

#[tokio::test]
async fn a_mode_is_set_shown_and_cleared() {
    let server = Server::start().await;

    for (method, path, body, status, seen) in [
        (Method::GET, "/mode", "", 200, json!({"mode": "READWRITE"})),
        (Method::GET, "/mode/a?defaultToGlobal=true", "", 200, json!({"mode": "READWRITE"})),
        (Method::PUT, "/mode", r#"{"mode":"READONLY"}"#, 200, json!({"mode": "READONLY"})),
        (Method::GET, "/mode/a?defaultToGlobal=true", "", 200, json!({"mode": "READONLY"})),
        (Method::PUT, "/mode/:.c:", r#"{"mode":"IMPORT"}"#, 200, json!({"mode": "IMPORT"})),
        (Method::GET, "/mode/:.c:a?defaultToGlobal=true", "", 200, json!({"mode": "IMPORT"})),
        (
            Method::PUT,
            "/mode/:.c:a?force=False",
            r#"{"mode":"READWRITE"}"#,
            200,
            json!({"mode": "READWRITE"}),
        ),
        (Method::GET, "/mode/:.c:a", "", 200, json!({"mode": "READWRITE"})),
        (
            Method::PUT,
            "/mode",
            r#"{"mode":"READONLY_OVERRIDE"}"#,
            200,
            json!({"mode": "READONLY_OVERRIDE"}),
        ),
        (
            Method::GET,
            "/mode/:.c:b?defaultToGlobal=true",
            "",
            200,
            json!({"mode": "READONLY_OVERRIDE"}),
        ),
        (Method::DELETE, "/mode", "", 200, json!({"mode": "READONLY_OVERRIDE"})),
        (Method::GET, "/mode", "", 200, json!({"mode": "READWRITE"})),
        (Method::DELETE, "/mode/:.c:?recursive=true", "", 200, json!({"mode": "IMPORT"})),
    ] {
        let answer = server.send(method.clone(), path, body).await;
        assert_eq!((answer.status, &answer.body), (status, &seen), "{method} {path}");
    }
    for (method, path, body, code) in [
        (Method::GET, "/mode/:.c:a", "", 40409),
        (Method::GET, "/mode/a", "", 40409),
        (Method::DELETE, "/mode/a", "", 40409),
        (Method::PUT, "/mode/a", r#"{"mode":"WRITEONLY"}"#, 42204),
        (Method::PUT, "/mode", "{}", 42204),
    ] {
        let answer = server.send(method.clone(), path, body).await;
        assert_eq!(answer.body["error_code"], code, "{method} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_read_only_is_read_and_not_changed() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;
    server.register("b", &json!({"type": "string"})).await;
    server.send(Method::DELETE, "/subjects/b", "").await;
    let other = register(&json!({"type": "integer"})).to_string();

    set(&server, "/mode", "READONLY").await;

    for (method, path, body) in [
        (Method::POST, "/subjects/a/versions", other.as_str()),
        (Method::DELETE, "/subjects/a", ""),
        (Method::DELETE, "/subjects/a/versions/1", ""),
        (Method::DELETE, "/subjects/b?permanent=true", ""),
        (Method::PUT, "/config/a", r#"{"compatibility":"NONE"}"#),
        (Method::PUT, "/config", r#"{"compatibility":"NONE"}"#),
    ] {
        let refused = server.send(method.clone(), path, body).await;
        assert_eq!(refused.body["error_code"], 42205, "{method} {path}: {refused:?}");
    }
    for (path, body) in [
        ("/v1/subjects/b/restore", "{}"),
        ("/v1/subjects/a/versions", r#"{"schema":{"type":"integer"}}"#),
    ] {
        let refused = server.send(Method::POST, path, body).await;
        assert_eq!(refused.body["code"], "not_permitted", "{path}: {refused:?}");
    }
    let described = server.put("/v1/subjects/a", &json!({"owner": "ada"})).await;
    assert_eq!(described.body["code"], "not_permitted");
    assert_eq!(server.register("a", &json!({"type": "string"})).await, 1, "what is there is found");
    let check = server.send(Method::POST, "/compatibility/subjects/a/versions", &other).await;
    assert_eq!(check.body, json!({"is_compatible": false}));

    set(&server, "/mode/a", "READWRITE").await;
    server.put("/config/a", &json!({"compatibility": "NONE"})).await;
    assert_eq!(server.send(Method::POST, "/subjects/a/versions", &other).await.status, 200);
    set(&server, "/mode", "READONLY_OVERRIDE").await;
    let refused = server.send(Method::DELETE, "/subjects/a", "").await;
    assert_eq!(refused.body["error_code"], 42205, "an override is stronger than what is nearer");
}

#[tokio::test]
async fn schemas_are_imported_with_their_ids_and_versions() {
    let server = Server::start().await;
    server.register("here", &json!({"title": "here"})).await;
    let post = async |subject: &str, body: &Value| {
        server.post(&format!("/subjects/{subject}/versions"), body).await.body
    };

    let not_yet = post(":.in:a", &imported("one", 40, 3)).await;
    let (status, _) = set(&server, "/mode/:.in:", "IMPORT").await;
    let one = post(":.in:a", &imported("one", 40, 3)).await;
    let two = post(":.in:a", &imported("two", 7, 5)).await;
    let back = post(":.in:a", &imported("one", 40, 6)).await;
    let shared = post(":.in:b", &imported("one", 40, 1)).await;
    let again = post(":.in:a", &imported("two", 7, 5)).await;
    let no_id = post(":.in:a", &register(&json!({"title": "three"}))).await;
    let taken = post(":.in:a", &imported("three", 7, 9)).await;
    let renamed = post(":.in:a", &imported("two", 8, 9)).await;
    let older = post(":.in:a", &imported("three", 50, 2)).await;
    set(&server, "/mode/:.in:", "READWRITE").await;
    server.put("/config/:.in:", &json!({"compatibility": "NONE"})).await;
    let next = post(":.in:a", &register(&json!({"title": "next"}))).await;

    assert_eq!((status, &not_yet["error_code"]), (200, &json!(42205)));
    for (answer, id, version) in [
        (&one, 40, 3),
        (&two, 7, 5),
        (&back, 40, 6),
        (&shared, 40, 1),
        (&again, 7, 5),
        (&next, 41, 7),
    ] {
        assert_eq!((&answer["id"], &answer["version"]), (&json!(id), &json!(version)), "{answer}");
    }
    assert_eq!(no_id["error_code"], 42205);
    for refused in [taken, renamed, older] {
        assert_eq!(refused["error_code"], 42207, "{refused}");
    }
    assert_eq!(server.get("/subjects/:.in:a/versions").await.body, json!([3, 5, 6, 7]));
}

#[tokio::test]
async fn import_wants_room_or_force() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;

    let (_, global) = set(&server, "/mode", "IMPORT").await;
    let (_, subject) = set(&server, "/mode/a", "IMPORT").await;
    let (empty, _) = set(&server, "/mode/b", "IMPORT").await;
    let (forced, _) = set(&server, "/mode/a?force=true", "IMPORT").await;
    let taken = server.post("/subjects/a/versions", &imported("two", 1, 2)).await;
    let breaking = server.post("/subjects/a/versions", &imported("two", 2, 2)).await;

    assert_eq!((&global["error_code"], &subject["error_code"]), (&json!(42205), &json!(42205)));
    assert_eq!((empty, forced), (200, 200));
    assert_eq!(taken.body["error_code"], 42207);
    assert_eq!((breaking.status, &breaking.body["version"]), (200, &json!(2)), "{breaking:?}");
}

#[tokio::test]
async fn force_registers_in_spite_of_the_policy_and_the_log_says_so() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;
    let breaking = register(&json!({"type": "integer"}));

    let refused = server.post("/subjects/a/versions", &breaking).await;
    let forced = server.post("/subjects/a/versions?force=true", &breaking).await;

    assert_eq!((refused.status, forced.status), (409, 200));
    let changes = server.get("/v1/changes").await.body;
    let said: Vec<&Value> =
        changes["changes"].as_array().unwrap().iter().map(|c| &c["data"]["forced"]).collect();
    assert_eq!(said, [&json!(false), &json!(true)]);
}

#[tokio::test]
async fn numbers_that_are_all_given_are_refused_and_nothing_is_lost() {
    let server = Server::start().await;
    set(&server, "/mode/:.c:", "IMPORT").await;
    let mut last = register(&json!({"title": "last"}));
    (last["id"], last["version"]) = (json!(2_147_483_647), json!(2_147_483_647));
    assert_eq!(server.post("/subjects/:.c:a/versions", &last).await.status, 200);
    set(&server, "/mode/:.c:", "READWRITE").await;

    let next = register(&json!({"title": "next"}));
    let no_id = server.post("/subjects/:.c:b/versions", &next).await;
    let no_version = server.post("/subjects/:.c:a/versions", &last).await;

    assert_eq!((no_id.status, &no_id.body["error_code"]), (422, &json!(42205)), "{}", no_id.text);
    assert_eq!(no_version.status, 200, "it is there: {}", no_version.text);
    assert_eq!(server.post("/subjects/d/versions", &next).await.status, 200);
    let server = Server::start_in(server.stop().await).await;
    assert_eq!(server.get("/subjects/d/versions").await.body, json!([1]));
    assert_eq!(server.post("/subjects/e/versions", &next).await.status, 200);
}

#[tokio::test]
async fn an_id_of_what_is_gone_comes_back_with_that_and_nothing_else() {
    let server = Server::start().await;
    set(&server, "/mode", "IMPORT").await;
    let said = |title: &str, version: u32, owner: &str| {
        let mut body = imported(title, 7, version);
        body["metadata"] = json!({"properties": {"owner": owner}});
        body
    };
    let path = "/subjects/a/versions";
    assert_eq!(server.post(path, &said("a", 1, "ada")).await.status, 200);
    server.send(Method::DELETE, "/subjects/a", "").await;
    server.send(Method::DELETE, "/subjects/a?permanent=true", "").await;

    let other_schema = server.post(path, &said("b", 2, "ada")).await;
    let other_metadata = server.post(path, &said("a", 2, "eve")).await;
    let no_metadata = server.post(path, &imported("a", 7, 2)).await;
    let same = server.post(path, &said("a", 2, "ada")).await;

    for refused in [other_schema, other_metadata, no_metadata] {
        assert_eq!((refused.status, &refused.body["error_code"]), (422, &json!(42207)));
    }
    assert_eq!((same.status, &same.body["id"]), (200, &json!(7)), "{same:?}");
}
