//! What `stele lens plan` takes.

use clap::Args as Flags;
use stele_evolution::version::Version;

use crate::{
    exit,
    flags::{Model, Registry},
    report::Format,
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele lens plan schemas OrderPlaced 1 3
  stele lens plan registry OrderPlaced 3 1    # down
  stele lens plan git:main:schemas OrderPlaced 1 3 --format json";

/// `stele lens plan`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Plan {
    /// Where the versions and lenses are: a folder, git:REVISION, or `registry`
    #[arg(value_name = "FOLDER|registry")]
    pub source: Place,
    /// The subject
    pub subject: String,
    /// The version the events are of
    pub from: Version,
    /// The version they should become
    pub to: Version,
    /// What the schemas mean for the events that flow [default: as subject.yaml or the registry says, else event]
    #[arg(long, value_enum, value_name = "MODEL")]
    pub content_model: Option<Model>,
    /// Which registry, for `registry`
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
