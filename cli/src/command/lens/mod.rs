//! `stele lens`: how an event crosses from one version to the next; one folder for each thing to do with a lens.

mod check;

use clap::Subcommand;

use crate::{error::Failure, exit::Exit, terminal::Terminal};

/// `stele lens`
#[derive(Debug, Subcommand)]
pub enum Lens {
    /// Check that a lens carries every event from one schema to the other, and back
    Check(check::Check),
}

/// Does one thing with a lens.
pub fn run(lens: &Lens, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match lens {
        Lens::Check(args) => check::run(args, terminal),
    }
}
