//! The translator as a process, with a registry as a process and the retail schemas in it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use stele_api::{
    dialect::ConfigUpdate, patch::Patch, subject::Subject, text::JsonText, version::RegisterRequest,
};
use stele_client::Client;
use stele_tests::{
    process::{Ended, Process, command},
    workspace,
};
use tempfile::TempDir;

const ORDER: &str = "schemas/retail/order-management/OrderPlaced";

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

fn example(path: &str) -> Value {
    serde_json::from_str(&text(&format!("{ORDER}/examples/{path}"))).unwrap()
}

/// A server of the workspace and where it listens.
struct Server {
    process: Process,
    url: String,
}

impl Server {
    fn start<A: AsRef<OsStr>>(binary: &str, arguments: impl IntoIterator<Item = A>) -> Server {
        Server::start_at(binary, "127.0.0.1:0", arguments)
    }

    fn start_at<A: AsRef<OsStr>>(
        binary: &str,
        listen: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Server {
        let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
        let all: Vec<OsString> = arguments.chain(["--listen".into(), listen.into()]).collect();
        let mut process = Process::start(binary, &all);
        let url = process.url();
        Server { process, url }
    }

    fn registry(data: &Path) -> Server {
        Server::start("stele-registry", [OsStr::new("--data"), data.as_os_str()])
    }

    fn translator(registry: &Server, config: &Path) -> Server {
        let registry = OsStr::new(registry.url());
        let arguments = [OsStr::new("serve"), OsStr::new("--registry"), registry];
        let config = [OsStr::new("--config"), config.as_os_str()];
        Server::start("stele-translator", arguments.into_iter().chain(config))
    }

    fn url(&self) -> &str {
        &self.url
    }
}

/// A registry that holds `OrderPlaced` up to a version.
struct Shop {
    registry: Server,
    folder: TempDir,
    client: Client,
}

impl Shop {
    async fn open(newest: u32) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let registry = Server::registry(&folder.path().join("registry"));
        let client = Client::new(registry.url()).unwrap();
        let update = ConfigUpdate {
            compatibility: Patch::Set("TRANSLATABLE".into()),
            ..ConfigUpdate::default()
        };
        client.put_config(Some(&order()), &update).await.unwrap();
        let shop = Shop { registry, folder, client };
        for version in 1..=newest {
            shop.register(version).await;
        }
        shop
    }

    async fn register(&self, version: u32) {
        let schema = text(&format!("{ORDER}/{version}.json"));
        let lens = (version == 3).then(|| text(&format!("{ORDER}/2-3.lens.yaml")).into());
        let request =
            RegisterRequest { lens, ..RegisterRequest::new(JsonText::new(schema).unwrap()) };
        let registered = self.client.register(&order(), &request).await.unwrap();
        assert_eq!(registered.version.number(), version);
    }

    /// A sidecar that carries orders to version 1.
    fn sidecar(&self, more: &str) -> Server {
        let config = self.folder.path().join("translator.yaml");
        fs::write(&config, format!("subjects:\n  - {{ subject: OrderPlaced, to: 1 }}\n{more}"))
            .unwrap();
        Server::translator(&self.registry, &config)
    }

    /// Pipes lines through; what came out, what was faulty, and the exit code.
    fn pipe(&self, arguments: &[&str], lines: &str) -> (Vec<Value>, Vec<Value>, i32) {
        let mut child = command("stele-translator")
            .args(["pipe", "--registry", self.registry.url(), "--subject", "OrderPlaced"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let json = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
        };
        (json(stdout), json(stderr), status.code().unwrap())
    }
}

fn order() -> Subject {
    "OrderPlaced".parse().unwrap()
}

fn structured(event_type: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": "7", "source": "/shop", "type": event_type, "data": data})
}

async fn post(url: &str, event: &Value) -> (u16, Value) {
    let request = stele_client::http(stele_client::Proxy::Never).unwrap().post(url);
    let request = request.header("content-type", "application/cloudevents+json");
    let answer = request.body(event.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
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
    let shop = Shop::open(3).await;
    let three = example("3/consumer-with-a-gift.json");
    let id = shop.client.version(&order(), &"3".parse().unwrap()).await.unwrap().global_id;
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
        let output = command("stele-translator")
            .args(["pipe", "--registry", shop.registry.url()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
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
    let sidecar = shop.sidecar(&format!("consumer: {url}\n"));
    let three = example("3/consumer-with-a-gift.json");

    let (status, _) = post(sidecar.url(), &structured("OrderPlaced.v3", &three)).await;

    assert_eq!(status, 202);
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
    let sidecar = shop.sidecar("");
    let translate = format!("{}/translate", sidecar.url());
    let three = structured("OrderPlaced.v3", &example("3/consumer-with-a-gift.json"));

    let (before, problem) = post(&translate, &three).await;
    shop.register(3).await;
    // An unknown version is asked about at most once a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let (after, event) = post(&translate, &three).await;

    assert_eq!((before, &problem["class"]), (503, &json!("unknown_version")));
    assert_eq!(after, 200, "{event}");
    assert_eq!(event["type"], "OrderPlaced.v1");
}

#[tokio::test]
async fn an_invalid_event_is_answered_with_its_place() {
    let shop = Shop::open(3).await;
    let sidecar = shop.sidecar("");
    let mut three = example("3/consumer-with-a-gift.json");
    three["lines"][0]["quantity"] = json!("two");

    let translate = format!("{}/translate", sidecar.url());
    let (status, problem) = post(&translate, &structured("OrderPlaced.v3", &three)).await;

    assert_eq!(status, 422);
    assert_eq!(problem["class"], "invalid_input");
    assert_eq!(problem["pointer"], "/lines/0/quantity");
    assert_eq!((&problem["from"], &problem["to"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn the_sidecar_keeps_its_plans_when_the_registry_is_killed() {
    let shop = Shop::open(3).await;
    let sidecar = shop.sidecar("");
    let translate = format!("{}/translate", sidecar.url());
    let three = structured("OrderPlaced.v3", &example("3/consumer-with-a-gift.json"));
    let Shop { registry, folder: _folder, .. } = shop;

    registry.process.kill();
    let (known, _) = post(&translate, &three).await;
    let (unknown, problem) =
        post(&translate, &structured("OrderPlaced.v9", &example("3/consumer-with-a-gift.json")))
            .await;

    assert_eq!(known, 200);
    assert_eq!((unknown, &problem["code"]), (503, &json!("registry_unavailable")));
}

#[tokio::test]
async fn a_sidecar_without_a_registry_is_alive_but_not_ready_until_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("translator.yaml");
    fs::write(&config, "subjects: [{ subject: OrderPlaced, to: 1 }]").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let sidecar = Server::start(
        "stele-translator",
        ["serve", "--registry", &format!("http://{free}"), "--config", config.to_str().unwrap()],
    );
    let status = async |path: &str| {
        let http = stele_client::http(stele_client::Proxy::Never).unwrap();
        let answer = http.get(format!("{}{path}", sidecar.url())).send().await.unwrap();
        answer.status().as_u16()
    };

    assert_eq!((status("/livez").await, status("/readyz").await), (200, 503));

    let data = folder.path().join("registry");
    let registry = Server::start_at("stele-registry", &free, [Path::new("--data"), data.as_path()]);
    let schema = JsonText::new(text(&format!("{ORDER}/1.json"))).unwrap();
    let client = Client::new(registry.url()).unwrap();
    client.register(&order(), &RegisterRequest::new(schema)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;

    assert_eq!(status("/readyz").await, 200);
}

#[tokio::test]
async fn the_sidecar_stops_within_five_seconds() {
    let shop = Shop::open(1).await;
    let sidecar = shop.sidecar("");

    let Ended { status, after: took } = sidecar.process.terminate();

    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
