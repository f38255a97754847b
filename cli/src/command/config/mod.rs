//! `stele config`: what is in effect where no flag is given, and where each value came from.

use clap::Args as Flags;
use owo_colors::Style;
use serde::Serialize;

use super::Around;
use crate::{
    error::Failure,
    exit::Exit,
    project::{Origin, Setting, effective},
    report::{Format, json, table},
    terminal::Terminal,
};

const EXAMPLES: &str = "\
Examples:
  stele config
  stele config --format json

A flag goes before the environment, the environment before stele.yaml, and that before the file of the user \
(stele/config.yaml in $XDG_CONFIG_HOME, or in ~/.config).";

/// `stele config`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Config {
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What is in effect, for programs.
#[derive(Serialize)]
struct Shown {
    settings: Vec<Setting>,
    waivers: usize,
}

/// Shows the settings.
pub fn run(args: &Config, around: &Around, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let project = around.project.as_ref();
    let settings = effective(project)?;
    let waivers = project.map_or(0, |project| project.waivers.len());
    if args.format == Format::Json {
        terminal.result(json::render(&Shown { settings, waivers })?)?;
        return Ok(Exit::Compatible);
    }
    let rows: Vec<[String; 3]> = settings
        .into_iter()
        .map(|setting| {
            let from = match setting.from {
                Origin::Environment(variable) => variable.to_owned(),
                Origin::Project(path) | Origin::User(path) => path,
                Origin::Default => "default".to_owned(),
            };
            [setting.name.to_owned(), setting.value, from]
        })
        .collect();
    let plain = Style::new();
    terminal.result(table::render(
        ["setting", "value", "from"],
        [plain.bold(), plain, plain.dimmed()],
        &rows,
    ))?;
    for waiver in project.iter().flat_map(|project| &project.waivers) {
        terminal.result(format_args!(
            "\nwaiver of `{}` for `{}` by {} until {}: {}\n",
            waiver.rule, waiver.subject, waiver.who, waiver.until, waiver.why
        ))?;
    }
    Ok(Exit::Compatible)
}
