//! `stele check`: is what is new compatible with what is old?

pub mod args;

use std::{
    env,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};
use stele_client::Client;
use stele_evolution::policy::Outcome;

use self::args::{Check, FailOn};
use super::Around;
use crate::{
    asking,
    error::Failure,
    exit::Exit,
    judging::{self, Terms},
    pairing::pair,
    progress::Progress,
    project::waive,
    report::{
        human::{self, Detail},
        model::Report,
    },
    showing::Shown,
    source::{
        self, Place, PlaceError, Source,
        git::{self, GitError},
        registry,
    },
    terminal::Terminal,
};

/// Checks, shows the report, and answers with the worst verdict.
pub async fn run(args: &Check, around: &Around, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let new_place = args.new.clone().unwrap_or_else(|| usual(around));
    let old_place = match &args.against {
        Some(place) => Some(place.clone()),
        None => before(&new_place)?,
    };
    if (&new_place, old_place.as_ref()) == (&Place::Stdin, Some(&Place::Stdin)) {
        return Err(PlaceError::StdinTwice.into());
    }
    let reading = source::Reading::from(&args.reading);
    let url = &args.registry.registry;
    let mut new = source::open(&new_place, old_place.as_ref(), None, &reading, url).await?;
    if new.unread > 0 && !new.is_only_plain() {
        terminal.warning(unread(new.unread, &new.name));
    }
    if let Some(project) = &around.project {
        project.settle(&mut new);
    }

    let terms = Terms::from(&args.judging);
    let (old_name, mut findings) = if old_place == Some(Place::Registry) {
        let client = Client::new(url)?;
        registry::lend(&client, &mut new).await?;
        let old = registry::read(&client, &new.subjects).await?;
        new.hold_to(&old);
        let pairs = pair(&old, &new)?;
        (old.name.clone(), asking::findings(&client, &old, &new, &pairs, terms).await?)
    } else {
        let mut old = match &old_place {
            None => Source::nothing(),
            Some(place) => {
                let old = source::open(place, Some(&new_place), Some(&new), &reading, url).await;
                match old {
                    // What nobody named begins with this change.
                    Err(failure) if args.new.is_none() && failure.is(GitError::is_missing_path) => {
                        Source { name: place.to_string(), ..Source::nothing() }
                    }
                    old => old?,
                }
            }
        };
        if !new.unmet.is_empty() || !old.unmet.is_empty() {
            let client = Client::new(url)?;
            registry::lend(&client, &mut new).await?;
            registry::lend(&client, &mut old).await?;
        }
        let pairs = pair(&old, &new)?;
        let progress = Progress::new("checking", pairs.len(), terminal.is_quiet());
        (old.name.clone(), judging::all(&pairs, terms, &progress)?)
    };
    if let Some(project) = &around.project {
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        for waiver in waive(&project.waivers, &mut findings, today) {
            terminal.detail(format_args!(
                "no break needs the waiver of `{}` for `{}` by {}",
                waiver.rule, waiver.subject, waiver.who
            ));
        }
    }
    let report = Report::new(old_name, new.name, findings);

    let detail = Detail {
        explained: args.explain,
        quiet: terminal.is_quiet(),
        verbose: terminal.is_verbose(),
    };
    let shown = Shown {
        human: &|width| human::render(&report, detail, width),
        json: &report,
        cases: &|| report.cases(),
        report: Some(&report),
    };
    args.showing.show(&shown, terminal)?;
    Ok(exit(&report, args.fail_on))
}

/// What is checked where nobody says: what `stele.yaml` names, or `schemas`, or all that is here.
pub(super) fn usual(around: &Around) -> Place {
    if let Some(project) = &around.project {
        return Place::Path(project.folder());
    }
    let usual = Path::new("schemas");
    Place::Path(if usual.is_dir() { usual.to_owned() } else { PathBuf::from(".") })
}

/// What it is held against where nobody says; nothing before the first commit.
fn before(new: &Place) -> Result<Option<Place>, Failure> {
    let here = match new {
        Place::Path(path) => path.clone(),
        _ => env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
    };
    let revision = git::since::revision(&here)?;
    Ok(revision.map(|revision| Place::Git { revision, path: None }))
}

fn unread(count: usize, place: &str) -> String {
    let files = match count {
        1 => "one JSON file".to_owned(),
        some => format!("{some} JSON files"),
    };
    let verb = if count == 1 { "follows" } else { "follow" };
    let were = if count == 1 { "was" } else { "were" };
    format!(
        "{files} in `{place}` {verb} no <context>/<Subject>/<version>.json and {were} not checked"
    )
}

fn exit(report: &Report, fail_on: FailOn) -> Exit {
    match (report.verdict, fail_on) {
        (Outcome::Breaking, _) => Exit::Breaking,
        (_, FailOn::Widened) if report.counts.widened > 0 => Exit::Breaking,
        (Outcome::Undecided, FailOn::Undecided | FailOn::Widened) => Exit::Undecided,
        (Outcome::Undecided, FailOn::Breaking) | (Outcome::Compatible, _) => Exit::Compatible,
    }
}
