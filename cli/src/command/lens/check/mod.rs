//! `stele lens check`: does a lens carry every event over, both ways?

mod args;

use serde::Serialize;
use stele_evolution::{
    lens::{self, Assurance, Rejection},
    policy::Outcome,
    version::Version,
};

pub use self::args::Check;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    judging::within_deadline,
    report::{Format, human, json},
    source::{self, Document, Place, SourceError, file},
    terminal::Terminal,
};

/// The files say other versions than the lens.
#[derive(Debug, thiserror::Error)]
#[error("the lens leads from version {from} to {to}, but `{origin}` is version {version}")]
struct OtherEdge {
    from: Version,
    to: Version,
    origin: String,
    version: Version,
}

impl Explain for OtherEdge {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new(
            "name the two files: first the version it comes from, then the one it leads to",
        ))
    }
}

/// What became of the lens, for programs.
#[derive(Serialize)]
struct Checked<'r> {
    subject: &'r str,
    from: Version,
    to: Version,
    verdict: Outcome,
    assurance: Option<Assurance>,
    rejection: Option<Box<Rejection>>,
}

/// Checks a lens between two schemas.
pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let lens = file::lens(&args.lens)?;
    let reading = source::Reading::from(&args.reading);
    let old = document(&args.old, &args.new, &reading)?;
    let new = document(&args.new, &args.old, &reading)?;
    for (document, version) in [(&old, lens.from()), (&new, lens.to())] {
        if let Some(found) = document.version.filter(|found| *found != version) {
            let (from, to, origin) = (lens.from(), lens.to(), document.origin.clone());
            return Err(OtherEdge { from, to, origin, version: found }.into());
        }
    }

    let (older, newer) = (old.schema()?, new.schema()?);
    let checked = within_deadline(|budget| {
        lens::check(&lens, &older, &newer, args.content_model.into(), budget)
    });

    let (assurance, rejection) = match checked {
        Ok(assurance) => (Some(assurance), None),
        Err(rejection) => (None, Some(rejection)),
    };
    let (verdict, exit) = match &assurance {
        None => (Outcome::Breaking, Exit::Breaking),
        Some(Assurance::Tested(_)) if args.require_proof => (Outcome::Undecided, Exit::Undecided),
        Some(_) => (Outcome::Compatible, Exit::Compatible),
    };
    let (subject, from, to) = (lens.subject(), lens.from(), lens.to());
    terminal.result(match args.format {
        Format::Json => {
            json::render(&Checked { subject, from, to, verdict, assurance, rejection })?
        }
        Format::Human => match (assurance, rejection) {
            (_, Some(rejection)) => human::rejection(&rejection, terminal.width()),
            (Some(Assurance::Tested(samples)), _) => format!(
                "the lens of {subject} from {from} to {to} holds on {samples} events, both ways; not proved for all\n"
            ),
            _ => format!("the lens of {subject} from {from} to {to} holds for every event, both ways\n"),
        },
    })?;
    Ok(exit)
}

fn document(place: &Place, other: &Place, reading: &source::Reading) -> Result<Document, Failure> {
    let source = source::read(place, Some(other), reading)?;
    let (_, document) = source.only().ok_or_else(|| SourceError::Several(source.name.clone()))?;
    Ok(document.clone())
}
