//! The translator process: a sidecar in front of one consumer, or a pipe.

use std::{
    error::Error,
    fs::OpenOptions,
    io::{self, IsTerminal as _, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Parser, Subcommand};
use stele_api::{selector::Selector, subject::Subject};
use stele_client::{Client, cache::Cache};
use stele_evolution::{pointer::Pointer, version::Version};
use stele_translator::{
    Exposure, ServeConfig,
    config::{Config, USUAL_MAX_BODY},
    convention::{Convention, NamePattern, StreamError},
    pipe,
    plans::{Plans, Source},
    route::{Input, Route, Routes},
    serve,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Some events were not translated, or the process failed.
const FAILED: u8 = 1;
/// Arguments, configuration, subject or version are wrong.
const USAGE: u8 = 2;
/// The registry cannot be reached.
const UNREACHABLE: u8 = 4;

/// Sets events before a consumer in the version it reads.
#[derive(Parser)]
#[command(name = "stele-translator", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the sidecar: takes events by POST, translates them, and sends them on to the consumer.
    Serve(ServeArguments),
    /// Translates events, one JSON document a line, from standard input to standard output.
    ///
    /// Exit codes: 0 all events translated, 1 some were not, 2 usage, 4 the registry cannot be reached.
    Pipe(PipeArguments),
}

#[derive(Args)]
struct Registry {
    /// The registry's address; the token in `STELE_TOKEN` goes with every request.
    #[arg(long, value_name = "URL", env = "STELE_REGISTRY")]
    registry: String,
    /// The file that holds the token; it is read anew for every request.
    #[arg(long, value_name = "FILE", env = "STELE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Args)]
struct ServeArguments {
    #[command(flatten)]
    registry: Registry,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "STELE_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// What to translate into which version, and where to send it.
    #[arg(long, value_name = "FILE", env = "STELE_CONFIG")]
    config: PathBuf,
    /// Where schemas are kept between runs.
    #[arg(long, value_name = "DIR", env = "STELE_CACHE")]
    cache: Option<PathBuf>,
    /// Where the durable queue is kept; goes before `queue` in the configuration.
    #[arg(long, value_name = "DIR", env = "STELE_QUEUE")]
    queue: Option<PathBuf>,
    /// Listen where other machines can reach it; it asks nobody who they are.
    #[arg(long, env = "STELE_INSECURE")]
    insecure: bool,
}

#[derive(Args)]
struct PipeArguments {
    #[command(flatten)]
    registry: Registry,
    /// The subject of all events.
    #[arg(long, env = "STELE_SUBJECT")]
    subject: Subject,
    /// The version that is read: a number, a release, a range, or `latest`.
    #[arg(long, value_name = "VERSION", env = "STELE_TO")]
    to: Selector,
    /// The version of all events; without it, each says its own by one of the conventions.
    #[arg(long, value_name = "VERSION", env = "STELE_FROM")]
    from: Option<Version>,
    /// How far the producers are trusted: `trust`, `valid`, `check` or `strip`.
    #[arg(long, value_name = "LEVEL", env = "STELE_INPUT", value_parser = input, default_value = "valid")]
    input: Input,
    /// The stream that all events came on: a topic, a path, the name of a file.
    #[arg(long, value_name = "NAME", env = "STELE_STREAM")]
    stream: Option<String>,
    /// Where events go that cannot be translated, as JSON lines; standard error without it.
    #[arg(long, value_name = "FILE", env = "STELE_DEAD_LETTERS")]
    dead_letters: Option<PathBuf>,
    /// How an event may say its version: `name`, `data_schema`, `schema_id`, `nothing`, a pointer such as `/version`, or
    /// `stream:orders.v{version}` for the name of the stream.
    #[arg(
        long,
        value_name = "LIST",
        env = "STELE_CONVENTIONS",
        value_delimiter = ',',
        value_parser = convention,
        default_value = "name,data_schema,schema_id,nothing"
    )]
    conventions: Vec<Convention>,
    /// How versions stand in the names of events.
    #[arg(
        long,
        value_name = "PATTERN",
        env = "STELE_NAME_PATTERN",
        default_value = "{subject}.v{version}"
    )]
    name_pattern: NamePattern,
    /// Where schemas are kept between runs.
    #[arg(long, value_name = "DIR", env = "STELE_CACHE")]
    cache: Option<PathBuf>,
    /// The longest line taken, in bytes.
    #[arg(long, value_name = "BYTES", env = "STELE_MAX_LINE", default_value_t = USUAL_MAX_BODY)]
    max_line: usize,
}

/// Why the process ends early, and with which code.
struct Failure {
    code: u8,
    error: Box<dyn Error>,
    hint: Option<String>,
}

impl Failure {
    fn new(code: u8, error: impl Into<Box<dyn Error>>) -> Self {
        Failure { code, error: error.into(), hint: None }
    }

    fn hint(mut self, hint: Option<&str>) -> Self {
        self.hint = hint.map(ToOwned::to_owned);
        self
    }

    /// Says on standard error why the process ends, the causes below, what to do last.
    fn tell(&self) -> ExitCode {
        let mut lines = vec![format!("error: {}", self.error)];
        let mut cause = self.error.source();
        while let Some(error) = cause {
            lines.push(format!("  because: {error}"));
            cause = error.source();
        }
        lines.extend(self.hint.iter().map(|hint| format!("  hint: {hint}")));
        let text = lines.join("\n") + "\n";
        // Where even standard error is closed, the exit code is left.
        let _ = io::stderr().write_all(text.as_bytes());
        ExitCode::from(self.code)
    }
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::new(FAILED, error).tell(),
    };
    let ended = match command {
        Command::Serve(arguments) => {
            log_from("warn");
            runtime.block_on(run_sidecar(arguments))
        }
        Command::Pipe(arguments) => {
            log_from("error");
            run_pipe(arguments, &runtime)
        }
    };
    ended.unwrap_or_else(|failure| failure.tell())
}

async fn run_sidecar(arguments: ServeArguments) -> Result<ExitCode, Failure> {
    let failed = |error: io::Error| Failure::new(FAILED, error);
    // Before anything is served, or a signal that comes early would end the process the hard way.
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;

    let config = Config::read(&arguments.config).map_err(|error| Failure::new(USAGE, error))?;
    let exposure = if arguments.insecure { Exposure::Anywhere } else { Exposure::Loopback };
    let starting = serve(ServeConfig {
        listen: arguments.listen,
        exposure,
        registry: client(&arguments.registry)?,
        cache: arguments.cache,
        queue: arguments.queue,
        config,
    });
    let started = tokio::select! {
        started = starting => started,
        _ = terminate.recv() => return Ok(ExitCode::SUCCESS),
        _ = interrupt.recv() => return Ok(ExitCode::SUCCESS),
    };
    let running = started.map_err(|error| {
        let hint = error.hint();
        Failure::new(USAGE, error).hint(hint)
    })?;
    let mut out = io::stdout();
    writeln!(out, "stele-translator listening on http://{}", running.address())
        .and_then(|()| out.flush())
        .map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn run_pipe(
    arguments: PipeArguments,
    runtime: &tokio::runtime::Runtime,
) -> Result<ExitCode, Failure> {
    let usage = |error: io::Error| Failure::new(USAGE, error);
    let cache = arguments.cache.as_deref().map_or(Ok(Cache::none()), Cache::at).map_err(usage)?;
    let dead_letters: Box<dyn Write> = match &arguments.dead_letters {
        None => Box::new(io::stderr()),
        Some(file) => {
            Box::new(OpenOptions::new().create(true).append(true).open(file).map_err(usage)?)
        }
    };
    let route = Route {
        name: arguments.name_pattern.of(arguments.subject.name()),
        label: arguments.subject.to_string().into(),
        subject: arguments.subject,
        to: arguments.to,
        conventions: arguments.conventions,
        out: None,
        consumer: None,
        input: arguments.input,
    };
    let routes = Routes::Given { route: Arc::new(route), from: arguments.from };
    let plans = Plans::new(routes, Source::new(client(&arguments.registry)?, cache));
    plans.take_cached();
    match runtime.block_on(plans.load()) {
        Ok(()) => {}
        // What is cached will do.
        Err(error) if error.is_unreachable() && plans.missing().is_empty() => {
            tracing::warn!(error = stele_client::chain(&error), "working from the cache");
        }
        Err(error) => {
            let code = if error.is_unreachable() { UNREACHABLE } else { USAGE };
            let hint = error.hint().map(ToOwned::to_owned);
            return Err(Failure::new(code, error).hint(hint.as_deref()));
        }
    }
    if let Some(route) = plans.missing().first() {
        let message = format!("`{}` has no version `{}`", route.subject, route.to);
        return Err(Failure::new(USAGE, message));
    }
    let input = io::stdin().lock();
    let output = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let runtime = runtime.handle();
    let piping = pipe::Piping {
        plans: &plans,
        runtime,
        max_line: arguments.max_line,
        stream: arguments.stream,
    };
    let summary = pipe::run(&piping, input, output, dead_letters)
        .map_err(|error| Failure::new(FAILED, error))?;
    Ok(ExitCode::from(if summary.faulted == 0 { 0 } else { FAILED }))
}

fn client(registry: &Registry) -> Result<Client, Failure> {
    let client = Client::new(&registry.registry).map_err(|error| Failure::new(USAGE, error))?;
    Ok(match &registry.token_file {
        Some(file) => client.with_token_file(file),
        None => client,
    })
}

fn convention(text: &str) -> Result<Convention, String> {
    match text {
        "name" => Ok(Convention::Name),
        "data_schema" => Ok(Convention::DataSchema),
        "schema_id" => Ok(Convention::SchemaId),
        "nothing" => Ok(Convention::Nothing),
        stream if stream.starts_with("stream:") => {
            let pattern = stream.trim_start_matches("stream:").parse();
            pattern.map(Convention::Stream).map_err(|error: StreamError| error.to_string())
        }
        pointer if pointer.starts_with('/') => {
            let pointer: Result<Pointer, _> = pointer.parse();
            pointer.map(Convention::Payload).map_err(|error| error.to_string())
        }
        other => Err(format!("`{other}` is no convention")),
    }
}

fn input(text: &str) -> Result<Input, String> {
    match text {
        "trust" => Ok(Input::Trust),
        "valid" => Ok(Input::Valid),
        "check" => Ok(Input::Check),
        "strip" => Ok(Input::Strip),
        other => Err(format!("`{other}` is none of trust, valid, check, strip")),
    }
}

/// Logs to standard error, from `level` on unless `STELE_LOG` says otherwise.
fn log_from(level: &str) {
    let filter = EnvFilter::try_from_env("STELE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
