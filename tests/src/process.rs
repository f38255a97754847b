//! A process of the workspace, killed when it goes out of scope.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use crate::binary;

/// How long a process may take to print a line, or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that runs.
pub struct Process {
    child: Child,
    // Locked, as several tasks may share the process.
    lines: Mutex<Receiver<String>>,
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
        let (sender, lines) = mpsc::channel();
        // Reads on to the end, so that the process never waits for a reader.
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody may want to know.
                let _ = sender.send(line);
            }
        });
        Process { child, lines: Mutex::new(lines) }
    }

    /// The next line that it prints, without its end.
    ///
    /// # Panics
    ///
    /// Where it ends instead, or says nothing for 20 seconds.
    pub fn line(&mut self) -> String {
        let lines = self.lines.get_mut().expect("no task has failed with the lock");
        let line = lines.recv_timeout(PATIENCE);
        line.unwrap_or_else(|error| panic!("the process prints no line: {error}"))
    }

    /// The address in the next line that it prints: the last word, a URL.
    ///
    /// # Panics
    ///
    /// Where the line does not end with one.
    pub fn url(&mut self) -> String {
        let line = self.line();
        let word = line.trim_end().rsplit(' ').next().unwrap_or_default();
        assert!(word.starts_with("http://127.0.0.1:"), "no address of this machine: {line}");
        word.to_owned()
    }

    /// Its number among the processes of this machine.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The memory it holds, in bytes; 0 where the system does not tell.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        number.unwrap_or_default() * 1024
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
        while start.elapsed() < PATIENCE {
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
