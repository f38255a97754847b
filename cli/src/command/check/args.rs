//! What `stele check` takes.

use clap::{Args as Flags, ValueEnum};

use crate::{
    exit,
    flags::{Judging, Reading, Registry, Showing},
    source::Place,
};

const EXAMPLES: &str = "\
Examples:
  stele check
      every subject that changed here, against where the branch left the main one
  stele check schemas --against git:origin/main
      the same said in full; nothing is checked out
  stele check --against git:v1.4.0 --explain
  stele check OrderPlaced.json --against git:HEAD~1
  stele check orders/OrderPlaced/3.json --against orders/OrderPlaced/2.json
  cat new.json | stele check - --against old.json --compatibility BACKWARD
  stele check --against registry --registry http://127.0.0.1:8081
  stele check --format github --report sarif=stele.sarif --report junit=stele.xml
  stele check --format json | jq .counts

A folder holds <context>/<Subject>/<version>.json; beside them may stand <from>-<to>.lens.yaml, which \
TRANSLATABLE asks for, and subject.yaml (kind, compatibility, content_model, description, owner, references). A folder \
in which no file has a number for a name holds one subject for each <Subject>.json. What is not said here is as \
stele.yaml says.";

/// `stele check`
#[derive(Debug, Flags)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Check {
    /// What to check: a file, a folder, `-` for standard input, or git:REVISION [default: as stele.yaml says, else schemas, else .]
    #[arg(value_name = "NEW")]
    pub new: Option<Place>,
    /// What to hold it against: a file, a folder, `-`, git:REVISION[:PATH], git:BRANCH... for where this branch left that one, or `registry` [default: where the branch left the main one]
    #[arg(long, env = "STELE_AGAINST", value_name = "OLD")]
    pub against: Option<Place>,
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
    #[command(flatten)]
    pub showing: Showing,
    /// Also say why: what the rules mean, and what each direction rests on
    #[arg(long)]
    pub explain: bool,
    /// What ends with a code other than 0: with `breaking`, what is undecided passes; with `widened`, new values do not
    #[arg(long, env = "STELE_FAIL_ON", value_enum, default_value_t, value_name = "VERDICT")]
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
    /// What breaks, what is undecided, and what lets in values that readers do not know
    Widened,
}
