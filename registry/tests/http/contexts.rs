//! Contexts, guids and lists: finding one's way in a registry with many schemas.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Server, register};

#[tokio::test]
async fn everything_can_be_said_within_a_context() {
    let server = Server::start().await;
    let body = register(&json!({"type": "string"}));
    server.register("a", &json!({"type": "integer"})).await;

    let registered = server.post("/contexts/.c/subjects/a%2Fb/versions", &body).await.body;
    server.put("/contexts/.c/config", &json!({"compatibility": "BACKWARD"})).await;
    server.put("/contexts/.c/mode/x", &json!({"mode": "READONLY"})).await;

    assert_eq!(registered["subject"], ":.c:a/b");
    for (path, seen) in [
        ("/contexts", json!([".", ".c"])),
        ("/contexts?offset=1&limit=1", json!([".c"])),
        ("/contexts/.c/contexts", json!([".", ".c"])),
        ("/contexts/.c/subjects", json!([":.c:a/b"])),
        ("/contexts/:.c:/subjects", json!([":.c:a/b"])),
        ("/contexts/.c/subjects/a%2Fb/versions", json!([1])),
        ("/contexts/.c/schemas/ids/1/subjects", json!([":.c:a/b"])),
        ("/contexts/.c/schemas/types", json!(["JSON"])),
        ("/contexts/.c/mode/x", json!({"mode": "READONLY"})),
        ("/subjects", json!(["a", ":.c:a/b"])),
        ("/subjects?subjectPrefix=:.c:", json!([":.c:a/b"])),
        ("/subjects?subjectPrefix=a", json!(["a"])),
        ("/subjects?subjectPrefix=:*:", json!(["a", ":.c:a/b"])),
    ] {
        assert_eq!(server.get(path).await.body, seen, "{path}");
    }
    assert_eq!(
        server.get("/contexts/.c/schemas/ids/1").await.body["schema"],
        r#"{"type":"string"}"#
    );
    assert_eq!(server.get("/schemas/ids/1").await.body["schema"], r#"{"type":"integer"}"#);
    assert_eq!(server.get("/contexts/.c/schemas").await.body[0]["subject"], ":.c:a/b");
    assert_eq!(server.get("/contexts/.c/config").await.body["compatibilityLevel"], "BACKWARD");
    let level = server.get("/config/:.c:a?defaultToGlobal=true").await.body;
    assert_eq!(level["compatibilityLevel"], "BACKWARD");
    let check = "/contexts/.c/compatibility/subjects/a%2Fb/versions/latest";
    assert_eq!(server.post(check, &body).await.body, json!({"is_compatible": true}));
    assert_eq!(server.get("/contexts/.c/subjects/no/versions").await.body["error_code"], 40401);
    assert_eq!(server.get("/contexts/c/subjects").await.body["error_code"], 42208);
    assert_eq!(server.get("/contexts/.c/nothing").await.body["error_code"], 404);
}

#[tokio::test]
async fn a_context_goes_once_it_is_empty() {
    let server = Server::start().await;
    server.register(":.c:a", &json!({"type": "string"})).await;
    let delete = async |path: &str| server.send(Method::DELETE, path, "").await;

    let full = delete("/contexts/.c").await;
    delete("/contexts/.c/subjects/a").await;
    let hidden = delete("/contexts/.c").await;
    delete("/contexts/.c/subjects/a?permanent=true").await;
    let listed = server.get("/contexts").await.body;
    let gone = delete("/contexts/.c").await;
    let twice = delete("/contexts/.c").await;
    let id = server.register(":.c:a", &json!({"type": "string"})).await;

    assert_eq!(
        (&full.body["error_code"], &hidden.body["error_code"]),
        (&json!(42211), &json!(42211))
    );
    assert_eq!(listed, json!([".", ".c"]));
    assert_eq!((gone.status, twice.status), (204, 404), "{gone:?}");
    assert_eq!(delete("/contexts/:.:").await.body["error_code"], 42211);
    assert_eq!(id, 2, "ids are not given again");
    assert_eq!(server.get("/contexts").await.body, json!([".", ".c"]));
}

#[tokio::test]
async fn a_reference_without_a_context_is_meant_within_that_of_its_subject() {
    let server = Server::start().await;
    server.register("money", &json!({"type": "integer"})).await;
    server.register(":.c:money", &json!({"type": "string"})).await;
    server.register("only-here", &json!({"type": "string"})).await;
    let body = |subject: &str| {
        json!({"schemaType": "JSON", "schema": json!({"properties": {"a": {"$ref": "r"}}}).to_string(),
            "references": [{"name": "r", "subject": subject, "version": 1}]})
    };

    let near = server.post("/subjects/:.c:order/versions", &body("money")).await.body;
    let far = server.post("/subjects/:.c:far/versions", &body("only-here")).await.body;

    assert_eq!(near["references"][0]["subject"], ":.c:money", "{near}");
    assert_eq!(far["references"][0]["subject"], "only-here", "{far}");
    let referrers = async |subject: &str| {
        server.get(&format!("/subjects/{subject}/versions/1/referencedby")).await.body
    };
    assert_eq!(referrers(":.c:money").await, json!([2]));
    assert_eq!(referrers("money").await, json!([]));
}

#[tokio::test]
async fn a_guid_is_the_same_in_every_context() {
    let server = Server::start().await;
    let schema = json!({"type": "string"});
    server.register("first", &json!({"type": "integer"})).await;
    server.register("a", &schema).await;
    server.register(":.c:a", &schema).await;
    let mut body = register(&schema);
    body["metadata"] = json!({"properties": {"k": "v"}});
    let said = server.post("/subjects/said/versions", &body).await.body;

    let guid = server.get("/schemas/ids/2").await.body["guid"].as_str().unwrap().to_owned();
    let by_guid = server.get(&format!("/schemas/guids/{guid}")).await.body;
    let ids = server.get(&format!("/schemas/guids/{guid}/ids")).await.body;

    assert_eq!(
        (&by_guid["schema"], &by_guid["guid"]),
        (&json!(r#"{"type":"string"}"#), &json!(guid))
    );
    assert_eq!(ids, json!([{"context": ".", "id": 2}, {"context": ".c", "id": 1}]));
    assert_ne!(said["guid"], json!(guid), "what is said about a schema is part of it");
    for missing in [
        "/schemas/guids/x",
        "/schemas/guids/x/ids",
        "/schemas/guids/00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(server.get(missing).await.body["error_code"], 40403, "{missing}");
    }
}

#[tokio::test]
async fn schemas_are_listed_page_by_page() {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "NONE"})).await;
    for (subject, title) in [("a", "1"), ("a", "2"), ("b", "1"), (":.c:a", "1"), ("d", "3")] {
        server.register(subject, &json!({"title": title})).await;
    }
    server.send(Method::DELETE, "/subjects/d", "").await;
    let list = async |query: &str| -> Vec<(String, u64)> {
        let body = server.get(&format!("/schemas{query}")).await.body;
        let all = body.as_array().unwrap().iter();
        all.map(|one| {
            (one["subject"].as_str().unwrap().to_owned(), one["version"].as_u64().unwrap())
        })
        .collect()
    };
    let named = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
        all.iter().map(|(subject, version)| ((*subject).to_owned(), *version)).collect()
    };

    assert_eq!(list("").await, named(&[("a", 1), ("a", 2), ("b", 1), (":.c:a", 1)]));
    assert_eq!(list("?latestOnly=true").await, named(&[("a", 2), ("b", 1), (":.c:a", 1)]));
    assert_eq!(list("?subjectPrefix=a").await, named(&[("a", 1), ("a", 2)]));
    assert_eq!(list("?offset=1&limit=2").await, named(&[("a", 2), ("b", 1)]));
    assert_eq!(list("?offset=0&limit=-1&subjectPrefix=d").await, []);
    assert_eq!(list("?deleted=true&subjectPrefix=d").await, named(&[("d", 1)]));
    let max = server.get("/schemas/ids/1?fetchMaxId=true").await.body;
    assert_eq!(max["maxId"], 3);
    assert_eq!(server.get("/schemas/ids/1").await.body.get("maxId"), None);
}

#[tokio::test]
async fn the_newest_version_with_certain_metadata_is_found() {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "NONE"})).await;
    for (title, stage) in [("1", "prod"), ("2", "prod"), ("3", "test")] {
        let mut body = register(&json!({"title": title}));
        body["metadata"] = json!({"properties": {"stage": stage, "team": "orders"}});
        server.post("/subjects/a/versions", &body).await;
    }
    let find = async |query: &str| server.get(&format!("/subjects/a/metadata?{query}")).await.body;

    assert_eq!(find("key=stage&value=prod").await["version"], 2);
    assert_eq!(
        find("key=stage&value=prod&key=team&value=orders&deleted=false").await["version"],
        2
    );
    assert_eq!(find("key=team&value=orders").await["version"], 3);
    assert_eq!(find("key=stage&value=none").await["error_code"], 40403);
    assert_eq!(server.get("/subjects/no/metadata?key=a&value=b").await.body["error_code"], 40401);
}

#[tokio::test]
async fn a_registry_says_which_it_is() {
    let server = Server::start().await;

    let id = server.get("/v1/metadata/id").await.body;
    let version = server.get("/v1/metadata/version").await.body;

    assert!(id["scope"]["clusters"].is_object(), "{id}");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["commitId"].is_string());
}

#[tokio::test]
async fn the_registry_has_registered_the_schemas_of_its_own_events() {
    let server = Server::start().await;
    let own = "/subjects/:.stele:schema_registered";

    let subjects = server.get("/contexts/.stele/subjects").await.body;
    let versions = server.get(&format!("{own}/versions")).await.body;
    server.register("a", &json!({"type": "string"})).await;
    let change = server.get("/v1/changes").await.body["changes"][0].clone();
    let translate = "/v1/subjects/:.stele:schema_registered/translate?from=2&to=1";
    let older = server.send(Method::POST, translate, &change["data"].to_string()).await.body;
    let refused = server.post(&format!("{own}/versions"), &register(&json!({}))).await;
    let deleted = server.send(Method::DELETE, own, "").await;

    assert!(
        subjects.as_array().unwrap().contains(&json!(":.stele:schema_registered")),
        "{subjects}"
    );
    assert_eq!((&change["version"], &versions), (&json!(2), &json!([1, 2])));
    assert_eq!(older["event"].get("forced"), None, "{older}");
    assert_eq!(older["event"]["schema"], json!({"type": "string"}));
    for refused in [refused, deleted] {
        assert_eq!(refused.body["error_code"], 42205, "{refused:?}");
    }
    assert_eq!(server.get("/subjects").await.body, json!(["a"]), "lists show what people made");
    assert_eq!(server.get("/contexts").await.body, json!(["."]));
}

#[tokio::test]
async fn a_schema_by_its_id_may_be_kept_for_ever() {
    let server = Server::start().await;
    server.register("a", &json!({"title": "x".repeat(2000)})).await;
    let get = async |name: &'static str, value: &str| {
        let request = server.client().get(server.url("/schemas/ids/1"));
        request.header(name, value).send().await.unwrap()
    };

    let first = get("accept", "*/*").await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let known = get("if-none-match", &tag).await;
    let other = get("if-none-match", "\"other\"").await;
    let small = get("accept-encoding", "gzip").await;

    assert_eq!(first.headers()["cache-control"], "max-age=31536000, immutable");
    assert_eq!((known.status().as_u16(), other.status().as_u16()), (304, 200));
    assert_eq!(known.headers()["etag"], tag.as_str());
    assert_eq!(small.headers()["content-encoding"], "gzip");
    let small = small.bytes().await.unwrap();
    assert!(small.len() < 500 && small.starts_with(&[0x1f, 0x8b]), "{} bytes", small.len());
    let newest: Value = server.get("/schemas/ids/1?fetchMaxId=true").await.body;
    assert_eq!(newest["maxId"], 1);
}
