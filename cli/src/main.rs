//! `stele`: the command for people and pipelines.

mod args;
mod asking;
mod command;
mod error;
mod exit;
mod flags;
mod judging;
mod pairing;
mod report;
mod source;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut terminal = terminal::Terminal::new(args.color);
    match command::run(args.command, &mut terminal).await {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.failure(&failure);
            failure.exit().into()
        }
    }
}
