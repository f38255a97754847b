//! A registry and a sidecar before one consumer, all on free ports, the sidecar to be killed and started again.

use std::{fs, net::TcpListener, path::Path, sync::Mutex, time::Duration};

use axum::Router;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use stele_tests::{
    process::Process,
    registry::{Answer, Registry, answer, client},
};
use tempfile::TempDir;

/// The subject of all events: version 2 adds, version 3 renames by a lens.
pub const SUBJECT: &str = "Order";

/// How much is done: a tenth in CI, everything where `STELE_SOAK` is set.
pub fn tenth_of(whole: usize) -> usize {
    if std::env::var_os("STELE_SOAK").is_some() { whole } else { whole.div_ceil(10) }
}

/// A sidecar with what it needs. The registry may be gone, and the sidecar may have been killed.
pub struct House {
    pub registry: Registry,
    pub url: String,
    pub client: Client,
    folder: TempDir,
    registry_url: String,
    sidecar: Mutex<Option<Process>>,
}

/// A port that is free at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn schema(version: u32) -> Value {
    let mut properties = json!({"n": {"type": "integer"}, "id": {"type": "string"}});
    if version >= 2 {
        properties["note"] = json!({"type": "string"});
    }
    if version >= 3 {
        properties.as_object_mut().unwrap().remove("id");
        properties["orderId"] = json!({"type": "string"});
        properties["currency"] = json!({"type": "string"});
    }
    let id = if version >= 3 { "orderId" } else { "id" };
    json!({"type": "object", "required": [id], "properties": properties})
}

pub fn lens(currency: &str) -> Value {
    json!({
        "lens": 1, "subject": SUBJECT, "from": 2, "to": 3,
        "ops": [
            {"rename": {"from": "/id", "to": "/orderId"}},
            {"add": {"at": "/currency", "value": currency}},
        ],
        "accept_loss": {"down": ["/currency"]},
    })
}

pub async fn register(registry: &Registry, version: u32) {
    let lens = if version == 3 { lens("EUR") } else { Value::Null };
    let body = json!({"schema": schema(version), "lens": lens});
    let path = format!("/v1/subjects/{SUBJECT}/versions");
    let registered = registry.post(&path, &body).await;
    assert_eq!(registered.body["version"], version, "{registered:?}");
}

/// Serves in this process, for as long as the test runs.
pub async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

impl House {
    /// Registers versions up to `newest`, and starts a sidecar that carries to version `to`.
    pub async fn open(newest: u32, to: &str, more: &str) -> House {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::start(&folder.path().join("registry"));
        let level = json!({"compatibility": "TRANSLATABLE"});
        registry.put(&format!("/config/{SUBJECT}"), &level).await;
        for version in 1..=newest {
            register(&registry, version).await;
        }
        let registry_url = registry.url().to_owned();
        let house = House::with(folder, registry, registry_url, to, more);
        house.start();
        house
    }

    /// A sidecar of another registry's address, not started yet.
    pub fn with(
        folder: TempDir,
        registry: Registry,
        registry_url: String,
        to: &str,
        more: &str,
    ) -> House {
        let config = folder.path().join("translator.yaml");
        fs::write(config, format!("subjects: [{{ subject: {SUBJECT}, to: {to} }}]\n{more}"))
            .unwrap();
        let url = format!("http://127.0.0.1:{}", free_port());
        let sidecar = Mutex::new(None);
        House { registry, url, client: client(), folder, registry_url, sidecar }
    }

    /// Starts the sidecar, at the same place as before.
    pub fn start(&self) {
        let path = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        let (config, cache, queue) = (path("translator.yaml"), path("cache"), path("queue"));
        let listen = self.url.trim_start_matches("http://");
        let arguments = [
            "serve",
            "--listen",
            listen,
            "--registry",
            &self.registry_url,
            "--config",
            &config,
            "--cache",
            &cache,
            "--queue",
            &queue,
        ];
        let mut process = Process::start("stele-translator", &arguments);
        assert_eq!(process.url(), self.url);
        *self.sidecar.lock().unwrap() = Some(process);
    }

    /// Kills the sidecar, as `kill -9` does, and waits until it is gone.
    pub fn kill(&self) {
        let process = self.sidecar.lock().unwrap().take().unwrap();
        process.kill();
        drop(process);
    }

    /// Tells the sidecar to stop; how long that took.
    pub fn stop(&self) -> Duration {
        let process = self.sidecar.lock().unwrap().take().unwrap();
        process.terminate().after
    }

    pub fn resident(&self) -> u64 {
        self.sidecar.lock().unwrap().as_ref().unwrap().resident()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Posts an event of a version; `None` where nobody answers.
    pub async fn post(&self, path: &str, version: u32, key: &str, n: u64) -> Option<Answer> {
        let id = if version >= 3 { "orderId" } else { "id" };
        let body = format!(r#"{{"{id}":"{key}","n":{n}}}"#);
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("ce-specversion", "1.0")
            .header("ce-id", format!("{key}-{n}"))
            .header("ce-source", "/test")
            .header("ce-type", format!("{SUBJECT}.v{version}"))
            .header("ce-partitionkey", key)
            .header("content-type", "application/json")
            .timeout(Duration::from_secs(10));
        answer(request.body(body)).await.ok()
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.url))).await.unwrap()
    }

    /// Asks, as a consumer does that pulls; `None` where nobody answers.
    pub async fn ask(&self, path: &str, body: &Value) -> Option<Answer> {
        let request = self.client.request(Method::POST, format!("{}{path}", self.url));
        answer(request.body(body.to_string())).await.ok()
    }

    /// Waits until a subscription has delivered everything.
    pub async fn emptied(&self, subscription: &str) {
        for _ in 0..6000 {
            let path = format!("{}/subscriptions/{subscription}", self.url);
            if let Ok(answer) = answer(self.client.get(path)).await
                && answer.body["waiting"] == 0
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("`{subscription}` does not run empty");
    }
}
