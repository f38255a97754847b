//! What `stele dev` takes.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as Flags, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  stele dev                                   # until Ctrl-C
  stele dev --data ./stele-data               # what is registered is there the next time
  stele dev --scenario retail                 # a shop of four services that read different versions of each other

Without --config the translator carries every subject of the registry to its newest version.";

/// `stele dev`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Dev {
    /// Run a scenario, show what happens, and end
    #[arg(long, value_enum, value_name = "NAME")]
    pub scenario: Option<Scenario>,
    /// Where to keep the log [default: a folder that is gone afterwards]
    #[arg(long, env = "STELE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where the registry listens [default: 127.0.0.1:8081; any free port for a scenario]
    #[arg(long, env = "STELE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where the translator listens [default: 127.0.0.1:8090]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "scenario")]
    pub translator_listen: Option<SocketAddr>,
    /// What the translator does, as `stele-translator serve --config` takes it
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    pub config: Option<PathBuf>,
}

/// What can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// An online shop: order management, inventory, payment, shipping
    Retail,
}
