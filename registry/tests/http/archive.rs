//! The whole log, out of one registry and into another.

use reqwest::Method;
use serde_json::json;

use super::server::{Server, answer};

async fn filled() -> Server {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "NONE"})).await;
    for number in 0..30 {
        server.register("a", &json!({"title": format!("{number}")})).await;
    }
    server.register(":.c:b", &json!({"b": 1, "a": 1.10})).await;
    server.put("/v1/subjects/a?why=tidy", &json!({"owner": "ada"})).await;
    server
}

#[tokio::test]
async fn a_log_that_is_taken_in_is_the_same_with_its_ids_times_and_askers() {
    let (full, empty) = (filled().await, Server::start().await);
    let exported = full.get("/v1/export").await;

    let taken = empty.send(Method::POST, "/v1/import", &exported.text).await;

    assert_eq!(exported.media_type, "application/x-ndjson");
    assert_eq!((taken.status, taken.body), (200, json!({"events": 33})));
    for path in ["/subjects", "/schemas", "/v1/subjects/a", "/v1/changes?limit=500", "/v1/export"] {
        assert_eq!(full.get(path).await.text, empty.get(path).await.text, "{path}");
    }
    let next = json!({"title": "new"});
    assert_eq!(full.register("a", &next).await, empty.register("a", &next).await);
    let directory = empty.stop().await;
    let again = Server::start_in(directory).await;
    assert_eq!(again.get("/v1/changes?after=33").await.body["next"], 34);
}

#[tokio::test]
async fn a_log_is_taken_in_whole_or_not_at_all() {
    let (full, empty) = (filled().await, Server::start().await);
    let lines = full.get("/v1/export").await.text;
    let all: Vec<&str> = lines.lines().collect();
    let without = |index: usize| {
        let rest = all.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, line)| *line);
        rest.collect::<Vec<_>>().join("\n")
    };
    let import = async |text: &str| empty.send(Method::POST, "/v1/import", text).await;

    for (text, why) in [
        (String::new(), "the first line is not that of an export in format 1"),
        (without(0), "the first line is not that of an export in format 1"),
        (without(7), "line 8 cannot be read: event 8 stands where 7 was to"),
        (without(all.len() - 1), "the first line announces 33 events, and 32 follow"),
        (
            lines.replace("config_set", "coffee_made"),
            "line 2 cannot be read: this kind of event is not known",
        ),
    ] {
        let refused = import(&text).await;
        assert_eq!((refused.status, &refused.body["detail"]), (400, &json!(why)));
    }

    assert_eq!(empty.get("/v1/changes").await.body["next"], 0);
    assert_eq!(import(&lines).await.status, 200);
    let twice = import(&lines).await;
    assert_eq!((twice.status, &twice.body["code"]), (409, &json!("not_empty")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_registry_that_works_is_a_log_of_its_own() {
    let server = filled().await;
    let request = server.client().get(server.url("/v1/backup")).send();
    let (response, ()) = tokio::join!(request, async {
        for number in 0..20 {
            server.register("busy", &json!({"title": format!("{number}")})).await;
        }
    });
    let bytes = response.unwrap().bytes().await.unwrap();

    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("stele.db"), &bytes).unwrap();
    let copy = Server::start_in(directory).await;

    let end = copy.get("/v1/changes?after=33").await.body["next"].as_u64().unwrap();
    assert!((33..=53).contains(&end), "{end}");
    assert_eq!(copy.get("/v1/subjects/a").await.body, server.get("/v1/subjects/a").await.body);
    let left = std::fs::read_dir(server.directory()).unwrap().map(|file| file.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("backup-")));
    let answered = answer(server.client().get(server.url("/readyz")).send().await.unwrap()).await;
    assert_eq!(answered.status, 200);
}
