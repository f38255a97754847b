//! What `stele list` takes.

use clap::Args as Flags;

use crate::{flags::Registry, report::Format};

const EXAMPLES: &str = "\
Examples:
  stele list
  stele list --registry http://127.0.0.1:8081 --format json";

/// `stele list`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct List {
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
