//! What `stele check` takes.

use clap::{Args as Flags, ValueEnum};

use crate::{
    exit,
    flags::{Judging, Reading, Registry},
    report::Format,
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele check schemas --against git:origin/main
      every subject under schemas/, against what the branch holds; nothing is checked out
  stele check OrderPlaced.json --against git:HEAD~1
  stele check orders/OrderPlaced/3.json --against orders/OrderPlaced/2.json
  cat new.json | stele check - --against old.json --compatibility BACKWARD
  stele check schemas --against registry --registry http://127.0.0.1:8081
  stele check schemas --against git:main --format json | jq .counts

A folder holds <context>/<Subject>/<version>.json; beside them may stand <from>-<to>.lens.yaml, which \
TRANSLATABLE asks for, and subject.yaml (kind, compatibility, content_model, description, owner). A folder in which no \
file has a number for a name holds one subject for each <Subject>.json.";

/// `stele check`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Check {
    /// What to check: a file, a folder, `-` for standard input, or git:REVISION
    #[arg(value_name = "NEW", default_value = ".")]
    pub new: Place,
    /// What to hold it against: a file, a folder, `-`, git:REVISION[:PATH], or `registry`
    #[arg(long, value_name = "OLD")]
    pub against: Place,
    /// How to judge
    #[command(flatten)]
    pub judging: Judging,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// Which registry, for `--against registry`
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What ends with a code other than 0: with `breaking`, what is undecided passes
    #[arg(long, value_enum, default_value_t, value_name = "VERDICT")]
    pub fail_on: FailOn,
}

/// What a check fails on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only what breaks: what is undecided passes
    Breaking,
    /// What breaks, and what is undecided
    #[default]
    Undecided,
}
