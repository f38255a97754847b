//! A disk that fails: writes are refused and say what to do, reads go on, nothing acknowledged is lost.

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;

use super::{
    durability::Process,
    server::{Answer, Server, answer, client, register},
};

async fn get(process: &Process, path: &str) -> Answer {
    answer(client().get(format!("{}{path}", process.url)).send().await.unwrap()).await
}

async fn post(process: &Process, path: &str, body: &serde_json::Value) -> Answer {
    let request = client().post(format!("{}{path}", process.url)).json(body);
    answer(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_full_disk_stops_writing_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    // A limit on the size of a file stands for a disk without room: both make a write fail in its midst.
    let mut limited = Command::new("bash");
    let script = format!(
        "trap '' XFSZ; ulimit -f 400; exec {} \"$@\"",
        env!("CARGO_BIN_EXE_stele-registry")
    );
    limited.args(["-c", &script, "registry"]);
    let process = Process::start_with(limited, directory.path());
    let mut acknowledged = Vec::new();

    let refused = loop {
        let number = acknowledged.len();
        assert!(number < 2000, "the disk is never full");
        let schema = json!({"title": format!("{number} {}", "x".repeat(4000))});
        let answer =
            post(&process, &format!("/subjects/s{number}/versions"), &register(&schema)).await;
        if answer.status != 200 {
            break answer;
        }
        acknowledged.push((answer.body["id"].clone(), schema.to_string()));
    };
    let again =
        post(&process, "/subjects/again/versions", &register(&json!({"title": "y".repeat(4000)})))
            .await;
    let other = post(
        &process,
        "/v1/subjects/other/versions",
        &json!({"schema": {"title": "z".repeat(4000)}}),
    )
    .await;

    assert!(acknowledged.len() > 10);
    for refused in [&refused, &again] {
        assert_eq!(
            (refused.status, &refused.body["error_code"]),
            (500, &json!(50001)),
            "{refused:?}"
        );
        let message = refused.body["message"].as_str().unwrap();
        assert!(
            message.contains("nothing was recorded") && message.contains("hint: "),
            "{message}"
        );
        assert!(message.contains("disk"), "{message}");
    }
    assert_eq!(other.body["code"], "log_unavailable");
    for (id, text) in &acknowledged {
        assert_eq!(get(&process, &format!("/schemas/ids/{id}/schema")).await.text, *text);
    }
    assert_eq!(get(&process, "/subjects/again/versions").await.status, 404);

    drop(process);
    let roomy = Process::start(directory.path());
    for (id, text) in &acknowledged {
        assert_eq!(get(&roomy, &format!("/schemas/ids/{id}/schema")).await.text, *text);
    }
    let next = post(&roomy, "/subjects/next/versions", &register(&json!({"title": "next"}))).await;
    assert_eq!((next.status, &next.body["id"]), (200, &json!(acknowledged.len() + 1)));
}

#[tokio::test]
async fn a_damaged_log_is_read_up_to_where_it_is_whole() {
    let server = Server::start().await;
    for number in 0..200 {
        server
            .register(
                &format!("s{number}"),
                &json!({"title": format!("{number} {}", "x".repeat(500))}),
            )
            .await;
    }
    let directory = server.stop().await;
    spoil_the_last_page(&directory.path().join("stele.db"));

    let server = Server::start_in(directory).await;

    let read = server.get("/subjects").await.body.as_array().unwrap().len();
    assert!((1..200).contains(&read), "{read} of 200 can be read");
    assert_eq!(server.get("/schemas/ids/1").await.status, 200);
    assert_eq!(server.get("/v1/changes").await.body["next"], read);
    for _ in 0..2 {
        let refused =
            server.post("/subjects/new/versions", &register(&json!({"title": "new"}))).await;
        assert_eq!((refused.status, &refused.body["error_code"]), (500, &json!(50001)));
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(&format!("damaged after event {read}")), "{message}");
        assert!(message.contains("hint: keep a copy"), "{message}");
    }
    assert_eq!(server.send(Method::DELETE, "/subjects/s1", "").await.status, 500);
}

/// Writes over the last page, which holds the newest events.
fn spoil_the_last_page(path: &Path) {
    // The last connection that closes brings all of the log into its file; a reader of the server's may be slow to close.
    let waiting = Instant::now();
    while path.with_extension("db-wal").exists() && waiting.elapsed() < Duration::from_secs(10) {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.query_row("SELECT count(*) FROM log", [], |_| Ok(())).unwrap();
        drop(connection);
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!path.with_extension("db-wal").exists(), "all of the log is in its file");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::End(-4096)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
    file.sync_all().unwrap();
}

#[tokio::test]
async fn a_log_that_may_not_be_written_is_read() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;
    let directory = server.stop().await;
    let allow = |directory_mode, file_mode| {
        let file = directory.path().join("stele.db");
        fs::set_permissions(file, fs::Permissions::from_mode(file_mode)).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(directory_mode)).unwrap();
    };
    allow(0o555, 0o444);
    // Nothing is forbidden to the superuser, who becomes nobody for this.
    let command = if File::create(directory.path().join("probe")).is_ok() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(env!("CARGO_BIN_EXE_stele-registry"));
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_stele-registry"))
    };

    let process = Process::start_with(command, directory.path());

    assert_eq!(get(&process, "/schemas/ids/1").await.body["schema"], r#"{"type":"string"}"#);
    assert_eq!(get(&process, "/v1/changes").await.body["next"], 1);
    let refused =
        post(&process, "/subjects/b/versions", &register(&json!({"type": "string"}))).await;
    assert_eq!((refused.status, &refused.body["error_code"]), (500, &json!(50001)), "{refused:?}");
    let message = refused.body["message"].as_str().unwrap();
    assert!(message.contains("hint: let the registry write its data directory"), "{message}");
    drop(process);
    allow(0o755, 0o644);
}
