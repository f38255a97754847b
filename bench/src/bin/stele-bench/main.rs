//! `stele-bench`: what Stele costs, side by side with a ceiling, in one run.
//!
//! Absolute times are noise on shared machines, so every bar is a ratio of two figures taken in turns within one run.

#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

mod bar;
mod engine;
mod lens;
mod registry;
mod translator;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use self::bar::{Bar, Effort};

/// Measure one area and hold it to its bars.
///
/// Prints the figures, then one line a bar: `NAME value=0.93 goal>=0.90 ok|short`. Exits 1 if any is short.
#[derive(Parser)]
#[command(
    name = "stele-bench",
    after_help = "Examples:\n  stele-bench engine          the engine beside jsonschema::canonical\n  stele-bench engine --quick  the same within 50 seconds\n  stele-bench lens            plans beside serde_json::Value\n  stele-bench translator      the sidecar beside a bare forwarder and a bare queue"
)]
struct Arguments {
    /// What to measure.
    area: Area,
    /// Fewer rounds: done within 50 seconds.
    #[arg(long)]
    quick: bool,
    /// Where a forwarder forwards to.
    #[arg(long, hide = true)]
    to: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Area {
    /// Verdicts, beside `jsonschema::canonical` alone.
    Engine,
    /// Plans on raw bytes, beside parsing and serialising a `serde_json::Value`.
    Lens,
    /// The sidecar, beside a bare forwarder, a bare queue and a bare pipe.
    Translator,
    /// Only the start of a sidecar with a warm cache, and the memory it holds: a part of `translator`.
    Start,
    /// A consumer that takes everything.
    #[value(hide = true)]
    Sink,
    /// A forwarder that does nothing but that.
    #[value(hide = true)]
    Forwarder,
    /// The registry, beside a bare axum server.
    Registry,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let effort = if arguments.quick { Effort::Quick } else { Effort::Full };
    let bars = match arguments.area {
        Area::Engine => engine::measure(effort),
        Area::Lens => lens::measure(effort),
        Area::Translator => translator::measure(effort),
        Area::Start => translator::measure_start(effort),
        Area::Sink => return translator::peer::sink(),
        Area::Forwarder => return translator::peer::forward(arguments.to.as_deref()),
        Area::Registry => match registry::measure(effort) {
            Ok(bars) => bars,
            Err(trouble) => {
                println!("the measurement has failed: {trouble}");
                return ExitCode::FAILURE;
            }
        },
    };
    for bar in &bars {
        println!("{bar}");
    }
    if bars.iter().all(Bar::is_met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
