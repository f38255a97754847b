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
  stele lens check 2-3.lens.yaml              # between 2.json and 3.json, which stand beside it
  stele lens check 2-3.lens.yaml --old git:main:orders/OrderPlaced/2.json --new 3.json
  stele lens check 2-3.lens.yaml 2.json 3.json --require-proof";

/// `stele lens check`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Check {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The schema it comes from: a file, or `-` [default: as --old says, else the one beside the lens]
    #[arg(value_name = "OLD", conflicts_with = "old_end")]
    pub old: Option<Place>,
    /// The schema it leads to
    #[arg(value_name = "NEW", conflicts_with = "new_end")]
    pub new: Option<Place>,
    /// The same by name
    #[command(flatten)]
    pub ends: Ends,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// End with 3 where the lens was only tested, not proved
    #[arg(long, alias = "strict")]
    pub require_proof: bool,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The schemas that a lens stands between.
#[derive(Debug, Flags)]
pub struct Ends {
    /// The schema it comes from: a file, `-`, or git:REVISION:PATH
    #[arg(long, id = "old_end", value_name = "OLD")]
    pub old: Option<Place>,
    /// The schema it leads to
    #[arg(long, id = "new_end", value_name = "NEW")]
    pub new: Option<Place>,
}
