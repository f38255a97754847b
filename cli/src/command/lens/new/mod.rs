//! `stele lens new`: the skeleton of a lens, for somebody to fill.

mod args;

use stele_evolution::lens;

pub use self::args::New;
use crate::{error::Failure, exit::Exit, terminal::Terminal};

/// Prints it.
pub fn run(args: &New, terminal: &mut Terminal) -> Result<Exit, Failure> {
    terminal.result(lens::skeleton(&args.subject, args.from))?;
    Ok(Exit::Compatible)
}
