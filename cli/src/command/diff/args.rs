//! What `stele diff` takes.

use clap::Args as Flags;

use crate::{flags::Reading, report::Format, source::Place};

const EXAMPLES: &str = "\
Examples:
  stele diff old.json new.json
  stele diff git:main:schemas schemas         # the newest version of every subject
  stele diff v1.json v2.json --format json";

/// `stele diff`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Diff {
    /// The older schemas: a file, a folder, `-`, or git:REVISION[:PATH]
    pub old: Place,
    /// The newer ones
    pub new: Place,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
