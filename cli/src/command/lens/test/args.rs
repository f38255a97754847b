//! What `stele lens test` takes.

use clap::Args as Flags;

use crate::{exit, report::Format, source::Place};

const EXAMPLES: &str = "\
Examples:
  stele lens test 2-3.lens.yaml
  stele lens test schemas                     # every lens under a folder
  stele lens test git:HEAD";

/// `stele lens test`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Test {
    /// A lens, or a folder of schemas with their lenses
    #[arg(value_name = "LENS|FOLDER", required = true)]
    pub sources: Vec<Place>,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
