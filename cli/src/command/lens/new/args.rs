//! What `stele lens new` takes.

use clap::Args as Flags;
use stele_evolution::version::Version;

const EXAMPLES: &str = "\
Examples:
  stele lens new OrderPlaced 2 > orders/OrderPlaced/2-3.lens.yaml

`stele lens suggest` begins from two schemas instead.";

/// `stele lens new`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct New {
    /// The subject
    pub subject: String,
    /// The version it comes from; it leads to the next
    pub from: Version,
}
