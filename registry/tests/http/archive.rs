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
    assert_eq!(all.last(), Some(&r#"{"steleExportEnd":33,"sequence":33}"#));

    for (text, code, why) in [
        (String::new(), "import_invalid", "the first line is not that of an export in format 1"),
        (without(0), "import_invalid", "the first line is not that of an export in format 1"),
        (without(7), "import_invalid", "line 8 is not taken: event 8 stands where 7 was to"),
        (
            without(all.len() - 2),
            "import_invalid",
            "line 34 is not taken: it closes 33 events up to 33, the first line announces 33, and 32 came",
        ),
        (
            without(all.len() - 1),
            "import_incomplete",
            "the last line is missing, after 33 of 33 events",
        ),
        (
            format!("{lines}{}\n", all[1]),
            "import_invalid",
            "line 36 is not taken: the line before it is the last",
        ),
        (
            lines.replace("config_set", "coffee_made"),
            "import_invalid",
            "line 2 is not taken: this kind of event is not known",
        ),
    ] {
        let refused = import(&text).await;
        assert_eq!(
            (refused.status, &refused.body["code"], &refused.body["detail"]),
            (422, &json!(code), &json!(why))
        );
    }

    assert_eq!(empty.get("/v1/changes").await.body["next"], 0);
    assert_eq!(import(&lines).await.status, 200);
    let twice = import(&lines).await;
    assert_eq!((twice.status, &twice.body["code"]), (409, &json!("not_empty")));
}

#[tokio::test]
async fn a_log_larger_than_what_is_taken_is_refused() {
    let full = filled().await;
    let small =
        Server::start_with(tempfile::tempdir().unwrap(), |config| config.max_import = 0).await;
    let lines = full.get("/v1/export").await.text;

    let refused = small.send(Method::POST, "/v1/import", &lines).await;

    assert_eq!((refused.status, &refused.body["code"]), (413, &json!("body_too_large")));
    assert!(refused.body["hint"].as_str().unwrap().contains("--max-import"));
}

#[tokio::test]
async fn an_export_of_a_damaged_log_ends_in_an_error_and_is_not_taken_in() {
    let directory = filled().await.stop().await;
    let connection = rusqlite::Connection::open(directory.path().join("stele.db")).unwrap();
    connection
        .execute_batch("DROP TRIGGER nothing_is_removed; DELETE FROM log WHERE sequence = 20")
        .unwrap();
    drop(connection);
    let damaged = Server::start_in(directory).await;

    let mut answer = damaged.client().get(damaged.url("/v1/export")).send().await.unwrap();
    let mut bytes = Vec::new();
    let ended = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            ended => break ended,
        }
    };

    assert!(ended.is_err(), "the answer breaks off");
    let text = String::from_utf8(bytes).unwrap();
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with(r#"{"steleExportError":"#) && last.contains("damaged after event 19"),
        "{last}"
    );
    let empty = Server::start().await;
    let refused = empty.send(Method::POST, "/v1/import", &text).await;
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("import_invalid")));
    assert!(refused.body["detail"].as_str().unwrap().contains("the export has failed"));
    let ready = damaged.get("/readyz").await;
    assert_eq!((ready.status, &ready.body["code"]), (503, &json!("not_ready")));
    assert_eq!(damaged.get("/livez").await.status, 200);
    assert_eq!(damaged.get("/schemas/ids/1").await.status, 200, "reads go on");
}

#[tokio::test]
async fn a_gap_that_comes_while_the_registry_runs_is_not_told_as_if_nothing_were_missing() {
    let server = filled().await;
    let connection = rusqlite::Connection::open(server.directory().join("stele.db")).unwrap();
    connection
        .execute_batch("DROP TRIGGER nothing_is_removed; DELETE FROM log WHERE sequence = 20")
        .unwrap();

    let before = server.get("/v1/changes?after=10&limit=20").await;
    let behind = server.get("/v1/changes?after=19").await;
    let exported = server.client().get(server.url("/v1/export")).send().await.unwrap();

    assert_eq!(before.body["next"], 19);
    assert_eq!((behind.status, &behind.body["code"]), (500, &json!("log_unavailable")));
    assert!(exported.bytes().await.is_err());
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
