//! What `stele dead-letters` takes.

use clap::{Args as Flags, Subcommand};

use crate::report::Format;

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
