//! `stele man`: the manual pages, one for each command.

use std::{fs, io, path::PathBuf};

use clap::{Args as Flags, CommandFactory};
use clap_mangen::Man;

use crate::{
    args::Args,
    error::{Explain, Failure, Hint},
    exit::Exit,
    terminal::Terminal,
};

const EXAMPLES: &str = "\
Examples:
  stele man | man -l -
  stele man --output ~/.local/share/man/man1";

/// `stele man`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Manual {
    /// Write the page of every command into a folder that is there
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

/// Why a page was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the manual to `{}`", place.display())]
struct Unwritten {
    place: PathBuf,
    #[source]
    cause: io::Error,
}

impl Explain for Unwritten {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("name a folder that is there"))
    }
}

/// Prints the page of `stele`, or writes the pages of all commands.
pub fn run(args: &Manual, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut command = Args::command();
    command.build();
    let Some(folder) = &args.output else {
        let unwritten = |cause| Unwritten { place: PathBuf::from("standard output"), cause };
        let mut page = Vec::new();
        Man::new(command).render(&mut page).map_err(unwritten)?;
        terminal.result(String::from_utf8_lossy(&page))?;
        return Ok(Exit::Compatible);
    };
    let unwritten = |cause| Unwritten { place: folder.clone(), cause };
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        let shown =
            command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
        waiting.extend(shown.cloned());
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        let mut page = Vec::new();
        Man::new(command).render(&mut page).map_err(unwritten)?;
        fs::write(folder.join(format!("{name}.1")), page).map_err(unwritten)?;
    }
    Ok(Exit::Compatible)
}
