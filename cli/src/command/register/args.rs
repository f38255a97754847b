//! What `stele register` takes.

use std::path::PathBuf;

use clap::Args as Flags;
use stele_evolution::version::Release;

use crate::{exit, flags::Registry, report::Format, source::Place};

const EXAMPLES: &str = "\
Examples:
  stele register OrderPlaced.json
  stele register orders/OrderPlaced/3.json --lens orders/OrderPlaced/2-3.lens.yaml --release 2.0.0
  stele register schemas                      # every subject, in the order of its versions
  stele register schemas --dry-run

Beside the versions of a subject may stand subject.yaml (kind, compatibility, content_model, description, owner), \
which is set first, and <from>-<to>.lens.yaml, which is registered together with the version it leads to.";

/// `stele register`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Register {
    /// What to register: a file, a folder, `-` for standard input, or git:REVISION
    #[arg(value_name = "FILE|FOLDER")]
    pub source: Place,
    /// The subject, where a file does not say it by its name
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// How an event crosses from the newest version to this one
    #[arg(long, value_name = "FILE")]
    pub lens: Option<PathBuf>,
    /// The release it declares; refused where more has changed than that says
    #[arg(long, value_name = "X.Y.Z")]
    pub release: Option<Release>,
    /// Ask what would become of it, and record nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where to
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
