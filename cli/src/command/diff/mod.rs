//! `stele diff`: what changed, as facts.

pub mod args;

use stele_api::selector::Selector;
use stele_evolution::{containment::ContentModel, difference::Difference, policy::Level};

use self::args::Diff;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    judging::judge,
    report::{
        excerpt::{Excerpts, Places},
        model::{Changes, Side},
        tree,
    },
    showing::Shown,
    source::{self, Document, Place, PlaceError, Shape, Source, Subject},
    terminal::Terminal,
};

/// Compares the newest version of every subject, and shows what changed.
pub async fn run(args: &Diff, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (old, new) = sides(args)?;
    if (&old, &new) == (&Place::Stdin, &Place::Stdin) {
        return Err(PlaceError::StdinTwice.into());
    }
    let reading = source::Reading::from(&args.reading);
    let url = &args.registry.registry;
    // What is here says which subjects of a registry are meant.
    let (old, new) = if old == Place::Registry {
        let new = source::open(&new, Some(&old), None, &reading, url).await?;
        (source::open(&old, None, Some(&new), &reading, url).await?, new)
    } else {
        let read = source::open(&old, Some(&new), None, &reading, url).await?;
        let new = source::open(&new, Some(&old), Some(&read), &reading, url).await?;
        (read, new)
    };

    let changes = changes(&old, &new)?;

    let shown = Shown {
        human: &|width| tree::render(&changes, width),
        json: &changes,
        cases: &|| changes.iter().map(Changes::case).collect(),
        report: None,
    };
    args.showing.show(&shown, terminal)?;
    if changes.is_empty() {
        terminal.message("no difference");
    }
    Ok(Exit::Compatible)
}

/// What is compared: two places, or two versions of a subject.
fn sides(args: &Diff) -> Result<(Place, Place), Failure> {
    let Some(to) = &args.to else { return Ok((args.old.clone(), args.new.clone())) };
    let (subject, from) = (args.old.to_string(), args.new.to_string());
    let from: Selector =
        from.parse().map_err(|_| NoVersion { text: from.clone(), subject: subject.clone() })?;
    let version =
        |version: Selector| Place::Registered { subject: subject.clone(), version: Some(version) };
    Ok((version(from), version(to.clone())))
}

/// Something that stands where a version does, and is none.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no version of `{subject}`")]
struct NoVersion {
    text: String,
    subject: String,
}

impl Explain for NoVersion {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("say two versions, as `stele diff OrderPlaced 1 3`, or two places"))
    }
}

fn changes(old: &Source, new: &Source) -> Result<Vec<Changes>, Failure> {
    if let (Shape::One, Shape::One, Some((_, before)), Some((subject, after))) =
        (old.shape, new.shape, old.only(), new.only())
    {
        return Ok(vec![change(&subject.name, Some(before), Some(after))?]);
    }
    let same = |known: &&Subject, subject: &Subject| {
        known.key == subject.key || known.name == subject.name
    };
    let mut changes = Vec::new();
    for subject in &new.subjects {
        let before = old.subjects.iter().find(|known| same(known, subject));
        let before = before.and_then(|known| known.documents.last());
        let Some(after) = subject.documents.last() else { continue };
        if let Some(before) = before
            && before.same(after)?
        {
            continue;
        }
        changes.push(change(&subject.name, before, Some(after))?);
    }
    let gone = old
        .subjects
        .iter()
        .filter(|known| new.shape != Shape::One && !new.subjects.iter().any(|it| same(known, it)));
    for known in gone {
        changes.push(change(&known.name, known.documents.last(), None)?);
    }
    Ok(changes)
}

fn change(
    subject: &str,
    old: Option<&Document>,
    new: Option<&Document>,
) -> Result<Changes, Failure> {
    let step = match (old, new) {
        (Some(old), Some(new)) => {
            let (old, new) = (old.schema()?, new.schema()?);
            Some(judge(&old, &new, Level::AdditionsOnly, ContentModel::Event))
        }
        _ => None,
    };
    let side =
        |document: &Document| Side { version: document.version, origin: document.origin.clone() };
    let differences = step.as_ref().map(|step| step.differences.clone()).unwrap_or_default();
    let (before, after) = (old.and_then(Excerpts::of), new.and_then(Excerpts::of));
    let at = |excerpts: &Option<Excerpts>, at: &str| {
        excerpts.as_ref()?.at(at).filter(|excerpt| excerpt.exact)
    };
    let place = |told: &Difference| {
        let pointer = told.at.to_string();
        Places { old: at(&before, &pointer), new: at(&after, &pointer) }
    };
    Ok(Changes {
        subject: subject.to_owned(),
        old: old.map(side),
        new: new.map(side),
        release: step.map(|step| step.release),
        places: differences.iter().map(place).collect(),
        differences,
    })
}
