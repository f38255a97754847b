//! A process of the workspace, killed when it goes out of scope.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::binary;

/// A process that runs.
pub struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
}

/// How a process ended that was told to.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// What it said.
    pub status: ExitStatus,
    /// How long it took.
    pub after: Duration,
}

/// A command that inherits none of the settings of whoever runs the tests.
///
/// # Panics
///
/// Where the binary is not built.
pub fn command(name: &str) -> Command {
    let mut command = Command::new(binary(name));
    let settings = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name.starts_with("STELE_") || name == "RUST_LOG" || name.to_lowercase().ends_with("_proxy")
    });
    for (name, _) in settings {
        command.env_remove(name);
    }
    command
}

/// Runs a binary of the workspace to its end.
///
/// # Panics
///
/// Where it cannot be run.
pub fn run<A: AsRef<OsStr>>(name: &str, directory: &Path, arguments: &[A]) -> Output {
    let output = command(name).args(arguments).current_dir(directory).output();
    output.unwrap_or_else(|error| panic!("`{name}` cannot be run: {error}"))
}

/// Runs a binary of the workspace to its end, with something to read.
///
/// # Panics
///
/// Where it cannot be run, or ends before it has read everything.
pub fn feed<A: AsRef<OsStr>>(name: &str, arguments: &[A], input: &str) -> Output {
    let piped = command(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = piped.unwrap_or_else(|error| panic!("`{name}` does not start: {error}"));
    let mut stdin = child.stdin.take().expect("standard input is piped");
    thread::scope(|scope| {
        scope.spawn(|| {
            stdin.write_all(input.as_bytes()).expect("the process reads");
            drop(stdin);
        });
        child.wait_with_output().expect("standard output can be read")
    })
}

impl Process {
    /// Starts a binary of the workspace.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    pub fn start<A: AsRef<OsStr>>(name: &str, arguments: &[A]) -> Process {
        let child = command(name).args(arguments).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("`{name}` does not start: {error}"));
        let out = BufReader::new(child.stdout.take().expect("standard output is piped"));
        Process { child, out }
    }

    /// The next line that it prints, without its end.
    ///
    /// # Panics
    ///
    /// Where it has ended instead.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.out.read_line(&mut line).expect("standard output can be read");
        assert!(read > 0, "the process has ended instead of printing: {:?}", self.child.wait());
        line.trim_end().to_owned()
    }

    /// The address in the next line that it prints: the last word, a URL.
    ///
    /// # Panics
    ///
    /// Where the line does not end with one.
    pub fn url(&mut self) -> String {
        let line = self.line();
        let word = line.rsplit(' ').next().unwrap_or_default();
        assert!(word.starts_with("http://127.0.0.1:"), "no address of this machine: {line}");
        word.to_owned()
    }

    /// What it prints until it ends.
    ///
    /// # Panics
    ///
    /// Where that cannot be read.
    pub fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("standard output can be read");
        rest
    }

    /// Whether it still runs.
    ///
    /// # Panics
    ///
    /// Where nobody can tell.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Kills it, as `kill -9` does: it hears nothing of it.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("`kill` can be run").success(), "SIG{name} cannot be sent");
    }

    /// Tells it to stop (SIGTERM) and waits until it has.
    ///
    /// # Panics
    ///
    /// Where it does not within 20 seconds.
    pub fn terminate(mut self) -> Ended {
        let start = Instant::now();
        self.signal("TERM");
        while start.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Ended { status, after: start.elapsed() };
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the process has not stopped within 20 seconds")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
