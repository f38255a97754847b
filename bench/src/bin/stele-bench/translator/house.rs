//! The processes of a measurement: a registry, sidecars, whoever they are compared with.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use stele_api::{dialect::ConfigUpdate, patch::Patch, text::JsonText, version::RegisterRequest};
use stele_client::Client;
use tempfile::TempDir;

/// A process beside this one, at the address it prints; killed when it goes out of scope.
pub struct Process {
    child: Child,
    /// Where it serves.
    pub url: String,
}

impl Process {
    pub fn start(name: &str, arguments: &[&str]) -> Process {
        let own = std::env::current_exe().expect("a program knows where it is");
        let mut child = Command::new(own.with_file_name(name))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("built beside this: cargo build --release --workspace");
        let out = child.stdout.take().expect("its output is piped");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("it prints its address");
        let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Process { child, url }
    }

    /// The memory it holds, in MiB.
    pub fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes =
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A registry, and a folder for everything.
pub struct House {
    pub registry: Process,
    pub client: Client,
    pub folder: TempDir,
}

impl House {
    pub async fn open() -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("registry");
        let arguments = ["--listen", "127.0.0.1:0", "--data", data.to_str().expect("a plain path")];
        let registry = Process::start("stele-registry", &arguments);
        let client = Client::new(&registry.url).expect("an address");
        let level = ConfigUpdate {
            compatibility: Patch::Set("TRANSLATABLE".to_owned()),
            ..ConfigUpdate::default()
        };
        client.put_config(None, &level).await.expect("a level that is known");
        House { registry, client, folder }
    }

    pub async fn register(&self, subject: &str, schema: &Value, lens: Option<Value>) {
        let schema = JsonText::new(&*schema.to_string()).expect("JSON");
        let request = RegisterRequest { lens, ..RegisterRequest::new(schema) };
        let subject = subject.parse().expect("a subject");
        self.client.register(&subject, &request).await.expect("it is taken");
    }

    /// A sidecar of this configuration, with a cache and a queue that stay.
    pub fn sidecar(&self, config: &str) -> Process {
        let path = |name: &str| self.folder.path().join(name).to_str().expect("plain").to_owned();
        let (file, cache, queue) = (path("translator.yaml"), path("cache"), path("queue"));
        fs::write(&file, config).expect("the folder can be written");
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--registry",
            &self.registry.url,
            "--config",
            &file,
            "--cache",
            &cache,
            "--queue",
            &queue,
        ];
        Process::start("stele-translator", &arguments)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
