//! A registry as a process of its own, and the requests put to it.

use std::{ffi::OsStr, path::Path};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{Ended, Process};

/// A registry that serves at a free port of this machine.
pub struct Registry {
    process: Process,
    url: String,
    client: Client,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null where that is not JSON.
    pub body: Value,
}

impl Registry {
    /// Starts one on a directory.
    pub fn start(directory: &Path) -> Registry {
        Registry::start_at(0, directory)
    }

    /// Starts one on a directory, at a port of this machine.
    pub fn start_at(port: u16, directory: &Path) -> Registry {
        Registry::start_with(port, directory, &[])
    }

    /// Starts one on a directory, at a port of this machine, with further arguments.
    pub fn start_with(port: u16, directory: &Path, arguments: &[&str]) -> Registry {
        let listen = format!("127.0.0.1:{port}");
        let fixed: [&OsStr; 4] =
            ["--listen".as_ref(), listen.as_ref(), "--data".as_ref(), directory.as_os_str()];
        let all: Vec<&OsStr> =
            fixed.into_iter().chain(arguments.iter().map(AsRef::as_ref)).collect();
        let mut process = Process::start("stele-registry", &all);
        let url = process.url();
        Registry { process, url, client: client() }
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Tells it to stop and waits until it has.
    pub fn terminate(self) -> Ended {
        self.process.terminate()
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        self.process.is_alive()
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Asks for what is at a path.
    ///
    /// # Panics
    ///
    /// Where there is no answer.
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await.expect("the registry answers")
    }

    /// Sends a text as it is.
    ///
    /// # Panics
    ///
    /// Where there is no answer.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<String>) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        answer(request.body(body.into())).await.expect("the registry answers")
    }

    /// Posts a JSON value.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body.to_string()).await
    }

    /// Puts a JSON value.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body.to_string()).await
    }

    /// Everything that has happened and that there is, to see whether something was recorded.
    pub async fn recorded(&self) -> (Value, Value) {
        (self.get("/v1/changes").await.body, self.get("/subjects").await.body)
    }
}

/// A registration in the Confluent dialect.
pub fn registration(schema: &str) -> Value {
    json!({"schemaType": "JSON", "schema": schema})
}

/// A client that asks no proxy.
///
/// # Panics
///
/// Where it cannot be built.
pub fn client() -> Client {
    // An error means that another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().expect("a client can be built")
}

/// Sends a request and reads the answer.
pub async fn answer(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
    Ok(Answer { status, body })
}
