//! `stele lens new`: the skeleton of a lens, for somebody to fill.

use stele_evolution::lens;

use crate::{args::LensNew, error::Failure, exit::Exit, terminal::Terminal};

/// Prints it.
pub fn run(args: &LensNew, terminal: &mut Terminal) -> Result<Exit, Failure> {
    terminal.result(lens::skeleton(&args.subject, args.from))?;
    Ok(Exit::Compatible)
}
