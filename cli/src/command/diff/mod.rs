//! `stele diff`: what changed, as facts.

pub mod args;

use stele_evolution::{containment::ContentModel, policy::Level};

use self::args::Diff;
use crate::{
    error::Failure,
    exit::Exit,
    judging::judge,
    report::{
        Format, json,
        model::{Changes, Side},
        tree,
    },
    source::{self, Document, Place, PlaceError, Shape, Source, Subject},
    terminal::Terminal,
};

/// Compares the newest version of every subject, and shows what changed.
pub fn run(args: &Diff, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if (&args.old, &args.new) == (&Place::Stdin, &Place::Stdin) {
        return Err(PlaceError::StdinTwice.into());
    }
    let reading = source::Reading::from(&args.reading);
    let new = source::read(&args.new, Some(&args.old), &reading)?;
    let old = source::read(&args.old, Some(&args.new), &reading)?;

    let changes = changes(&old, &new);

    terminal.result(match args.format {
        Format::Human => tree::render(&changes, terminal.width()),
        Format::Json => json::render(&changes)?,
    })?;
    if changes.is_empty() {
        terminal.message("no difference");
    }
    Ok(Exit::Compatible)
}

fn changes(old: &Source, new: &Source) -> Vec<Changes> {
    if let (Shape::One, Shape::One, Some((_, before)), Some((subject, after))) =
        (old.shape, new.shape, old.only(), new.only())
    {
        return vec![change(&subject.name, Some(before), Some(after))];
    }
    let same = |known: &&Subject, subject: &Subject| {
        known.key == subject.key || known.name == subject.name
    };
    let changed = new.subjects.iter().filter_map(|subject| {
        let before = old.subjects.iter().find(|known| same(known, subject));
        let before = before.and_then(|known| known.documents.last());
        let after = subject.documents.last()?;
        let alike = |before: &Document| before.schema.fingerprint() == after.schema.fingerprint();
        (!before.is_some_and(alike)).then(|| change(&subject.name, before, Some(after)))
    });
    let gone = old
        .subjects
        .iter()
        .filter(|known| new.shape != Shape::One && !new.subjects.iter().any(|it| same(known, it)))
        .map(|known| change(&known.name, known.documents.last(), None));
    changed.chain(gone).collect()
}

fn change(subject: &str, old: Option<&Document>, new: Option<&Document>) -> Changes {
    let step = old.zip(new).map(|(old, new)| {
        judge(&old.schema, &new.schema, Level::AdditionsOnly, ContentModel::Event)
    });
    let side =
        |document: &Document| Side { version: document.version, origin: document.origin.clone() };
    Changes {
        subject: subject.to_owned(),
        old: old.map(side),
        new: new.map(side),
        release: step.as_ref().map(|step| step.release),
        differences: step.map(|step| step.differences).unwrap_or_default(),
    }
}
