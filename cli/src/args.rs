//! The command line: what can be said, with a help and examples for each.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as Flags, Parser, Subcommand, ValueEnum};
use stele_evolution::{
    containment::ContentModel,
    policy::Level,
    schema::Dialect,
    version::{Release, Version},
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

/// `stele lens`
#[derive(Debug, Subcommand)]
pub enum Lens {
    /// Check that a lens carries every event from one schema to the other, and back
    #[command(after_help = format!("{LENS_CHECK}\n\n{}", exit::HELP))]
    Check(LensCheck),
    /// Propose a lens for what changed between two schemas, every guess marked
    #[command(after_help = format!("{LENS_SUGGEST}\n\n{}", exit::HELP))]
    Suggest(LensSuggest),
    /// Run the examples that lenses bring along
    #[command(after_help = format!("{LENS_TEST}\n\n{}", exit::HELP))]
    Test(LensTest),
    /// Show how events get from one version of a subject to another, or where the way ends
    #[command(after_help = format!("{LENS_PLAN}\n\n{}", exit::HELP))]
    Plan(LensPlan),
    /// Carry an event through a lens, showing what every operation does to it
    #[command(after_help = format!("{LENS_APPLY}\n\n{}", exit::HELP))]
    Apply(LensApply),
    /// Write the skeleton of a lens
    #[command(after_help = LENS_NEW)]
    New(LensNew),
}

const LENS_CHECK: &str = "\
Examples:
  stele lens check 2-3.lens.yaml              # between 2.json and 3.json, which stand beside it
  stele lens check 2-3.lens.yaml --old git:main:orders/OrderPlaced/2.json --new 3.json
  stele lens check 2-3.lens.yaml 2.json 3.json --require-proof";

/// `stele lens check`
#[derive(Debug, Flags)]
pub struct LensCheck {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The schema it comes from: a file, or `-` [default: as --old says, else the one beside the lens]
    #[arg(value_name = "OLD", conflicts_with = "old_end")]
    pub old: Option<Place>,
    /// The schema it leads to
    #[arg(value_name = "NEW", conflicts_with = "new_end")]
    pub new: Option<Place>,
    /// The same by name
    #[command(flatten)]
    pub ends: Ends,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// End with 3 where the lens was only tested, not proved
    #[arg(long, alias = "strict")]
    pub require_proof: bool,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The schemas that a lens stands between.
#[derive(Debug, Flags)]
pub struct Ends {
    /// The schema it comes from: a file, `-`, or git:REVISION:PATH
    #[arg(long, id = "old_end", value_name = "OLD")]
    pub old: Option<Place>,
    /// The schema it leads to
    #[arg(long, id = "new_end", value_name = "NEW")]
    pub new: Option<Place>,
}

const LENS_SUGGEST: &str = "\
Examples:
  stele lens suggest 2.json 3.json > 2-3.lens.yaml
  stele lens suggest git:main:orders/OrderPlaced/2.json orders/OrderPlaced/3.json
  stele lens suggest 2.json 3.json --format json | jq .open

What is only likely is marked `# guess`, and what nobody could know is left out and listed as `# open`. \
Read it, correct it, and check it with `stele lens check`.";

/// `stele lens suggest`
#[derive(Debug, Flags)]
pub struct LensSuggest {
    /// The older schema: a file, `-`, or git:REVISION:PATH
    pub old: Place,
    /// The newer one
    pub new: Place,
    /// The older version, where its file is not called by its number [default: 1]
    #[arg(long, value_name = "VERSION")]
    pub from: Option<Version>,
    /// What the schemas mean for the events that flow
    #[arg(long, value_enum, default_value_t, value_name = "MODEL")]
    pub content_model: Model,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show it: YAML for people, JSON for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const LENS_TEST: &str = "\
Examples:
  stele lens test 2-3.lens.yaml
  stele lens test schemas                     # every lens under a folder
  stele lens test git:HEAD";

/// `stele lens test`
#[derive(Debug, Flags)]
pub struct LensTest {
    /// A lens, or a folder of schemas with their lenses
    #[arg(value_name = "LENS|FOLDER", required = true)]
    pub sources: Vec<Place>,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const LENS_PLAN: &str = "\
Examples:
  stele lens plan schemas OrderPlaced 1 3
  stele lens plan registry OrderPlaced 3 1    # down
  stele lens plan git:main:schemas OrderPlaced 1 3 --format json";

/// `stele lens plan`
#[derive(Debug, Flags)]
pub struct LensPlan {
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

const LENS_APPLY: &str = "\
Examples:
  stele lens apply 2-3.lens.yaml event.json
  stele lens apply 2-3.lens.yaml event.json --down
  cat event.json | stele lens apply 2-3.lens.yaml - --format json | jq .event";

/// `stele lens apply`
#[derive(Debug, Flags)]
pub struct LensApply {
    /// The lens: YAML or JSON
    pub lens: PathBuf,
    /// The event: a file, or `-` for standard input
    #[arg(value_name = "EVENT", default_value = "-")]
    pub event: Place,
    /// From the newer version to the older
    #[arg(long)]
    pub down: bool,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const LENS_NEW: &str = "\
Examples:
  stele lens new OrderPlaced 2 > orders/OrderPlaced/2-3.lens.yaml

`stele lens suggest` begins from two schemas instead.";

/// `stele lens new`
#[derive(Debug, Flags)]
pub struct LensNew {
    /// The subject
    pub subject: String,
    /// The version it comes from; it leads to the next
    pub from: Version,
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
