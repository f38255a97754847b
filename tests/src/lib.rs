//! The workspace's end-to-end tests: real processes on free ports.
<<<<<<< HEAD
//!
//! The binaries are those that `cargo build --workspace` has put beside this test; `./tests/run` builds them first.

#![expect(clippy::panic, clippy::expect_used, reason = "a test that cannot go on fails")]

pub mod process;
pub mod registry;

use std::path::{Path, PathBuf};

/// The root of the workspace.
///
/// # Panics
///
/// Where this package does not stand in a workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the workspace")
}

/// A binary of the workspace, in the profile that this test was built in.
///
/// # Panics
///
/// Where it has not been built.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    // A test stands in `deps`, a binary beside that.
    let file = test.ancestors().skip(1).map(|folder| folder.join(name)).find(|file| file.is_file());
    file.unwrap_or_else(|| panic!("`{name}` is not built: run `cargo build --workspace` first"))
=======
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot start its processes fails"
)]

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long a process may take to say where it listens.
const START: Duration = Duration::from_secs(20);

/// A server of this workspace, on a free port of this machine. Dropping it kills it.
pub struct Process {
    child: Child,
    url: String,
}

impl Process {
    /// Starts `binary` with `arguments` and a free port, and waits until it says where it listens.
    pub fn start(binary: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Process::start_at(binary, "127.0.0.1:0", arguments)
    }

    /// The same, at an address of the caller's choice.
    pub fn start_at(
        binary: &str,
        listen: &str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Self {
        let mut child = command(binary)
            .args(arguments)
            .args(["--listen", listen])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {binary}: {error}"));
        let output = child.stdout.take().expect("standard output is piped");
        let (tell, told) = mpsc::channel();
        // Reads on to the end, so that the process never waits for a reader.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on ") {
                    // Nobody waits any more once the first was told.
                    let _ = tell.send(address.trim().to_owned());
                }
            }
        });
        let url = told.recv_timeout(START).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("{binary} did not say where it listens")
        });
        Process { child, url }
    }

    /// A registry with its log in `data`.
    pub fn registry(data: &Path) -> Self {
        Process::start("stele-registry", [OsStr::new("--data"), data.as_os_str()])
    }

    /// A translator sidecar, as `config` says.
    pub fn translator(registry: &Process, config: &Path) -> Self {
        let registry = OsStr::new(registry.url());
        let arguments = [OsStr::new("serve"), OsStr::new("--registry"), registry];
        Process::start(
            "stele-translator",
            arguments.into_iter().chain([OsStr::new("--config"), config.as_os_str()]),
        )
    }

    /// Where it listens, such as `http://127.0.0.1:40001`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills it the hard way (`kill -9`), as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was started here");
    }

    /// Asks it to stop (`SIGTERM`); how it ended, and how long that took.
    pub fn terminate(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
        assert!(sent.success(), "the process is gone already");
        (self.child.wait().expect("it was started here"), asked.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails where it has ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A binary of this workspace, with none of the caller's settings.
pub fn command(binary: &str) -> Command {
    let mut command = Command::new(binary_path(binary));
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("STELE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A folder or file of the workspace.
pub fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Binaries stand beside the folder of the test executables.
fn binary_path(binary: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has an executable");
    let folder = test.parent().and_then(Path::parent).expect("it is two folders deep");
    folder.join(binary)
>>>>>>> refs/heads/translator
}
