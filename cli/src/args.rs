//! The command line as a whole. What each command takes stands in its own folder under `command/`.

use clap::{Parser, Subcommand};

use crate::{command, terminal::Color};

const EXAMPLES: &str = "\
Examples:
  stele check --against git:origin/main       # is what I changed here compatible?
  stele check new.json --against old.json     # two files
  stele dev --scenario retail                 # see it all work, on this machine

`stele COMMAND --help` has examples for each command.";

/// Event schemas, set in stone: check a change before it breaks anybody.
#[derive(Debug, Parser)]
#[command(name = "stele", version, propagate_version = true, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Args {
    /// When to colour
    #[arg(
        long,
        global = true,
        env = "STELE_COLOR",
        value_enum,
        default_value_t,
        value_name = "WHEN"
    )]
    pub color: Color,
    /// Say only what stands in the way
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: what did not change, what was looked at and how long it took
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// Everything `stele` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether new schemas are compatible with old ones, with the event that breaks where one does
    Check(command::Check),
    /// List what changed between two schemas, place by place
    Diff(command::Diff),
    /// Put schemas into a registry; doing it twice changes nothing
    Register(command::Register),
    /// List the subjects of a registry
    List(command::List),
    /// Show a subject, one of its versions, or a file
    Show(command::Show),
    /// Show the versions of a subject as a timeline, and what each of them changed
    History(command::History),
    /// Find the subjects and places that speak of something
    Search(command::Search),
    /// Say what in a schema is allowed, and still better said otherwise
    Lint(command::Lint),
    /// Begin a project: a folder for schemas, stele.yaml, and what CI needs
    Init(command::Init),
    /// Show the settings that are in effect, and where each came from
    Config(command::Config),
    /// Keep a registry: its log out and in, a backup, tokens
    #[command(subcommand)]
    Admin(command::Admin),
    /// Print what a shell needs to complete a command line
    Completions(command::Completions),
    /// Print the manual
    Man(command::Manual),
    /// Write the pages of docs/reference
    #[command(hide = true)]
    Reference(command::Reference),
    /// Run a registry and a translator on this machine, to try things with
    Dev(command::Dev),
    /// Work with what a translator could not deliver
    #[command(subcommand)]
    DeadLetters(command::DeadLetters),
    /// Work with lenses: how an event crosses from one version to the next
    #[command(subcommand)]
    Lens(command::Lens),
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
