//! `stele lint`: what is allowed in a schema, and still better said otherwise.

pub mod rules;

use std::collections::BTreeSet;

use clap::{Args as Flags, ValueEnum};
use owo_colors::{OwoColorize, Style};
use serde::Serialize;

use self::rules::Said;
use super::Around;
use crate::{
    error::Failure,
    exit::Exit,
    flags::{Reading, Showing},
    report::{
        excerpt::{Excerpt, Excerpts, Places},
        page::Page,
        remark::{Case, Remark, Severity},
        snippet,
    },
    showing::Shown,
    source::{self, Place, Subject},
    terminal::{Terminal, printable},
};

const EXAMPLES: &str = "\
Examples:
  stele lint                                  # the newest version of every subject
  stele lint schemas/orders
  stele lint --off description-missing --fail-on never
  stele lint --format sarif --output lint.sarif

Every rule has an id and a section in docs/reference/lint.md. `lint: {off: [ID]}` in stele.yaml turns one off for all.";

/// `stele lint`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Lint {
    /// What to look at: a file, a folder, `-`, or git:REVISION [default: as stele.yaml says, else schemas, else .]
    #[arg(value_name = "SCHEMAS")]
    pub schemas: Option<Place>,
    /// A rule that is off; may be said several times
    #[arg(long, value_name = "ID", value_parser = rules::id)]
    pub off: Vec<String>,
    /// All versions, not only the newest
    #[arg(long)]
    pub all: bool,
    /// What ends with 1
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub fail_on: Grave,
    /// How to read
    #[command(flatten)]
    pub reading: Reading,
    /// How to show the result
    #[command(flatten)]
    pub showing: Showing,
}

/// What ends with a code other than 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Grave {
    /// Nothing
    Never,
    /// What is wrong in all likelihood
    #[default]
    Error,
    /// Also what is only unwise
    Warning,
}

/// What was found in one version, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Linted {
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<stele_evolution::version::Version>,
    origin: String,
    said: Vec<Said>,
    #[serde(skip)]
    context: Option<String>,
    #[serde(skip)]
    places: Vec<Option<Excerpt>>,
}

/// Looks at the schemas, and shows what could be better.
pub fn run(args: &Lint, around: &Around, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let place = args.schemas.clone().unwrap_or_else(|| super::check::usual(around));
    let source = source::read(&place, None, &source::Reading::from(&args.reading))?;
    let mut off: BTreeSet<&str> = args.off.iter().map(String::as_str).collect();
    off.extend(around.project.iter().flat_map(|project| &project.lint.off).map(String::as_str));
    let mut linted = Vec::new();
    for subject in &source.subjects {
        linted.extend(lint(subject, &off, args.all)?);
    }
    let shown = Shown {
        human: &|width| render(&linted, width),
        json: &linted,
        cases: &|| linted.iter().map(case).collect(),
        report: None,
    };
    args.showing.show(&shown, terminal)?;
    let worst = linted.iter().flat_map(|it| &it.said).map(Said::severity).max();
    Ok(match (args.fail_on, worst) {
        (Grave::Error, Some(Severity::Error))
        | (Grave::Warning, Some(Severity::Error | Severity::Warning)) => Exit::Breaking,
        _ => Exit::Compatible,
    })
}

fn lint(subject: &Subject, off: &BTreeSet<&str>, all: bool) -> Result<Vec<Linted>, Failure> {
    let newest = subject.documents.len().saturating_sub(1);
    let mut linted = Vec::new();
    for document in subject.documents.iter().skip(if all { 0 } else { newest }) {
        let schema = document.schema()?;
        let mut said = rules::look(&subject.name, schema.value());
        said.retain(|said| !off.contains(said.rule));
        let excerpts = Excerpts::of(document);
        let places =
            said.iter().map(|said| excerpts.as_ref().and_then(|it| it.at(&said.at))).collect();
        linted.push(Linted {
            subject: subject.name.clone(),
            version: document.version,
            origin: document.origin.clone(),
            context: subject.context.clone(),
            said,
            places,
        });
    }
    Ok(linted)
}

fn case(linted: &Linted) -> Case {
    let version = linted.version.map(|version| format!(" {version}")).unwrap_or_default();
    let remarks = linted.said.iter().zip(&linted.places).map(|(said, place)| Remark {
        severity: said.severity(),
        rule: said.rule.to_owned(),
        at: said.at.clone(),
        text: said.text.clone(),
        instead: Some(said.instead().to_owned()),
        place: place.clone(),
        before: None,
    });
    Case {
        title: format!("{}{version}", linted.subject),
        context: linted.context.clone(),
        origin: Some(linted.origin.clone()),
        passes: linted.said.iter().all(|said| said.severity() != Severity::Error),
        remarks: remarks.collect(),
        state: if linted.said.is_empty() { "clean" } else { "linted" },
    }
}

fn render(linted: &[Linted], width: usize) -> String {
    let mut page = Page::new(width);
    let mut count = 0_usize;
    for Linted { subject, version, said, places, .. } in linted {
        let version = version.map(|version| format!(" {version}")).unwrap_or_default();
        for (said, place) in said.iter().zip(places) {
            count += 1;
            let (word, style) = match said.severity() {
                Severity::Error => ("error", Style::new().red().bold()),
                Severity::Warning => ("warning", Style::new().yellow().bold()),
                Severity::Note => ("note", Style::new().cyan()),
            };
            page.gap();
            let title = format!("{}{version}", printable(subject).bold());
            page.line(0, &format!("{:<10} {title}  {}", word.style(style), said.rule.yellow()));
            page.paragraph(2, "", Style::new(), &said.text);
            let places = Places { old: None, new: place.clone() };
            if let Some(source) = snippet::render(&places, page.room(2)) {
                page.block(2, &source);
            }
            page.paragraph(2, "instead:", Style::new().cyan(), said.instead());
        }
    }
    page.gap();
    let what = if linted.len() == 1 { "schema" } else { "schemas" };
    let found = if count == 0 { "nothing to say".to_owned() } else { format!("{count} found") };
    page.line(0, &format!("{found} in {} {what}", linted.len()));
    page.into_text()
}
