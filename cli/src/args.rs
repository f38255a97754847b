//! The command line: what can be said, with a help and examples for each.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as Flags, Parser, Subcommand, ValueEnum};
use stele_evolution::{
    containment::ContentModel, policy::Level, schema::Dialect, version::Release,
};

use crate::{exit, judging::Terms, report::Format, source::Place, terminal::Color};

/// Event schemas, set in stone: check a change before it breaks anybody.
#[derive(Debug, Parser)]
#[command(name = "stele", version, propagate_version = true, after_help = TOP, subcommand_required = true, arg_required_else_help = true)]
pub struct Args {
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const TOP: &str = "\
Examples:
  stele check --against git:origin/main       # is what I changed here compatible?
  stele check new.json --against old.json     # two files
  stele dev --scenario retail                 # see it all work, on this machine

`stele COMMAND --help` has examples for each command.";

/// Everything `stele` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether new schemas are compatible with old ones, with the event that breaks where one does
    #[command(after_help = format!("{CHECK}\n\n{}", exit::HELP))]
    Check(Check),
    /// List what changed between two schemas, place by place
    #[command(after_help = DIFF)]
    Diff(Diff),
    /// Put schemas into a registry; doing it twice changes nothing
    #[command(after_help = format!("{REGISTER}\n\n{}", exit::HELP))]
    Register(Register),
    /// List the subjects of a registry
    #[command(after_help = LIST)]
    List(List),
    /// Show a subject, one of its versions, or a file
    #[command(after_help = SHOW)]
    Show(Show),
    /// Run a registry and a translator on this machine, to try things with
    #[command(after_help = DEV)]
    Dev(Dev),
    /// Work with what a translator could not deliver
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// Work with lenses: how an event crosses from one version to the next
    #[command(subcommand)]
    Lens(Lens),
}

const CHECK: &str = "\
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

const DIFF: &str = "\
Examples:
  stele diff old.json new.json
  stele diff git:main:schemas schemas         # the newest version of every subject
  stele diff v1.json v2.json --format json";

/// `stele diff`
#[derive(Debug, Flags)]
pub struct Diff {
    /// The older schemas: a file, a folder, `-`, or git:REVISION[:PATH]
    pub old: Place,
    /// The newer ones
    pub new: Place,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const REGISTER: &str = "\
Examples:
  stele register OrderPlaced.json
  stele register orders/OrderPlaced/3.json --lens orders/OrderPlaced/2-3.lens.yaml --release 2.0.0
  stele register schemas                      # every subject, in the order of its versions
  stele register schemas --dry-run

Beside the versions of a subject may stand subject.yaml (kind, compatibility, content_model, description, owner), \
which is set first, and <from>-<to>.lens.yaml, which is registered together with the version it leads to.";

/// `stele register`
#[derive(Debug, Flags)]
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

const LIST: &str = "\
Examples:
  stele list
  stele list --registry http://127.0.0.1:8081 --format json";

/// `stele list`
#[derive(Debug, Flags)]
pub struct List {
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const SHOW: &str = "\
Examples:
  stele show OrderPlaced                      # its policy and its versions
  stele show OrderPlaced@3                    # the schema of one version
  stele show OrderPlaced@^1.2 > placed.json
  stele show --file orders/OrderPlaced/3.json";

/// `stele show`
#[derive(Debug, Flags)]
#[group(id = "shown", required = true, multiple = false, args = ["subject_at", "file"])]
pub struct Show {
    /// A subject, or one of its versions: a number, a release, a range, or latest
    #[arg(id = "subject_at", value_name = "SUBJECT[@VERSION]")]
    pub subject: Option<String>,
    /// A schema of this machine instead: a file, `-`, or git:REVISION:PATH
    #[arg(long, value_name = "FILE")]
    pub file: Option<Place>,
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const DEV: &str = "\
Examples:
  stele dev                                   # until Ctrl-C
  stele dev --data ./stele-data               # what is registered is there the next time
  stele dev --scenario retail                 # a shop of four services that read different versions of each other

Without --config the translator carries every subject of the registry to its newest version.";

/// `stele dev`
#[derive(Debug, Flags)]
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

/// Which registry.
#[derive(Debug, Clone, Flags)]
pub struct Registry {
    /// The address of the registry
    #[arg(
        long,
        env = "STELE_REGISTRY",
        value_name = "URL",
        default_value = "http://127.0.0.1:8081"
    )]
    pub registry: String,
}

/// Which translator.
#[derive(Debug, Clone, Flags)]
pub struct Translator {
    /// The address of the translator
    #[arg(
        long,
        env = "STELE_TRANSLATOR",
        value_name = "URL",
        default_value = "http://127.0.0.1:8090"
    )]
    pub translator: String,
}

/// `stele dead-letters`
#[derive(Debug, Subcommand)]
pub enum DeadLetters {
    /// List what could not be delivered, oldest first
    #[command(after_help = DEAD_LETTERS_LIST)]
    List(DeadLettersList),
    /// Show one with its event, as it came
    #[command(after_help = DEAD_LETTERS_SHOW)]
    Show(DeadLettersShow),
    /// Put them back into their queues, to be translated again with the plans of now
    #[command(after_help = DEAD_LETTERS_REDRIVE)]
    Redrive(DeadLettersChosen),
    /// Forget them
    #[command(after_help = DEAD_LETTERS_DROP)]
    Drop(DeadLettersChosen),
}

const DEAD_LETTERS_LIST: &str = "\
Examples:
  stele dead-letters list
  stele dead-letters list --subscription inventory --translator http://127.0.0.1:8090
  stele dead-letters list --format json | jq '.[].fault.code'";

const DEAD_LETTERS_SHOW: &str = "\
Examples:
  stele dead-letters show 7
  stele dead-letters show 7 --format json | jq -r .original";

const DEAD_LETTERS_REDRIVE: &str = "\
Examples:
  stele dead-letters redrive 7 8 9
  stele dead-letters redrive --all --subscription inventory";

const DEAD_LETTERS_DROP: &str = "\
Examples:
  stele dead-letters drop 7
  stele dead-letters drop --all --subscription inventory";

/// `stele dead-letters list`
#[derive(Debug, Flags)]
pub struct DeadLettersList {
    /// Only those of one subscription
    #[arg(long, value_name = "NAME")]
    pub subscription: Option<String>,
    /// Where from
    #[command(flatten)]
    pub translator: Translator,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `stele dead-letters show`
#[derive(Debug, Flags)]
pub struct DeadLettersShow {
    /// Its number
    #[arg(value_name = "ID")]
    pub id: u64,
    /// Where from
    #[command(flatten)]
    pub translator: Translator,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `stele dead-letters redrive` and `drop`
#[derive(Debug, Flags)]
#[group(id = "chosen", required = true, multiple = false, args = ["ids", "all"])]
pub struct DeadLettersChosen {
    /// Their numbers
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    /// All there are
    #[arg(long)]
    pub all: bool,
    /// With `--all`, only those of one subscription
    #[arg(long, value_name = "NAME", requires = "all")]
    pub subscription: Option<String>,
    /// Where
    #[command(flatten)]
    pub translator: Translator,
}

/// `stele lens`
#[derive(Debug, Subcommand)]
pub enum Lens {
    /// Check that a lens carries every event from one schema to the other, and back
    #[command(after_help = format!("{LENS_CHECK}\n\n{}", exit::HELP))]
    Check(LensCheck),
}

const LENS_CHECK: &str = "\
Examples:
  stele lens check 2-3.lens.yaml 2.json 3.json
  stele lens check 2-3.lens.yaml 2.json 3.json --require-proof";

/// `stele lens check`
#[derive(Debug, Flags)]
pub struct LensCheck {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The schema it comes from: a file, or `-`
    pub old: Place,
    /// The schema it leads to
    pub new: Place,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// End with 3 where the lens was only tested, not proved
    #[arg(long)]
    pub require_proof: bool,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How to judge.
#[derive(Debug, Clone, Flags)]
pub struct Judging {
    /// What a new version may do [default: as subject.yaml or the registry says, else `ADDITIONS_ONLY`]
    #[arg(long, value_name = "LEVEL")]
    pub compatibility: Option<Level>,
    /// What the schemas mean for the events that flow [default: as subject.yaml or the registry says, else event]
    #[arg(long, value_enum, value_name = "MODEL")]
    pub content_model: Option<Model>,
}

impl From<&Judging> for Terms {
    fn from(judging: &Judging) -> Terms {
        Terms { level: judging.compatibility, model: judging.content_model.map(ContentModel::from) }
    }
}

/// How to read.
#[derive(Debug, Clone, Flags)]
pub struct Reading {
    /// The dialect of a schema without `$schema`: 4, 6, 7, 2019-09, 2020-12, or a `$schema` URI
    #[arg(long, default_value = "2020-12", value_parser = dialect)]
    pub dialect: Dialect,
    /// The subject, where a file does not say it by its name
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
}

fn dialect(name: &str) -> Result<Dialect, String> {
    Dialect::from_name(name)
        .ok_or_else(|| "expected 4, 6, 7, 2019-09, 2020-12, or a `$schema` URI".to_owned())
}

impl From<&Reading> for crate::source::Reading {
    fn from(reading: &Reading) -> Self {
        crate::source::Reading { dialect: reading.dialect, subject: reading.subject.clone() }
    }
}

/// What the schemas mean for the events that flow.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Model {
    /// Producers send declared names only, readers ignore the rest
    #[default]
    Event,
    /// The schemas as written
    Strict,
}

impl From<Model> for ContentModel {
    fn from(model: Model) -> ContentModel {
        match model {
            Model::Event => ContentModel::Event,
            Model::Strict => ContentModel::Strict,
        }
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn walk(command: &clap::Command) {
            if command.get_subcommands().next().is_none() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Examples:"), "{}", command.get_name());
            }
            command.get_subcommands().filter(|inner| inner.get_name() != "help").for_each(walk);
        }
        walk(&Args::command());
    }
}
