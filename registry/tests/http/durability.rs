//! What was acknowledged is there, whatever becomes of the process.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};

use super::server::{Server, answer, client, register};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_get_dense_distinct_versions() {
    let server = Server::start().await;
    server.put("/config/busy", &json!({"compatibility": "NONE"})).await;

    let requests = (0..64).map(|number| {
        let body = register(&json!({"title": format!("number {number}")})).to_string();
        let url = server.url("/subjects/busy/versions");
        let request = server.client().post(url).header("content-type", "application/json");
        tokio::spawn(request.body(body).send())
    });
    let requests: Vec<_> = requests.collect();
    let mut versions = Vec::new();
    for request in requests {
        let answer = answer(request.await.unwrap().unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        versions.push(answer.body["version"].as_u64().unwrap());
    }

    versions.sort_unstable();
    assert_eq!(versions, (1..=64).collect::<Vec<_>>());
    assert_eq!(server.get("/v1/changes").await.body["next"], 65);
}

#[tokio::test]
async fn a_log_that_is_opened_again_yields_the_same_catalog() {
    let server = Server::start().await;
    server.put("/config", &json!({"compatibility": "TRANSLATABLE"})).await;
    let v1 = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let v2 = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    server.register("one", &v1).await;
    server.register(":.ctx:two", &v1).await;
    let lens = json!({"lens": 1, "subject": "one", "from": 1, "to": 2,
        "ops": [{"rename": {"from": "/a", "to": "/b"}}]});
    let body = json!({"schema": v2, "lens": lens, "kind": "state"});
    let registered = server.post("/v1/subjects/one/versions", &body).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let before = seen(&server).await;

    let server = Server::start_in(server.stop().await).await;

    assert_eq!(seen(&server).await, before);
    assert_eq!(
        server
            .register("one", &json!({"type": "object", "properties": {"b": {"type": "string"}}}))
            .await,
        2
    );
}

async fn seen(server: &Server) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/v1/subjects",
        "/v1/subjects/one",
        "/v1/subjects/one/versions/2",
        "/v1/subjects/one/lenses/1/2",
        "/v1/subjects/one/plans/2/1",
        "/subjects/:.ctx:two/versions/1",
        "/schemas/ids/1/versions",
        "/config",
        "/v1/changes",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        seen.push(answer.body);
    }
    seen
}

/// A registry as a process, killed when it goes out of scope.
pub struct Process {
    child: Child,
    pub url: String,
}

impl Process {
    pub fn start(directory: &Path) -> Process {
        Process::start_with(Command::new(env!("CARGO_BIN_EXE_stele-registry")), directory)
    }

    /// Starts one by a command of which only the flags are missing.
    pub fn start_with(mut command: Command, directory: &Path) -> Process {
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("stele-registry listening on ").unwrap().to_owned();
        Process { child, url }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Registers one schema after the other until nobody answers; what was acknowledged.
async fn register_until_the_end(url: String, client: Client, name: String) -> Vec<(String, u64)> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let subject = format!("{name}-{number}");
        let body = register(&json!({"title": subject}));
        let request = client.post(format!("{url}/subjects/{subject}/versions")).json(&body);
        let Ok(response) = request.send().await else { break };
        let Ok(body) = response.json::<Value>().await else { break };
        acknowledged.push((subject, body["id"].as_u64().unwrap()));
    }
    acknowledged
}

#[tokio::test]
async fn a_killed_registry_comes_back_with_everything_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let client = client();
    let mut acknowledged: Vec<(String, u64)> = Vec::new();

    for round in 0..3 {
        let mut process = Process::start(directory.path());
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let name = format!("s{round}-{writer}");
                tokio::spawn(register_until_the_end(process.url.clone(), client.clone(), name))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
    }

    assert!(acknowledged.len() > 12, "the registry was killed while it wrote");
    let process = Process::start(directory.path());
    for (subject, id) in acknowledged {
        let url = format!("{}/schemas/ids/{id}/subjects", process.url);
        let answer = answer(client.get(url).send().await.unwrap()).await;
        assert_eq!(answer.body, json!([subject]));
    }
}

#[tokio::test]
async fn a_registry_that_is_told_to_stop_stops() {
    let directory = tempfile::tempdir().unwrap();
    let mut process = Process::start(directory.path());
    let start = Instant::now();

    let told = Command::new("kill").arg(process.child.id().to_string()).status().unwrap();
    let ended = process.child.wait().unwrap();

    assert!(told.success() && ended.success());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_start_that_cannot_be_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let _first = Process::start(directory.path());
    let start = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_stele-registry"))
            .args(arguments)
            .arg("--data")
            .arg(directory.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text.replace(directory.path().to_str().unwrap(), "DIR"))
    };

    let (code, exposed) = start(&["--listen", "0.0.0.0:0"]);
    let (_, in_use) = start(&["--listen", "127.0.0.1:0"]);
    let (usage, _) = start(&["--default-compatibility", "SIDEWARD"]);

    assert_eq!((code, usage), (Some(1), Some(2)));
    insta::assert_snapshot!(exposed, @r"
    error: 0.0.0.0:0 can be reached from other machines, and nobody would have to say who they are
      hint: say who may come in with --tokens or --jwks, listen on 127.0.0.1, or say --insecure if something in front protects it
    ");
    insta::assert_snapshot!(in_use, @r"
    error: cannot start from the log
      because: the log in `DIR` is in use by another registry
      hint: stop the other registry, or choose another --data
    ");
}
