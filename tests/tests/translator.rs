//! The translator as a process, with a registry as a process and the retail schemas in it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use stele_tests::{
    process::{Process, command},
    registry::{Answer, Registry, answer, client},
    workspace,
};
use tempfile::TempDir;

const ORDER: &str = "schemas/retail/order-management/OrderPlaced";

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(ORDER).join(path)).unwrap()
}

fn example(path: &str) -> Value {
    serde_json::from_str(&text(&format!("examples/{path}"))).unwrap()
}

/// A registry that holds `OrderPlaced` up to a version.
struct Shop {
    registry: Registry,
    folder: TempDir,
}

impl Shop {
    async fn open(newest: u32) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::start(&folder.path().join("registry"));
        let level = json!({"compatibility": "TRANSLATABLE"});
        assert_eq!(registry.put("/config/OrderPlaced", &level).await.status, 200);
        let shop = Shop { registry, folder };
        for version in 1..=newest {
            shop.register(version).await;
        }
        shop
    }

    /// Registers a version; the id of its schema.
    async fn register(&self, version: u32) -> Value {
        let lens = match version {
            3 => json!(text("2-3.lens.yaml")),
            _ => Value::Null,
        };
        // Spliced, since a JSON value would sort the keys of the schema.
        let schema = text(&format!("{version}.json"));
        let body = format!(r#"{{"schema": {schema}, "lens": {lens}}}"#);
        let path = "/v1/subjects/OrderPlaced/versions";
        let registered = self.registry.send(Method::POST, path, body).await;
        assert_eq!(registered.body["version"], version, "{registered:?}");
        registered.body["globalId"].clone()
    }

    /// A sidecar that carries orders to version 1, and where it serves.
    fn sidecar(&self, more: &str) -> (Process, String) {
        let config = self.folder.path().join("translator.yaml");
        let text = format!("subjects:\n  - {{ subject: OrderPlaced, to: 1 }}\n{more}");
        fs::write(&config, text).unwrap();
        sidecar(self.registry.url(), &config)
    }

    /// Pipes lines through; what came out, what was faulty, and the exit code.
    fn pipe(&self, arguments: &[&str], lines: &str) -> (Vec<Value>, Vec<Value>, i32) {
        let registry = self.registry.url();
        let all = [&["pipe", "--registry", registry, "--subject", "OrderPlaced"], arguments];
        let Output { status, stdout, stderr } = feed(&all.concat(), lines);
        let json = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        (json(stdout), json(stderr), status.code().unwrap())
    }
}

/// Runs the translator to its end, with something to read.
fn feed(arguments: &[&str], input: &str) -> Output {
    let mut child = command("stele-translator")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            // One that refuses its arguments reads nothing.
            let _ = stdin.write_all(input.as_bytes());
        });
        child.wait_with_output().unwrap()
    })
}

fn sidecar(registry: &str, config: &Path) -> (Process, String) {
    let config = config.to_str().unwrap();
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--registry", registry, "--config", config];
    let mut process = Process::start("stele-translator", &arguments);
    let url = process.url();
    (process, url)
}

fn structured(event_type: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": "7", "source": "/shop", "type": event_type, "data": data})
}

async fn post(url: &str, event: &Value) -> Answer {
    let request = client().post(url).header("content-type", "application/cloudevents+json");
    answer(request.body(event.to_string())).await.unwrap()
}

/// A consumer that takes one event and answers 202.
fn consumer() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let got = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut request = Vec::new();
        // Ends by the time-out: the sender waits for the answer.
        let _ = stream.read_to_end(&mut request);
        stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, got)
}

#[tokio::test]
async fn a_bare_event_of_each_version_leaves_in_version_1() {
    let shop = Shop::open(3).await;
    let one = example("1/consumer.json");
    let three = example("3/consumer-with-a-gift.json");

    let (same, none, code) = shop.pipe(&["--to", "1", "--from", "1"], &format!("{one}\n"));
    let (down, faults, down_code) =
        shop.pipe(&["--to", "1", "--from", "3"], &format!("{three}\n{three}\n"));

    assert_eq!((same, none, code), (vec![one], vec![], 0));
    assert_eq!((down.len(), faults, down_code), (2, vec![], 0));
    assert_eq!(down[0]["orderId"], three["id"]);
    assert_eq!(down[0]["channel"], "APP");
    assert_eq!(down[0]["customerName"], three["customer"]["name"]);
    assert_eq!(down[0]["lines"][0]["qty"], three["lines"][0]["quantity"]);
    assert_eq!(down[0].get("id"), None);
}

#[tokio::test]
async fn an_event_crosses_up_and_back_unharmed() {
    let shop = Shop::open(3).await;
    let one = example("1/consumer.json");

    let (up, _, _) = shop.pipe(&["--to", "3", "--from", "1"], &format!("{one}\n"));
    let (back, _, _) = shop.pipe(&["--to", "1", "--from", "3"], &format!("{}\n", up[0]));

    assert_ne!(up[0], one);
    assert_eq!(back, [one]);
}

#[tokio::test]
async fn every_line_says_its_version_in_its_own_way() {
    let shop = Shop::open(2).await;
    let three = example("3/consumer-with-a-gift.json");
    let id = shop.register(3).await;
    let named = structured("OrderPlaced.v3", &three);
    let mut by_schema = structured("OrderPlaced", &three);
    by_schema["dataschema"] =
        json!(format!("{}/subjects/OrderPlaced/versions/3", shop.registry.url()));
    let mut by_id = structured("OrderPlaced", &three);
    by_id["schemaid"] = json!(id.to_string());
    let unknown = structured("OrderPlaced.v9", &three);
    let silent = structured("OrderPlaced", &three);
    let dead = shop.folder.path().join("dead.ndjson");

    let lines = [&named, &by_schema, &by_id, &unknown, &silent].map(Value::to_string).join("\n");
    let arguments = ["--to", "1", "--dead-letters", dead.to_str().unwrap()];
    let (out, on_stderr, code) = shop.pipe(&arguments, &lines);

    assert_eq!((out.len(), on_stderr, code), (3, vec![], 1));
    assert!(out.iter().all(|event| event["data"]["orderId"] == three["id"]));
    assert_eq!(out[0]["type"], "OrderPlaced.v1");
    assert!(out[1]["dataschema"].as_str().unwrap().ends_with("/subjects/OrderPlaced/versions/1"));
    assert_ne!(out[2]["schemaid"], by_id["schemaid"]);
    let letters: Vec<Value> = fs::read_to_string(&dead)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(letters[0]["fault"]["class"], "unknown_version");
    assert_eq!(letters[0]["original"], unknown.to_string());
    assert_eq!(letters[1]["fault"]["code"], "version_not_said");
}

#[tokio::test]
async fn the_pipe_refuses_what_is_not_registered_before_it_reads() {
    let shop = Shop::open(1).await;
    let exit = |arguments: &[&str]| {
        let all = [&["pipe", "--registry", shop.registry.url()], arguments].concat();
        let output = feed(&all, "");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };

    let (version, said) = exit(&["--subject", "OrderPlaced", "--to", "9"]);
    let (subject, also_said) = exit(&["--subject", "Nobody", "--to", "1"]);

    assert_eq!((version, subject), (2, 2), "{said}{also_said}");
    assert!(said.contains("no version `9`"), "{said}");
    assert!(also_said.contains("Nobody"), "{also_said}");
}

#[tokio::test]
async fn the_consumer_behind_the_sidecar_reads_version_1() {
    let shop = Shop::open(3).await;
    let (url, got) = consumer();
    let (_sidecar, sidecar) = shop.sidecar(&format!("consumer: {url}\n"));
    let three = example("3/consumer-with-a-gift.json");

    let answer = post(&sidecar, &structured("OrderPlaced.v3", &three)).await;

    assert_eq!(answer, Answer { status: 202, body: json!({}) });
    let request = got.join().unwrap();
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["type"], "OrderPlaced.v1");
    assert_eq!(event["schemafrom"], "3");
    assert_eq!(event["data"]["orderId"], three["id"]);
}

#[tokio::test]
async fn a_version_registered_meanwhile_is_learnt_on_first_need() {
    let shop = Shop::open(2).await;
    let (_sidecar, url) = shop.sidecar("");
    let translate = format!("{url}/translate");
    let three = structured("OrderPlaced.v3", &example("3/consumer-with-a-gift.json"));

    let before = post(&translate, &three).await;
    shop.register(3).await;
    // An unknown version is asked about at most once a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let after = post(&translate, &three).await;

    assert_eq!((before.status, &before.body["class"]), (503, &json!("unknown_version")));
    assert_eq!(after.status, 200, "{after:?}");
    assert_eq!(after.body["type"], "OrderPlaced.v1");
}

#[tokio::test]
async fn a_lens_registered_meanwhile_is_learnt_on_first_need() {
    let shop = Shop::open(0).await;
    shop.registry.put("/config/OrderPlaced", &json!({"compatibility": "NONE"})).await;
    for name in ["id", "orderId"] {
        let schema =
            json!({"type": "object", "properties": {name: {"type": "string"}}, "required": [name]});
        let registered = shop
            .registry
            .post("/v1/subjects/OrderPlaced/versions", &json!({"schema": schema}))
            .await;
        assert!(registered.status < 300, "{registered:?}");
    }
    let (_sidecar, url) = shop.sidecar("");
    let translate = format!("{url}/translate");
    let two = structured("OrderPlaced.v2", &json!({"orderId": "7"}));

    let before = post(&translate, &two).await;
    let lens = json!({"lens": 1, "subject": "OrderPlaced", "from": 1, "to": 2, "ops": [{"rename": {"from": "/id", "to": "/orderId"}}]});
    let put = shop.registry.put("/v1/subjects/OrderPlaced/lenses/1/2", &lens).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let after = post(&translate, &two).await;

    assert_eq!((before.status, &before.body["class"]), (422, &json!("no_path")), "{before:?}");
    assert!(put.status < 300, "{put:?}");
    assert_eq!((after.status, &after.body["data"]), (200, &json!({"id": "7"})), "{after:?}");
}

#[tokio::test]
async fn an_invalid_event_is_answered_with_its_place() {
    let shop = Shop::open(3).await;
    let (_sidecar, url) = shop.sidecar("");
    let mut three = example("3/consumer-with-a-gift.json");
    three["lines"][0]["quantity"] = json!("two");

    let event = structured("OrderPlaced.v3", &three);
    let Answer { status, body: problem } = post(&format!("{url}/translate"), &event).await;

    assert_eq!(status, 422);
    assert_eq!(problem["class"], "invalid_input");
    assert_eq!(problem["pointer"], "/lines/0/quantity");
    assert_eq!((&problem["from"], &problem["to"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn the_sidecar_keeps_its_plans_when_the_registry_is_killed() {
    let shop = Shop::open(3).await;
    let (_sidecar, url) = shop.sidecar("");
    let translate = format!("{url}/translate");
    let three = structured("OrderPlaced.v3", &example("3/consumer-with-a-gift.json"));
    let nine = structured("OrderPlaced.v9", &json!({}));

    shop.registry.kill();
    let known = post(&translate, &three).await;
    let unknown = post(&translate, &nine).await;

    assert_eq!(known.status, 200);
    assert_eq!((unknown.status, &unknown.body["code"]), (503, &json!("registry_unavailable")));
}

#[tokio::test]
async fn a_sidecar_without_a_registry_is_alive_but_not_ready_until_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("translator.yaml");
    fs::write(&config, "subjects: [{ subject: OrderPlaced, to: 1 }]").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (_sidecar, url) = sidecar(&format!("http://{free}"), &config);
    let status =
        async |path: &str| answer(client().get(format!("{url}{path}"))).await.unwrap().status;

    assert_eq!((status("/livez").await, status("/readyz").await), (200, 503));

    let data = folder.path().join("registry");
    let arguments = ["--listen", &free, "--data", data.to_str().unwrap()];
    let mut registry = Process::start("stele-registry", &arguments);
    let path = format!("{}/v1/subjects/OrderPlaced/versions", registry.url());
    let body = format!(r#"{{"schema": {}}}"#, text("1.json"));
    let request = client().post(path).header("content-type", "application/json").body(body);
    assert_eq!(answer(request).await.unwrap().body["version"], 1);
    // An unanswered question is asked again at most once a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;

    assert_eq!(status("/readyz").await, 200);
}
