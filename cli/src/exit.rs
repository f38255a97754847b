//! What the `stele` command says to the script that ran it.

use std::process::ExitCode;

/// The exit codes. Scripts may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done; for a check: everything is compatible.
    Compatible = 0,
    /// A change breaks somebody, or the registry refused it for that.
    Breaking = 1,
    /// The command line, a file, a revision or a schema cannot be read as what it should be.
    Usage = 2,
    /// Neither proved compatible nor refuted.
    Undecided = 3,
    /// The registry cannot be reached, or does not answer as one.
    Unreachable = 4,
}

/// The codes as every `--help` ends with them.
pub const HELP: &str = "Exit codes:
  0  compatible, or done
  1  breaking
  2  usage, or an input that cannot be read
  3  undecided
  4  the registry cannot be reached";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
