//! What `stele lens check` takes.

use std::path::PathBuf;

use clap::Args as Flags;

use crate::{
    exit,
    flags::{Model, Reading},
    report::Format,
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele lens check 2-3.lens.yaml 2.json 3.json
  stele lens check 2-3.lens.yaml 2.json 3.json --require-proof";

/// `stele lens check`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Check {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The schema it comes from: a file, or `-`
    pub old: Place,
    /// The schema it leads to
    pub new: Place,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// End with 3 where the lens was only tested, not proved
    #[arg(long)]
    pub require_proof: bool,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
