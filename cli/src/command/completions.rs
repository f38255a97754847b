//! `stele completions`: what a shell needs to complete a command line.

use clap::{Args as Flags, CommandFactory};
use clap_complete::Shell;

use crate::{args::Args, error::Failure, exit::Exit, terminal::Terminal};

const EXAMPLES: &str = "\
Examples:
  stele completions bash > /etc/bash_completion.d/stele
  stele completions zsh > \"${fpath[1]}/_stele\"
  stele completions fish > ~/.config/fish/completions/stele.fish";

/// `stele completions`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the script.
pub fn run(args: &Completions, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "stele", &mut script);
    terminal.result(String::from_utf8_lossy(&script))?;
    Ok(Exit::Compatible)
}
