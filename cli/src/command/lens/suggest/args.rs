//! What `stele lens suggest` takes.

use clap::Args as Flags;
use stele_evolution::version::Version;

use crate::{
    exit,
    flags::{Model, Reading},
    report::Format,
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele lens suggest 2.json 3.json > 2-3.lens.yaml
  stele lens suggest git:main:orders/OrderPlaced/2.json orders/OrderPlaced/3.json
  stele lens suggest 2.json 3.json --format json | jq .open

What is only likely is marked `# guess`, and what nobody could know is left out and listed as `# open`. \
Read it, correct it, and check it with `stele lens check`.";

/// `stele lens suggest`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Suggest {
    /// The older schema: a file, `-`, or git:REVISION:PATH
    pub old: Place,
    /// The newer one
    pub new: Place,
    /// The older version, where its file is not called by its number [default: 1]
    #[arg(long, value_name = "VERSION")]
    pub from: Option<Version>,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show it: YAML for people, JSON for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
