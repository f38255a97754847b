//! The commands, one folder each: `args` says what it takes, `run` reads, asks and shows.

mod admin;
mod check;
mod completions;
mod config;
mod dead_letters;
mod dev;
mod diff;
mod history;
mod init;
mod lens;
mod lint;
mod list;
mod man;
mod reference;
mod register;
mod search;
mod show;

pub use self::{
    admin::Admin, check::args::Check, completions::Completions, config::Config,
    dead_letters::args::DeadLetters, dev::args::Dev, diff::args::Diff, history::History,
    init::args::Init, lens::Lens, lint::Lint, list::args::List, man::Manual, reference::Reference,
    register::args::Register, search::Search, show::args::Show,
};
use crate::{
    args::Command,
    error::{Explain, Failure},
    exit::Exit,
    project::{Project, ProjectError},
    terminal::Terminal,
};

/// What is known of the surroundings of a command.
pub struct Around {
    /// What `stele.yaml` says, where there is one.
    pub project: Option<Project>,
}

/// Runs one command.
pub fn run(
    command: Command,
    project: Result<Option<Project>, ProjectError>,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    // What writes or explains a `stele.yaml` works beside one that is wrong.
    let project = match &command {
        Command::Init(_) | Command::Completions(_) | Command::Man(_) => project.unwrap_or_default(),
        _ => project?,
    };
    let around = Around { project };
    // Only what speaks to a network needs more than this thread.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Stuck)?;
    runtime.block_on(async {
        match command {
            Command::Check(args) => check::run(&args, &around, terminal).await,
            Command::Diff(args) => diff::run(&args, terminal).await,
            Command::Register(args) => register::run(&args, &around, terminal).await,
            Command::Dev(args) => dev::run(&args, terminal).await,
            Command::List(args) => list::run(&args, terminal).await,
            Command::Show(args) => show::run(&args, terminal).await,
            Command::History(args) => history::run(&args, terminal).await,
            Command::Search(args) => search::run(&args, terminal).await,
            Command::Lint(args) => lint::run(&args, &around, terminal),
            Command::Init(args) => init::run(&args, terminal),
            Command::Config(args) => config::run(&args, &around, terminal),
            Command::Admin(args) => admin::run(&args, terminal).await,
            Command::Completions(args) => completions::run(&args, terminal),
            Command::Reference(args) => reference::run(&args, terminal),
            Command::Man(args) => man::run(&args, terminal),
            Command::DeadLetters(args) => dead_letters::run(&args, terminal).await,
            Command::Lens(args) => lens::run(&args, terminal).await,
        }
    })
}

/// Why no command can run.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the threads that speak to a network")]
struct Stuck(#[source] std::io::Error);

impl Explain for Stuck {}
