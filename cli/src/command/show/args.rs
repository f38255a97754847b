//! What `stele show` takes.

use clap::Args as Flags;

use crate::{flags::Registry, report::Format, source::Place};

const EXAMPLES: &str = "\
Examples:
  stele show OrderPlaced                      # its policy and its versions
  stele show OrderPlaced@3                    # the schema of one version
  stele show OrderPlaced@^1.2 > placed.json
  stele show --file orders/OrderPlaced/3.json";

/// `stele show`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
#[group(id = "shown", required = true, multiple = false, args = ["subject_at", "file"])]
pub struct Show {
    /// A subject, or one of its versions: a number, a release, a range, or latest
    #[arg(id = "subject_at", value_name = "SUBJECT[@VERSION]")]
    pub subject: Option<String>,
    /// A schema of this machine instead: a file, `-`, or git:REVISION:PATH
    #[arg(long, value_name = "FILE")]
    pub file: Option<Place>,
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
