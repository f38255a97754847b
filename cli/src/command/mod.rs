//! The commands, one folder each: `args` says what it takes, `run` reads, asks and shows.

mod check;
mod dead_letters;
mod dev;
mod diff;
mod lens;
mod list;
mod register;
mod show;

pub use self::{
    check::args::Check, dead_letters::args::DeadLetters, dev::args::Dev, diff::args::Diff,
    lens::Lens, list::args::List, register::args::Register, show::args::Show,
};
use crate::{args::Command, error::Failure, exit::Exit, terminal::Terminal};

/// Runs one command.
pub async fn run(command: Command, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(&args, terminal).await,
        Command::Diff(args) => diff::run(&args, terminal),
        Command::Register(args) => register::run(&args, terminal).await,
        Command::Dev(args) => dev::run(&args, terminal).await,
        Command::List(args) => list::run(&args, terminal).await,
        Command::Show(args) => show::run(&args, terminal).await,
        Command::DeadLetters(args) => dead_letters::run(&args, terminal).await,
        Command::Lens(args) => lens::run(&args, terminal).await,
    }
}
