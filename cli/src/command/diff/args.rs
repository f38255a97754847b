//! What `stele diff` takes.

use clap::Args as Flags;
use stele_api::selector::Selector;

use crate::{
    flags::{Reading, Registry, Showing},
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele diff old.json new.json
  stele diff git:main:schemas schemas         # the newest version of every subject
  stele diff OrderPlaced 1 3                  # two versions of a registry
  stele diff registry:OrderPlaced@latest OrderPlaced.json
  stele diff v1.json v2.json --format json";

/// `stele diff`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Diff {
    /// The older schemas: a file, a folder, `-`, git:REVISION[:PATH], `registry`, or registry:SUBJECT[@VERSION]; or a subject of the registry, before two versions
    #[arg(value_name = "OLD|SUBJECT")]
    pub old: Place,
    /// The newer ones; or the older version of the subject
    #[arg(value_name = "NEW|FROM")]
    pub new: Place,
    /// The newer version of the subject
    #[arg(value_name = "TO")]
    pub to: Option<Selector>,
    /// Which registry
    #[command(flatten)]
    pub registry: Registry,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[command(flatten)]
    pub showing: Showing,
}
