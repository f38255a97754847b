//! A registry with 100,000 versions of one KB, as a process of its own: how fast it starts, how much memory it takes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use stele_registry::{
    event::Event,
    log::{Log, Origin, Position, Recorded, SqliteLog},
};

use super::{Trouble, count, load, wire};
use crate::bar::{Bar, median};

const SUBJECTS: usize = 1_000;
const VERSIONS: usize = 100;

pub fn measure() -> Result<Vec<Bar>, Trouble> {
    let directory = tempfile::tempdir()?;
    write(directory.path())?;
    let mut times = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let (_process, _) = Process::start(directory.path())?;
        times.push(start.elapsed());
    }
    let started = median(times);
    let (process, address) = Process::start(directory.path())?;
    let fresh = process.resident()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut wire = wire::Wire::open(address).await?;
        for id in 1..=SUBJECTS * VERSIONS {
            wire.ask(&wire::get(&format!("/schemas/ids/{id}"))).await?;
        }
        load::register_one(address).await.map(drop)
    })?;
    let read = process.resident()?;
    println!(
        "100,000 versions starts in {started:?}, {fresh:.0} MB, {read:.0} MB once all were read"
    );
    Ok(vec![
        Bar::at_most("registry.start_seconds", started.as_secs_f64(), 2.0),
        Bar::at_most("registry.resident_mb", read, 400.0),
    ])
}

/// Writes the log, as a registry would have in the course of time.
fn write(directory: &Path) -> Result<(), Trouble> {
    let mut log = SqliteLog::open(directory)?;
    let mut end = Position::START;
    for version in 1..=VERSIONS {
        let mut events = Vec::with_capacity(SUBJECTS);
        for subject in 0..SUBJECTS {
            let sequence = Position(u64::try_from((version - 1) * SUBJECTS + subject + 1)?);
            let title = format!("{subject}-{version} {}", "x".repeat(940));
            let event = json!({
                "subject": format!("context.subject-{subject}"),
                "version": version,
                "release": format!("1.{}.0", version - 1),
                "id": sequence.0,
                // A guid is made of its first half: it must not be the same for all.
                "fingerprint": format!("{0:032x}{0:032x}", sequence.0),
                "schemaType": "JSON",
                "schema": {"type": "object", "title": title},
                "addition": version > 1,
                "forced": false,
            });
            let kind = "schema_registered";
            let event = Event::read(kind, stele_registry::own::newest(kind), &event.to_string())?;
            let origin =
                Origin { who: "anonymous".to_owned(), request: "bench".to_owned(), why: None };
            events.push(Recorded {
                sequence,
                time: "2026-01-01T00:00:00Z".parse()?,
                origin,
                event,
            });
        }
        end = log.append(end, &events)?;
    }
    Ok(())
}

struct Process(Child);

impl Process {
    /// Starts the registry that was built beside this program; it serves once this answers.
    fn start(directory: &Path) -> Result<(Process, std::net::SocketAddr), Trouble> {
        let binary = std::env::current_exe()?.with_file_name("stele-registry");
        let mut command = Command::new(&binary);
        command.args(["--listen", "127.0.0.1:0", "--data"]).arg(directory).stdout(Stdio::piped());
        let child = command.spawn().map_err(|error| {
            format!("cannot start {}: {error}; build the whole workspace", binary.display())
        })?;
        let mut process = Process(child);
        let out = process.0.stdout.take().ok_or("the registry has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().rsplit("http://").next().unwrap_or_default().parse()?;
        Ok((process, address))
    }

    /// The memory it has, in MB.
    fn resident(&self) -> Result<f64, Trouble> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: usize = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("the system does not say how much memory a process has")?
            .parse()?;
        Ok(count(kilobytes) / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
        std::thread::sleep(Duration::from_millis(10));
    }
}
