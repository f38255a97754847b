//! What `stele lens apply` takes.

use std::path::PathBuf;

use clap::Args as Flags;

use crate::{exit, report::Format, source::Place};

const EXAMPLES: &str = "\
Examples:
  stele lens apply 2-3.lens.yaml event.json
  stele lens apply 2-3.lens.yaml event.json --down
  cat event.json | stele lens apply 2-3.lens.yaml - --format json | jq .event";

/// `stele lens apply`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Apply {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The event: a file, or `-` for standard input
    #[arg(value_name = "EVENT", default_value = "-")]
    pub event: Place,
    /// From the newer version to the older
    #[arg(long)]
    pub down: bool,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
