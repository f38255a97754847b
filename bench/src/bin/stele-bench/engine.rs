//! The engine beside `jsonschema::canonical` alone: the same pairs, the same run, both from the text on.
//!
//! The pairs are the retail schemas and every single edit of them that [`edit::edits`] knows, in both directions.

mod edit;
mod hostile;

use std::{fs, path::Path};

use jsonschema::canonical::{self, Containment};
use serde_json::Value;
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    schema::Schema,
};

use crate::bar::{Bar, Effort, in_turns, timed};

/// A writer's schema and a reader's, as texts.
type Pair = (String, String);

/// What a prover says of all pairs.
#[derive(Debug, Default, Clone, Copy)]
struct Answers {
    yes: u32,
    no: u32,
    unknown: u32,
}

pub fn measure(effort: Effort) -> Vec<Bar> {
    let pairs = pairs();
    let (mut ours, mut theirs) = (Answers::default(), Answers::default());
    let rounds = if effort == Effort::Quick { 3 } else { 15 };
    let (our_time, their_time) =
        in_turns(rounds, || ours = answers(&pairs, engine), || theirs = answers(&pairs, alone));
    let all = f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
    for (name, said, time) in [("engine", ours, our_time), ("canonical", theirs, their_time)] {
        println!(
            "{name:10} {} pairs: yes {}, no {}, unknown {}; {:.1} us a pair",
            pairs.len(),
            said.yes,
            said.no,
            said.unknown,
            time.as_secs_f64() * 1e6 / all
        );
    }
    let reading = timed(|| {
        answers(&pairs, read_only);
    });
    println!(
        "{:10} of which reading the two texts: {:.1} us",
        "engine",
        reading.as_secs_f64() * 1e6 / all
    );
    let longest = hostile::longest();
    let decided = |said: Answers| f64::from(said.yes + said.no);
    vec![
        Bar::at_most("engine.undecided", f64::from(ours.unknown) / all, 0.02),
        Bar::at_least("engine.decided_to_canonical", decided(ours) / decided(theirs), 1.0),
        Bar::at_least(
            "engine.speed_to_canonical",
            their_time.as_secs_f64() / our_time.as_secs_f64(),
            1.0,
        ),
        Bar::at_most("engine.hostile_seconds", longest.as_secs_f64(), 2.0),
    ]
}

fn answers(pairs: &[Pair], prover: impl Fn(&Pair) -> Option<bool>) -> Answers {
    let mut answers = Answers::default();
    for pair in pairs {
        match prover(pair) {
            Some(true) => answers.yes += 1,
            Some(false) => answers.no += 1,
            None => answers.unknown += 1,
        }
    }
    answers
}

/// Our verdict, with its witness where it is "no".
fn engine((writer, reader): &Pair) -> Option<bool> {
    let read = |text: &str| Schema::read(text).parse().ok();
    let (writer, reader) = (read(writer)?, read(reader)?);
    match contains(&writer, &reader, ContentModel::Strict, &Budget::steps(2_000_000)) {
        Verdict::Compatible(_) => Some(true),
        Verdict::Breaking(_) => Some(false),
        Verdict::Undecided(_) => None,
    }
}

/// Both schemas read and their validators compiled, and nothing asked of them.
fn read_only((writer, reader): &Pair) -> Option<bool> {
    let read = |text: &str| Schema::read(text).parse().ok();
    read(writer).zip(read(reader)).map(|_| true)
}

/// What `jsonschema::canonical` says; it has no witness to give.
fn alone((writer, reader): &Pair) -> Option<bool> {
    let form = |text: &str| {
        let schema: Value = serde_json::from_str(text).ok()?;
        canonical::options().offline().canonicalize(&schema).ok()
    };
    match form(reader)?.covers(&form(writer)?) {
        Ok(Containment::Yes) => Some(true),
        Ok(Containment::No) => Some(false),
        _ => None,
    }
}

fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut files = Vec::new();
    schemas(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/retail"), &mut files);
    for schema in files {
        let old = schema.to_string();
        for edited in edit::edits(&schema) {
            let new = edited.to_string();
            pairs.push((old.clone(), new.clone()));
            pairs.push((new, old.clone()));
        }
    }
    pairs
}

/// Every `<n>.json` below a folder, in the order of their names.
fn schemas(folder: &Path, found: &mut Vec<Value>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("examples") {
            schemas(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            found.extend(serde_json::from_str::<Value>(&text));
        }
    }
}
