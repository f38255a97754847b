//! Showing a result: once on standard output, and as often as asked for in files, each in its own format.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    error::{Explain, Failure, Hint},
    flags::Showing,
    report::{Style, github, gitlab, json, junit, markdown, model::Report, remark::Case, sarif},
    source::git::Repository,
    terminal::{DEFAULT_WIDTH, Terminal},
};

/// A result, in every way it can be shown.
pub struct Shown<'r, T> {
    /// For people, as wide as said.
    pub human: &'r dyn Fn(usize) -> String,
    /// For programs.
    pub json: &'r T,
    /// What the reports for machines are made of.
    pub cases: &'r dyn Fn() -> Vec<Case>,
    /// The report of a check, where it is one.
    pub report: Option<&'r Report>,
}

/// A format and the file it goes to.
#[derive(Debug, Clone)]
pub struct ToFile {
    style: Style,
    file: PathBuf,
}

impl FromStr for ToFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (style, file) = text
            .split_once('=')
            .ok_or_else(|| "expected a format and a file, as `sarif=stele.sarif`".to_owned())?;
        let style = Style::from_str(style, true).map_err(|_| {
            let names: Vec<String> = Style::value_variants()
                .iter()
                .filter_map(|style| Some(style.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("expected one of {} before the `=`", names.join(", "))
        })?;
        Ok(ToFile { style, file: PathBuf::from(file) })
    }
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", file.display())]
pub struct Unwritten {
    file: PathBuf,
    #[source]
    cause: io::Error,
}

impl Explain for Unwritten {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("name a file in a folder that is there"))
    }
}

impl Showing {
    /// Shows a result as the flags say.
    pub fn show<T: Serialize>(
        &self,
        shown: &Shown<'_, T>,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        for ToFile { style, file } in &self.reports {
            write(file, &text(*style, shown, DEFAULT_WIDTH)?)?;
        }
        let width = if self.output.is_some() { DEFAULT_WIDTH } else { terminal.width() };
        let text = text(self.format, shown, width)?;
        match &self.output {
            Some(file) => write(file, &text)?,
            None => terminal.result(text)?,
        }
        if self.format == Style::Github {
            summarise(shown)?;
        }
        Ok(())
    }
}

fn text<T: Serialize>(style: Style, shown: &Shown<'_, T>, width: usize) -> Result<String, Failure> {
    let cases = || (shown.cases)();
    Ok(match style {
        Style::Human => (shown.human)(width),
        Style::Json => json::render(shown.json)?,
        Style::Sarif => json::render(&sarif::render(&cases(), &prefix()))?,
        Style::Junit => junit::render(&cases())?,
        Style::Github => github::render(&cases(), &prefix()),
        Style::Gitlab => json::render(&gitlab::render(&cases(), &prefix()))?,
        Style::Markdown => as_markdown(shown),
    })
}

fn as_markdown<T>(shown: &Shown<'_, T>) -> String {
    let cases = (shown.cases)();
    match shown.report {
        Some(report) => markdown::render(report, &cases),
        None => markdown::cases(&cases),
    }
}

/// In a workflow of GitHub the step has a summary beside its annotations.
fn summarise<T>(shown: &Shown<'_, T>) -> Result<(), Failure> {
    let Some(file) = env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    let file = PathBuf::from(file);
    let unwritten = |cause| Unwritten { file: file.clone(), cause };
    let mut opened = OpenOptions::new().create(true).append(true).open(&file).map_err(unwritten)?;
    opened.write_all(as_markdown(shown).as_bytes()).map_err(unwritten)?;
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), Unwritten> {
    let plain = anstream::adapter::strip_str(text).to_string();
    fs::write(file, plain).map_err(|cause| Unwritten { file: file.to_owned(), cause })
}

/// What leads from the root of the repository to the current folder; nothing outside of one.
fn prefix() -> String {
    let here = Path::new(".");
    let repository = Repository::around(here);
    repository.and_then(|repository| repository.relative(here)).unwrap_or_default()
}
