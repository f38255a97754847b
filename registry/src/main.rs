//! `stele-registry`: the schema registry as a process of its own.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use stele_registry::{
    access::{self, Grant},
    config::{Arguments, Config, LogFormat, Task},
    serve::{StartError, serve},
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Task::Token { name, grants }) = arguments.task {
        return token(&name, &grants);
    }
    let Some(config) = arguments.config else {
        // Without a task the flags are required, so clap has said so already.
        return ExitCode::FAILURE;
    };
    logging(config.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error, None),
    };
    let ended = runtime.block_on(run(config));
    // Jobs on the pool that watch no clock are not waited for.
    runtime.shutdown_background();
    ended
}

/// `STELE_LOG` says what is logged, such as `info` or `stele_registry=debug`.
fn logging(format: LogFormat) {
    let filter = EnvFilter::try_from_env("STELE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Human => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

async fn run(config: Config) -> ExitCode {
    // Before anything is served, or a signal that comes early would end the process the hard way.
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => return failed(&error, None),
        };
    // A log that is long takes a while to read; whoever changes their mind need not wait. Reading changes nothing.
    let running = tokio::select! {
        served = serve(config) => match served {
            Ok(running) => running,
            Err(error) => return failed(&error, StartError::hint(&error)),
        },
        _ = terminate.recv() => return ExitCode::SUCCESS,
        _ = interrupt.recv() => return ExitCode::SUCCESS,
    };
    let mut out = std::io::stdout().lock();
    let said =
        writeln!(out, "stele-registry listening on {}", running.url()).and_then(|()| out.flush());
    drop(out);
    if let Err(error) = said {
        tracing::warn!(error = &error as &dyn Error, "nobody hears where the registry listens");
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.shutdown().await;
    ExitCode::SUCCESS
}

/// Makes a token. It is the only thing on standard output, so that it can be piped to where secrets are kept.
fn token(name: &str, grants: &[Grant]) -> ExitCode {
    let minted = match access::mint(name, grants) {
        Ok(minted) => minted,
        Err(error) => return failed(&error, None),
    };
    let said =
        writeln!(std::io::stderr(), "add this line to the file of --tokens:\n{}", minted.line)
            .and_then(|()| writeln!(std::io::stdout(), "{}", minted.token));
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, None),
    }
}

/// Says on standard error why the registry ends, the causes below, what to do last.
fn failed(error: &dyn Error, hint: Option<&str>) -> ExitCode {
    let causes = std::iter::successors(error.source(), |cause| (**cause).source());
    let lines = std::iter::once(format!("error: {error}"))
        .chain(causes.map(|cause| format!("  because: {cause}")))
        .chain(hint.map(|hint| format!("  hint: {hint}")));
    let text = lines.collect::<Vec<_>>().join("\n");
    // Where even standard error is closed, the exit code is left.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}
