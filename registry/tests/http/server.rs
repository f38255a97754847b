//! A registry of its own for every test, and the requests put to it.

use std::path::Path;

use reqwest::{Client, Method, Response};
use serde_json::Value;
use stele_registry::{Config, Running, serve};
use tempfile::TempDir;

/// A registry that serves from a directory of its own.
pub struct Server {
    running: Running,
    client: Client,
    directory: TempDir,
}

/// An answer: its status, its media type, its body.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub media_type: String,
    pub body: Value,
    pub text: String,
}

impl Server {
    pub async fn start() -> Server {
        Server::start_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn start_in(directory: TempDir) -> Server {
        Server::start_with(directory, |_| {}).await
    }

    pub async fn start_with(directory: TempDir, change: impl FnOnce(&mut Config)) -> Server {
        let mut config = Config::local(directory.path());
        change(&mut config);
        Server { running: serve(config).await.unwrap(), client: client(), directory }
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Stops it, and keeps what it has recorded.
    pub async fn stop(self) -> TempDir {
        self.running.shutdown().await;
        self.directory
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address())
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(self.url(path)).send().await.unwrap()).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        let request = self.client.request(method, self.url(path));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        answer(request.send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &body.to_string()).await
    }

    /// Registers a schema in the Confluent dialect; its id.
    pub async fn register(&self, subject: &str, schema: &Value) -> u64 {
        let answer = self.post(&format!("/subjects/{subject}/versions"), &register(schema)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["id"].as_u64().unwrap()
    }
}

/// A registration in the Confluent dialect.
pub fn register(schema: &Value) -> Value {
    serde_json::json!({"schemaType": "JSON", "schema": schema.to_string()})
}

pub fn client() -> Client {
    // An error means that another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

pub async fn answer(response: Response) -> Answer {
    let media_type = response.headers().get("content-type");
    let media_type = media_type.map_or("", |value| value.to_str().unwrap()).to_owned();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, media_type, body, text }
}
