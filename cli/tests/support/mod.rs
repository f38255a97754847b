//! Runs the real `stele` in a folder of its own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests; each binary uses its own part"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// A folder that is gone at the end of the test.
pub struct Workshop(tempfile::TempDir);

/// What a run of the command left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A string under `name`, optional.
pub const V1: &str = r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}"#;
/// V1 and a new optional property.
pub const ADDED: &str = r#"{"type":"object","properties":{"id":{"type":"string"},"gift":{"type":"boolean"}},"required":["id"]}"#;
/// V1 with another type.
pub const BROKEN: &str =
    r#"{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}"#;

impl Workshop {
    pub fn new() -> Self {
        Workshop(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: &str) -> &Self {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self
    }

    pub fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path().join(path)).unwrap();
        self
    }

    pub fn git(&self, args: &[&str]) -> &Self {
        let run = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"])
            .args(args)
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&run.stderr));
        self
    }

    /// Everything in the folder as one commit.
    pub fn commit(&self) -> &Self {
        if !self.path().join(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]).git(&["commit", "-q", "-m", "schemas"])
    }

    pub fn stele(&self, args: &[&str]) -> Run {
        self.stele_reading("", args)
    }

    pub fn stele_reading(&self, input: &str, args: &[&str]) -> Run {
        self.stele_in(".", input, args)
    }

    pub fn stele_in(&self, folder: &str, input: &str, args: &[&str]) -> Run {
        self.stele_with(folder, input, args, &[])
    }

    /// With variables of the environment. Of those around the test none is seen that would change an answer.
    pub fn stele_with(
        &self,
        folder: &str,
        input: &str,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stele"));
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            let seen = ["STELE_", "GITHUB_", "CI_", "NO_COLOR", "CLICOLOR"];
            if seen.iter().any(|start| shown.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        let mut child = command
            .args(args)
            .envs(variables.iter().copied())
            .current_dir(self.path().join(folder))
            .env("XDG_CONFIG_HOME", self.path().join(".settings"))
            .env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        Run {
            code: done.status.code().unwrap_or(-1),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

/// A registry and a translator that end with the test.
pub struct House {
    child: Child,
    pub registry: String,
    pub translator: String,
}

impl House {
    pub fn open(shop: &Workshop) -> House {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stele"))
            .args(["dev", "--listen", "127.0.0.1:0", "--translator-listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(shop.path().join("log"))
            .env_remove("STELE_REGISTRY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, told) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // The test may have heard enough.
                let _ = tell.send(line);
            }
        });
        let address = |label: &str| {
            let line = told.recv_timeout(Duration::from_secs(20)).unwrap();
            line.strip_prefix(label).unwrap_or_else(|| panic!("{line}")).trim().to_owned()
        };
        let (registry, translator) = (address("registry"), address("translator"));
        House { child, registry, translator }
    }

    pub fn stele(&self, shop: &Workshop, args: &[&str]) -> Run {
        shop.stele(&[args, &["--registry", &self.registry]].concat())
    }

    /// Sends it SIGTERM, and answers with its exit code and how long that took.
    pub fn stop(mut self) -> (Option<i32>, Duration) {
        let start = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        (code, start.elapsed())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
