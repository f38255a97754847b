//! `stele history`: the versions of a subject as a timeline, and what each of them changed.

use clap::Args as Flags;
use owo_colors::{OwoColorize, Style};
use serde::Serialize;
use stele_client::Client;
use stele_evolution::{
    containment::ContentModel,
    difference::Difference,
    policy::{Bump, Level},
    version::{Release, Version},
};

use crate::{
    error::Failure,
    exit::Exit,
    flags::Registry,
    judging::judge,
    report::{Format, json, page::Page},
    source::{self, Document, Place, SourceError, Subject, registry},
    terminal::{Terminal, printable},
};

const EXAMPLES: &str = "\
Examples:
  stele history OrderPlaced                   # of a registry
  stele history --files schemas/orders/OrderPlaced
  stele history OrderPlaced --format json";

/// `stele history`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
#[group(id = "told", required = true, multiple = false, args = ["subject", "files"])]
pub struct History {
    /// The subject
    #[arg(value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// The folder of a subject on this machine instead, or git:REVISION:PATH
    #[arg(long, value_name = "FOLDER")]
    pub files: Option<Place>,
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// One version and what it changed.
#[derive(Serialize)]
struct Step {
    version: Version,
    release: Release,
    /// How much that is; absent for the first.
    bump: Option<Bump>,
    origin: String,
    differences: Vec<Difference>,
}

/// Shows the timeline.
pub async fn run(args: &History, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (name, documents) = match (&args.files, &args.subject) {
        (Some(place), _) => {
            let mut read = source::read(place, None, &source::Reading::default())?;
            let subject = read.subjects.pop().filter(|_| read.subjects.is_empty());
            let subject = subject.ok_or_else(|| SourceError::Several(read.name.clone()))?;
            (subject.name, subject.documents)
        }
        (None, subject) => {
            let name = subject.clone().unwrap_or_default();
            let client = Client::new(&args.registry.registry)?;
            // Asked by its name first, so that one that is not there is an error.
            client.subject(&registry::name(&name)?).await?;
            let wanted = Subject::new(name.clone(), name.clone(), None, Vec::new());
            let read = registry::read(&client, &[wanted]).await?;
            (name, read.subjects.into_iter().flat_map(|known| known.documents).collect())
        }
    };
    let steps = steps(&documents)?;
    terminal.result(match args.format {
        Format::Json => json::render(&steps)?,
        Format::Human => render(&name, &steps, terminal.width()),
    })?;
    Ok(Exit::Compatible)
}

fn steps(documents: &[Document]) -> Result<Vec<Step>, Failure> {
    let mut steps: Vec<Step> = Vec::new();
    let mut before: Option<&Document> = None;
    let mut number = Version::FIRST;
    for document in documents {
        let judged = match before {
            None => None,
            Some(old) => {
                let (old, new) = (old.schema()?, document.schema()?);
                Some(judge(&old, &new, Level::AdditionsOnly, ContentModel::Event))
            }
        };
        let last = steps.last().map(|step| &step.release);
        let worked_out = match &judged {
            Some(judged) => judged.release.after(last),
            None => Release::new(1, 0, 0),
        };
        steps.push(Step {
            version: document.version.unwrap_or(number),
            release: document.release.clone().unwrap_or(worked_out),
            bump: judged.as_ref().map(|judged| judged.release),
            origin: document.origin.clone(),
            differences: judged.map(|judged| judged.differences).unwrap_or_default(),
        });
        number = number.next();
        before = Some(document);
    }
    Ok(steps)
}

fn render(name: &str, steps: &[Step], width: usize) -> String {
    let mut page = Page::new(width);
    page.line(0, &printable(name).bold().to_string());
    for step in steps {
        let (word, style) = match step.bump {
            None => ("the first version", Style::new().dimmed()),
            Some(Bump::Patch) => ("patch", Style::new().green()),
            Some(Bump::Minor) => ("minor", Style::new().green()),
            Some(Bump::Major) => ("major", Style::new().red()),
        };
        let release = step.release.to_string();
        page.line(0, &format!("  {} {}  {}", step.version.bold(), release, word.style(style)));
        for told in &step.differences {
            let style = match (told.addition, &told.new) {
                (true, _) => Style::new().green(),
                (false, None) => Style::new().red(),
                (false, Some(_)) => Style::new().yellow(),
            };
            let sign = match (told.addition, &told.new) {
                (true, _) => "+",
                (false, None) => "-",
                (false, Some(_)) => "~",
            };
            let at = told.at.to_string();
            let at = if at.is_empty() { "the root".to_owned() } else { at };
            page.paragraph(6, sign, style, &format!("{at}: {}", told.why));
        }
    }
    page.into_text()
}
