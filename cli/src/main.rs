//! `stele`: the command for people and pipelines.

mod args;
mod asking;
mod command;
mod error;
mod exit;
mod flags;
mod judging;
mod pairing;
mod pretty;
mod progress;
mod project;
mod report;
mod showing;
mod source;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use project::{Project, ProjectError};
use terminal::{Color, Loudness, Terminal};

fn main() -> ExitCode {
    let project = Project::find();
    let args = match command_line(project.as_ref().ok().and_then(Option::as_ref)) {
        Ok(args) => args,
        Err(error) => return failed(&error.into()),
    };
    let loudness = match (args.quiet, args.verbose) {
        (true, _) => Loudness::Quiet,
        (_, true) => Loudness::Verbose,
        _ => Loudness::Normal,
    };
    let mut terminal = Terminal::new(args.color, loudness);
    let ran = command::run(args.command, project, &mut terminal);
    match ran {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.failure(&failure);
            failure.exit().into()
        }
    }
}

/// The command line, with what the files say as its defaults. A usage error, `--help` and `--version` end here.
fn command_line(project: Option<&Project>) -> Result<args::Args, ProjectError> {
    let command = project::apply(args::Args::command(), project)?;
    let matches = command.get_matches();
    Ok(args::Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

fn failed(failure: &error::Failure) -> ExitCode {
    Terminal::new(Color::Auto, Loudness::Normal).failure(failure);
    failure.exit().into()
}
