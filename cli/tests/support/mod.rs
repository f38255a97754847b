//! Runs the real `stele` in a folder of its own.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
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
        let mut child = Command::new(env!("CARGO_BIN_EXE_stele"))
            .args(args)
            .current_dir(self.path().join(folder))
            .env_remove("STELE_REGISTRY")
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
