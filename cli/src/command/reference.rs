//! `stele reference`: the pages of `docs/reference`, written from the code that they describe.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args as Flags, CommandFactory};
use stele_evolution::{containment::ContentModel, policy::Level, schema::Schema};

use super::lint::rules as lint;
use crate::{
    args::Args,
    error::{Explain, Failure},
    exit::{self, Exit},
    judging::judge,
    project,
    report::{
        remark::Severity,
        rules::{Group, REASONS, RULES, Rule},
    },
    terminal::Terminal,
};

/// `stele reference`
#[derive(Debug, Flags)]
#[command(after_help = "Examples:\n  stele reference docs/reference")]
pub struct Reference {
    /// The folder of the pages
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Why a page was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", path.display())]
struct Unwritten {
    path: PathBuf,
    #[source]
    cause: io::Error,
}

impl Explain for Unwritten {}

/// Writes the pages.
pub fn run(args: &Reference, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let pages = [
        ("cli.md", cli()),
        ("differences.md", differences()),
        ("lint.md", lint_rules()),
        ("config.md", config()),
    ];
    for (name, text) in pages {
        let path: &Path = &args.folder.join(name);
        fs::create_dir_all(&args.folder)
            .and_then(|()| fs::write(path, text))
            .map_err(|cause| Unwritten { path: path.to_owned(), cause })?;
        terminal.message(format_args!("wrote {}", path.display()));
    }
    Ok(Exit::Compatible)
}

const GENERATED: &str = "<!-- Written by `stele reference docs/reference` from the code; a test holds it to it. -->\n\n";

fn cli() -> String {
    let mut text =
        format!("{GENERATED}# The command line\n\nWhat every command says to `--help`.\n");
    let _ = write!(text, "\n```\n{}\n```\n", exit::HELP);
    let mut command = Args::command().term_width(100);
    command.build();
    page(&command, &mut text);
    text
}

fn page(command: &clap::Command, text: &mut String) {
    let shown =
        || command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let help = command.clone().render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## `{name}`\n\n```\n{}\n```\n", help.join("\n").trim_end());
    shown().for_each(|inner| page(inner, text));
}

fn differences() -> String {
    let mut text = format!(
        "{GENERATED}# Differences, and the rules that refuse them\n\n\
         A *difference* is one change at one place. It is a fact, and does not know whether it breaks anybody; `stele diff` lists\n\
         them. A *rule* is why a level refuses a schema. References are followed: a definition that was moved, renamed or inlined is\n\
         no difference.\n\n\
         Under each heading stands what ADDITIONS_ONLY, the default, makes of the example. A step is *neutral* where both schemas are\n\
         proved to say strictly the same, declare the same names at every place, and no `default` changed; then nothing is refused.\n\
         TRANSLATABLE judges the same way, and lets in what is refused if it ships with a lens that holds. The other levels ask only\n\
         whether an event breaks in the directions they name.\n",
    );
    for (group, heading) in [
        (Group::Difference, "Kinds of differences"),
        (Group::Placement, "Where a new property may stand"),
        (Group::Direction, "Where an event breaks"),
        (Group::Versions, "What may happen to the versions of a subject"),
    ] {
        let _ = write!(text, "\n## {heading}\n");
        for rule in RULES.iter().filter(|rule| rule.group == group) {
            section(rule, &mut text);
        }
    }
    text.push_str("\n## Why a direction is undecided\n\n| reason | meaning |\n|---|---|\n");
    for (code, meaning) in REASONS {
        let _ = writeln!(text, "| `{code}` | {meaning} |");
    }
    text
}

fn section(rule: &Rule, text: &mut String) {
    let _ = write!(text, "\n### {}\n\n{}.\n", rule.id, sentence(rule.meaning));
    if let Some((old, new)) = rule.example {
        let _ = write!(text, "\n```diff\n- {old}\n+ {new}\n```\n");
        let read = |text: &str| Schema::read(text).parse().ok();
        if let (Some(old), Some(new)) = (read(old), read(new)) {
            let answer = judge(&old, &new, Level::AdditionsOnly, ContentModel::Event);
            let verdict = if answer.accepted {
                format!("let in, as a {}", format!("{:?}", answer.release).to_lowercase())
            } else {
                let rules: Vec<String> =
                    answer.refusals.iter().map(|refused| format!("`{}`", refused.rule)).collect();
                format!("refused by {}", rules.join(", "))
            };
            let _ = write!(text, "\nADDITIONS_ONLY: {verdict}.");
            for (way, direction) in
                [("old", &answer.directions.backward), ("new", &answer.directions.forward)]
            {
                if let Some(witness) = &direction.witness {
                    let _ = write!(text, " This {way} event breaks: `{}`.", witness.event);
                }
            }
            text.push('\n');
        }
    }
    let _ = write!(text, "\nInstead: {}.\n", rule.instead);
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn lint_rules() -> String {
    let mut text = format!(
        "{GENERATED}# What `stele lint` looks for\n\n\
         A rule is turned off for one run by `--off ID`, and for a project by `lint: {{off: [ID]}}` in stele.yaml.\n",
    );
    for rule in lint::RULES {
        let weight = match rule.severity {
            Severity::Error => "an error",
            Severity::Warning => "a warning",
            Severity::Note => "a note",
        };
        let _ = write!(
            text,
            "\n## {}\n\n{}: {}. {}.\n\n```json\n{}\n```\n\nInstead: {}.\n",
            rule.id,
            sentence(weight),
            rule.meaning,
            sentence(rule.because),
            rule.example,
            rule.instead
        );
    }
    text
}

fn config() -> String {
    let mut text = format!(
        "{GENERATED}# Settings\n\n\
         A flag goes before the environment, the environment before `stele.yaml`, and that before the file of the user\n\
         (`stele/config.yaml` in `$XDG_CONFIG_HOME`, or in `~/.config`). `stele config` shows what is in effect and where each value\n\
         came from. Of the level and the content model the subject has a word of its own: `subject.yaml` beside its versions goes\n\
         before `stele.yaml`, and what a registry says of it before both.\n\n\
         | setting | flag | variable | in stele.yaml | where nobody says |\n|---|---|---|---|---|\n",
    );
    for (name, variable, default) in project::SETTINGS {
        let key = name.replace('-', "_");
        let key =
            if name == "color" { "(file of the user only)".to_owned() } else { format!("`{key}`") };
        let _ = writeln!(text, "| {name} | `--{name}` | `{variable}` | {key} | {default} |");
    }
    text.push_str(
        "\n`NO_COLOR` turns colours off where `--color` says nothing. `STELE_LOG` says what `stele dev` logs.\n\n\
         ## stele.yaml\n\n\
         | key | what |\n|---|---|\n",
    );
    for (key, what) in project::KEYS {
        let _ = writeln!(text, "| `{key}` | {what} |");
    }
    text
}
