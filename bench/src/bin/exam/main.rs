//! The exam: the engine against folders of real and labelled schema pairs.
//!
//! Every verdict is checked from outside: a Compatible must not meet a stored witness or a label that contradicts it,
//! a Breaking must come with an event that the validator confirms on both sides.

#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

mod event_model;
mod generate;
mod tally;
mod ways;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use serde_json::Value;
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    schema::{Dialect, Schema},
};

use self::{
    tally::Tally,
    ways::{Pair as WayPair, Ways},
};

/// Examine the engine on FOLDER: `pairs.jsonl`, and `witnesses.jsonl` and `events.jsonl` where they are there.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  exam corpora                  every folder below\n  exam --model event corpora/a  one folder, in the event model"
)]
struct Arguments {
    /// A folder with `pairs.jsonl`, or a folder of such folders.
    folder: PathBuf,
    /// The content model.
    #[arg(long, default_value = "strict", value_parser = ["strict", "event"])]
    model: String,
    /// The time one direction may take, in milliseconds.
    #[arg(long, default_value_t = 250)]
    deadline: u64,
    /// In the event model: events of a producer made for every proven pair, each held against the exam's own reader.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    events: usize,
    /// Instead of verdicts: find the way between the versions of every pair, by additions or by a suggested lens, and
    /// send the stored events across and back.
    #[arg(long)]
    lenses: bool,
    /// List every pair that is undecided or wrong.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let model = if arguments.model == "event" { ContentModel::Event } else { ContentModel::Strict };
    let mut wrong = 0;
    let mut sat = 0;
    for folder in folders(&arguments.folder) {
        if arguments.lenses {
            wrong += cross(&folder, arguments.list);
            sat += 1;
            continue;
        }
        for (suite, direction, tally) in examine(&folder, model, &arguments) {
            let failed = tally.wrong + tally.panics;
            println!("{}", tally.line(&suite, direction));
            wrong += failed;
            sat += 1;
        }
    }
    if sat == 0 {
        println!("no pairs.jsonl in `{}` or directly below it", arguments.folder.display());
        return ExitCode::from(2);
    }
    if wrong > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    if folder.join("pairs.jsonl").is_file() {
        return vec![folder.to_owned()];
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("pairs.jsonl").is_file())
        .collect();
    below.sort();
    below
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Subject, old version, new version.
type Pair = (String, String, String);

fn pair(line: &Value) -> Pair {
    let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    (text("subject"), text("old_version"), text("new_version"))
}

fn examine(
    folder: &Path,
    model: ContentModel,
    arguments: &Arguments,
) -> Vec<(String, &'static str, Tally)> {
    let mut stored: HashMap<(Pair, String), Vec<Value>> = HashMap::new();
    for line in lines(&folder.join("witnesses.jsonl")) {
        let direction = line["direction"].as_str().unwrap_or_default().to_owned();
        stored.entry((pair(&line), direction)).or_default().push(line["event"].clone());
    }
    let suite = suite_of(folder);
    let mut backward = Tally::default();
    let mut forward = Tally::default();
    for line in lines(&folder.join("pairs.jsonl")) {
        let (old, new) = (read(&line["old"]), read(&line["new"]));
        let (Ok(old), Ok(new)) = (old, new) else {
            backward.unreadable += 1;
            forward.unreadable += 1;
            continue;
        };
        let key = pair(&line);
        for (name, writer, reader, tally) in
            [("backward", &old, &new, &mut backward), ("forward", &new, &old, &mut forward)]
        {
            let started = Instant::now();
            let deadline = Duration::from_millis(arguments.deadline);
            let late = || started.elapsed() > deadline;
            let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                // No verdict is remembered, but the second direction finds both normal forms read.
                contains(writer, reader, model, &Budget::until(2_000_000, &late))
            }));
            let took = started.elapsed();
            let note = match verdict {
                Err(_) => {
                    tally.panics += 1;
                    Some("panic".to_owned())
                }
                Ok(verdict) => {
                    let refuted = model == ContentModel::Event
                        && verdict.is_compatible()
                        && survives(writer, reader, arguments.events, tally).is_some();
                    let known = stored.get(&(key.clone(), name.to_owned()));
                    let label = (name == "backward").then(|| line["declared"].as_str()).flatten();
                    let note = judge(
                        &verdict,
                        writer,
                        reader,
                        model,
                        known,
                        label.filter(|_| suite == "containment"),
                    );
                    let note = if refuted {
                        Some("WRONG: a generated event of a producer breaks it".to_owned())
                    } else {
                        note
                    };
                    tally.count(
                        &verdict,
                        took,
                        note.as_deref().is_some_and(|note| note.starts_with("WRONG")),
                    );
                    note
                }
            };
            if let Some(note) = note.filter(|_| arguments.list) {
                println!(
                    "  {suite} {name} {} {} -> {}: {note} ({} ms)",
                    key.0,
                    key.1,
                    key.2,
                    took.as_millis()
                );
            }
        }
    }
    vec![(suite.clone(), "backward", backward), (suite, "forward", forward)]
}

/// Events made for each end of a pair, beside those that are stored.
const MADE: usize = 50;

/// Sends the events of a folder across its pairs; answers how many came out wrong.
fn cross(folder: &Path, list: bool) -> usize {
    let stored = ways::stored(&lines(&folder.join("events.jsonl")));
    let mut ways = Ways::default();
    for line in lines(&folder.join("pairs.jsonl")) {
        let (Ok(older), Ok(newer)) = (read(&line["old"]), read(&line["new"])) else { continue };
        let (subject, old, new) = pair(&line);
        let events = |version: String| {
            stored.get(&(subject.clone(), version)).map_or(&[][..], Vec::as_slice)
        };
        let name = format!("{subject} {old} -> {new}");
        let pair = WayPair {
            name,
            older: &older,
            newer: &newer,
            old_events: events(old),
            new_events: events(new),
        };
        ways.cross(&pair, MADE);
    }
    println!("{}", ways.line(&suite_of(folder)));
    for wrong in ways.wrong.iter().filter(|_| list) {
        println!("  {wrong}");
    }
    ways.wrong.len()
}

fn suite_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The first generated event of a producer that breaks a proven pair; what was made is counted.
fn survives(writer: &Schema, reader: &Schema, wanted: usize, tally: &mut Tally) -> Option<Value> {
    if ![writer, reader].into_iter().all(event_model::is_followed) {
        return None;
    }
    let events = generate::producer_events(writer, reader, wanted);
    tally.generated(events.len(), wanted);
    events.into_iter().find(|event| event_model::refutes(writer, reader, event))
}

/// What is to be said of a verdict, from outside: nothing, that it is undecided, or that it is wrong.
fn judge(
    verdict: &Verdict,
    writer: &Schema,
    reader: &Schema,
    model: ContentModel,
    known: Option<&Vec<Value>>,
    label: Option<&str>,
) -> Option<String> {
    match verdict {
        Verdict::Compatible(proof) => {
            let refuted = model == ContentModel::Strict
                && known.is_some_and(|events| {
                    events.iter().any(|event| writer.is_valid(event) && !reader.is_valid(event))
                });
            let contradicted = model == ContentModel::Strict
                && label == Some("breaking")
                && !settled(writer, reader);
            (refuted || contradicted).then(|| {
                format!("WRONG: compatible by {proof:?} against a stored witness or label")
            })
        }
        Verdict::Breaking(witness) => {
            let confirmed = match model {
                ContentModel::Strict => {
                    writer.is_valid(&witness.event) && !reader.is_valid(&witness.event)
                }
                ContentModel::Event => event_model::refutes(writer, reader, &witness.event),
            };
            (!confirmed).then(|| format!("WRONG: the witness {} does not verify", witness.event))
        }
        Verdict::Undecided(doubt) => {
            Some(format!("undecided {:?} at `{}`", doubt.reason, doubt.at))
        }
    }
}

/// Whether the validator alone settles a pair: the writer lists all its events, and the reader takes each of them, whole
/// numbers spelled either way. A label that says otherwise is wrong (some are, where identifiers move).
fn settled(writer: &Schema, reader: &Schema) -> bool {
    let Some(members) = writer.value().as_object() else { return false };
    let listed = match (members.get("enum"), members.get("const")) {
        (Some(Value::Array(values)), None) => values.iter().collect(),
        (None, Some(value)) => vec![value],
        _ => return false,
    };
    listed.into_iter().all(|value| {
        let spelled = respelled(value);
        spelled.len() <= SPELLINGS
            && spelled.iter().all(|value| !writer.is_valid(value) || reader.is_valid(value))
    })
}

/// The most spellings of one value that are tried.
const SPELLINGS: usize = 4_096;

/// The value in every spelling: each of its whole numbers with and without a fraction. More than [`SPELLINGS`] are cut
/// off, after one too many.
fn respelled(value: &Value) -> Vec<Value> {
    let one_more = |before: Vec<Vec<Value>>, part: &Value| -> Vec<Vec<Value>> {
        let spelled = respelled(part);
        let longer = before.iter().flat_map(|before| {
            spelled.iter().map(|value| before.iter().chain([value]).cloned().collect())
        });
        longer.take(SPELLINGS + 1).collect()
    };
    match value {
        Value::Number(number) if !number.as_str().contains(['.', 'e', 'E']) => {
            let other = serde_json::from_str(&format!("{number}.0"));
            std::iter::once(value.clone()).chain(other).collect()
        }
        Value::Array(items) => {
            let all = items.iter().fold(vec![Vec::new()], one_more);
            all.into_iter().map(Value::Array).collect()
        }
        Value::Object(members) => {
            let all = members.values().fold(vec![Vec::new()], one_more);
            let named = |values: Vec<Value>| members.keys().cloned().zip(values).collect();
            all.into_iter().map(|values| Value::Object(named(values))).collect()
        }
        other => vec![other.clone()],
    }
}

fn read(schema: &Value) -> Result<Schema, stele_evolution::schema::SchemaError> {
    let text = schema.to_string();
    // Unmarked schemas of these histories are draft 4 in effect where their keywords say so.
    let old_style =
        text.contains("\"exclusiveMinimum\":true") || text.contains("\"exclusiveMaximum\":true");
    let dialect = if old_style { Dialect::Draft4 } else { Dialect::Draft202012 };
    Schema::read(&text).default_dialect(dialect).parse()
}
