//! `stele search`: which subjects and places speak of something, in a registry or in files.

use clap::Args as Flags;
use owo_colors::Style;
use serde::Serialize;
use serde_json::Value;
use stele_client::Client;
use stele_evolution::pointer::Pointer;

use crate::{
    error::Failure,
    exit::Exit,
    flags::Registry,
    report::{Format, json, table},
    source::{self, Document, Place, Subject, registry},
    terminal::Terminal,
};

const EXAMPLES: &str = "\
Examples:
  stele search customer                       # a registry: names of subjects and properties, tags, descriptions
  stele search customer --files schemas
  stele search 'order*id' --files schemas     # in files `*` stands for anything
  stele search order --format json

Upper and lower case are the same. What is searched is the newest version of every subject. Ends with 1 where nothing \
is found.";

/// `stele search`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Search {
    /// What to look for
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Files of this machine instead of a registry: a file, a folder, or git:REVISION
    #[arg(long, value_name = "FOLDER")]
    pub files: Option<Place>,
    /// Where from
    #[command(flatten)]
    pub registry: Registry,
    /// How to show the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// One place that speaks of it.
#[derive(Debug, Serialize)]
struct Hit {
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<stele_evolution::version::Version>,
    /// The place: in files a JSON pointer, empty for the subject itself; in a registry what kind of place.
    #[serde(rename = "in")]
    at: String,
    /// What stands there.
    text: String,
}

/// Searches.
pub async fn run(args: &Search, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (place, hits) = match &args.files {
        Some(place) => in_files(place, &args.text)?,
        None => in_registry(&Client::new(&args.registry.registry)?, &args.text).await?,
    };
    match args.format {
        Format::Json => terminal.result(json::render(&hits)?)?,
        Format::Human if hits.is_empty() => {
            terminal.message(format_args!("nothing in {place} speaks of `{}`", args.text));
        }
        Format::Human => {
            let plain = Style::new();
            let rows: Vec<[String; 3]> = hits
                .iter()
                .map(|hit| {
                    let version = hit.version.map(|version| format!("@{version}"));
                    let subject = format!("{}{}", hit.subject, version.unwrap_or_default());
                    [subject, hit.at.clone(), hit.text.clone()]
                })
                .collect();
            terminal.result(table::render(
                ["subject", "in", "text"],
                [plain.bold(), plain, plain.dimmed()],
                &rows,
            ))?;
        }
    }
    Ok(if hits.is_empty() { Exit::Breaking } else { Exit::Compatible })
}

/// The registry knows best where its words are.
async fn in_registry(client: &Client, text: &str) -> Result<(String, Vec<Hit>), Failure> {
    let found = client.search(text).await?;
    let hits = found.hits.into_iter().flat_map(|hit| {
        let (subject, version) = (hit.subject.to_string(), hit.latest);
        hit.matches.into_iter().map(move |it| Hit {
            subject: subject.clone(),
            version,
            at: serde_json::to_value(it.place)
                .ok()
                .and_then(|place| place.as_str().map(str::to_owned))
                .unwrap_or_default(),
            text: it.text,
        })
    });
    Ok((registry::source_name(client), hits.collect()))
}

fn in_files(place: &Place, text: &str) -> Result<(String, Vec<Hit>), Failure> {
    let source = source::read(place, None, &source::Reading::default())?;
    let wanted = Wanted::new(text);
    let mut hits = Vec::new();
    for subject in &source.subjects {
        search(subject, &wanted, &mut hits)?;
    }
    Ok((source.name, hits))
}

/// A text to look for, in parts between which anything may stand.
struct Wanted(Vec<String>);

impl Wanted {
    fn new(text: &str) -> Self {
        Wanted(text.to_lowercase().split('*').map(str::to_owned).collect())
    }

    fn is_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut rest = text.as_str();
        self.0.iter().all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

fn search(subject: &Subject, wanted: &Wanted, hits: &mut Vec<Hit>) -> Result<(), Failure> {
    let newest = subject.documents.last();
    let version = newest.and_then(|document| document.version);
    let hit = |at: &Pointer, text: String| Hit {
        subject: subject.name.clone(),
        version,
        at: at.to_string(),
        text,
    };
    let about = [&subject.settings.description, &subject.settings.owner].into_iter().flatten();
    if wanted.is_in(&subject.name) || about.clone().any(|text| wanted.is_in(text)) {
        let text = about.cloned().collect::<Vec<_>>().join("; ");
        hits.push(hit(&Pointer::root(), text));
    }
    if let Some(document) = newest {
        let mut places = Vec::new();
        walk(&schema(document)?, &Pointer::root(), wanted, &mut places);
        hits.extend(places.into_iter().map(|(at, text)| hit(&at, text)));
    }
    Ok(())
}

fn schema(document: &Document) -> Result<Value, Failure> {
    Ok(document.schema()?.value().clone())
}

/// The most of a text that is shown.
const SHOWN: usize = 60;

fn walk(value: &Value, at: &Pointer, wanted: &Wanted, places: &mut Vec<(Pointer, String)>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let place = at.child(name.clone());
                let is_property = at.tokens().last().is_some_and(|last| last == "properties");
                if is_property && wanted.is_in(name) {
                    let told = inner.get("description").or_else(|| inner.get("type"));
                    let told = told.and_then(Value::as_str).unwrap_or_default();
                    places.push((place.clone(), told.chars().take(SHOWN).collect()));
                }
                walk(inner, &place, wanted, places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &at.child(index.to_string()), wanted, places);
            }
        }
        Value::String(text) => {
            let keyword = at.tokens().iter().rev().find(|token| token.parse::<usize>().is_err());
            let speaks = ["title", "description", "const", "enum", "$comment", "examples"];
            if keyword.is_some_and(|it| speaks.contains(&it.as_str())) && wanted.is_in(text) {
                places.push((at.clone(), text.chars().take(SHOWN).collect()));
            }
        }
        _ => {}
    }
}
