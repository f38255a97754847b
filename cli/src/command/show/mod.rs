//! `stele show`: a subject, one of its versions, or a file.
//!
//! A schema goes to stdout and what is said about it to stderr, so that `stele show A@2 > a.json` writes a schema.

pub mod args;

use std::fmt::Write;

use owo_colors::{OwoColorize, Style};
use stele_api::{selector::Selector, stream::SubjectResource, version::EdgeKind};
use stele_client::Client;
use stele_evolution::schema::Schema;

use self::args::Show;
use super::list::kind;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    pretty,
    report::{Format, human, json, table},
    source::{self, Place, SourceError, registry},
    terminal::{Terminal, printable},
};

/// Why a version cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` does not say which version")]
struct SelectionError {
    text: String,
    #[source]
    cause: stele_api::selector::SelectorError,
}

impl Explain for SelectionError {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new(
            "say it as `OrderPlaced@3`, `OrderPlaced@1.2.0`, `OrderPlaced@^1` or `OrderPlaced@latest`",
        ))
    }
}

/// Shows what was named.
pub async fn run(args: &Show, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match (&args.file, &args.subject) {
        (Some(place), _) => file(args, place, terminal),
        (None, Some(named)) => match named.rsplit_once('@') {
            Some((subject, version)) => self::version(args, subject, version, terminal).await,
            None => subject(args, named, terminal).await,
        },
        // The command line asks for one of the two.
        (None, None) => Ok(Exit::Usage),
    }
}

fn file(args: &Show, place: &Place, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let source = source::read(place, None, &source::Reading::default())?;
    let (subject, document) =
        source.only().ok_or_else(|| SourceError::Several(source.name.clone()))?;
    let schema = document.schema()?;
    if args.format == Format::Json {
        terminal.result(format_args!("{}\n", schema.canonical()))?;
        return Ok(Exit::Compatible);
    }
    about(terminal, &subject.name, &schema);
    terminal.result(pretty::render(schema.canonical()))?;
    Ok(Exit::Compatible)
}

async fn version(
    args: &Show,
    subject: &str,
    version: &str,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let selector: Selector = version
        .parse()
        .map_err(|cause| SelectionError { text: format!("{subject}@{version}"), cause })?;
    let client = Client::new(&args.registry.registry)?;
    let found = client.version(&registry::name(subject)?, &selector).await?;
    if args.format == Format::Json {
        terminal.result(json::render(&found)?)?;
        return Ok(Exit::Compatible);
    }
    terminal.message(format_args!(
        "{} version {}, release {}, id {}",
        found.subject.bold(),
        found.version,
        found.release,
        found.global_id.number()
    ));
    terminal.message(format_args!("fingerprint {}", found.fingerprint));
    terminal.result(pretty::render(found.schema.as_str()))?;
    Ok(Exit::Compatible)
}

async fn subject(args: &Show, named: &str, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let client = Client::new(&args.registry.registry)?;
    let found = client.subject(&registry::name(named)?).await?;
    terminal.result(match args.format {
        Format::Json => json::render(&found)?,
        Format::Human => overview(&found),
    })?;
    Ok(Exit::Compatible)
}

fn overview(found: &SubjectResource) -> String {
    let mut text = format!("{} ({})\n", found.subject.bold(), kind(found.kind));
    let mut line = |label: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {} {}", format!("{label:<12}").dimmed(), printable(value));
    };
    found.description.iter().for_each(|it| line("description", it));
    found.owner.iter().for_each(|it| line("owner", it));
    let model = human::model(found.policy.content_model);
    line("policy", &format!("{} in the {model} model", found.policy.compatibility));
    let rows: Vec<[String; 4]> = found
        .versions
        .iter()
        .map(|version| {
            let edge = match version.edge {
                None => "",
                Some(EdgeKind::Addition) => "an addition",
                Some(EdgeKind::Lens) => "by a lens",
            };
            [
                version.version.to_string(),
                version.release.to_string(),
                version.global_id.number().to_string(),
                edge.to_owned(),
            ]
        })
        .collect();
    text.push('\n');
    text.push_str(&table::render(
        ["version", "release", "id", "reached"],
        [Style::new(); 4],
        &rows,
    ));
    text
}

fn about(terminal: &mut Terminal, name: &str, schema: &Schema) {
    terminal.message(format_args!("{}, {}", name.bold(), schema.dialect().uri()));
    terminal.message(format_args!("fingerprint {}", schema.fingerprint()));
}
