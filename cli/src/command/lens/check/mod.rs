//! `stele lens check`: whether a lens carries every event, there and back.

mod args;

use std::path::Path;

use serde::Serialize;
use stele_evolution::{
    lens::{self, Assurance, EdgeClass, Lens, Rejection},
    policy::Outcome,
    version::Version,
};

pub use self::args::Check;
use super::{OtherEdge, document};
use crate::{
    error::Failure,
    exit::Exit,
    judging::within_deadline,
    report::{Format, human, json},
    source::{self, Place, file},
    terminal::Terminal,
};

/// What became of the lens, for programs.
#[derive(Serialize)]
struct Checked<'r> {
    subject: &'r str,
    from: Version,
    to: Version,
    class: EdgeClass,
    verdict: Outcome,
    assurance: Option<Assurance>,
    rejection: Option<Box<Rejection>>,
}

/// Checks a lens between two schemas.
pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let lens = file::lens(&args.lens)?;
    let reading = source::Reading::from(&args.reading);
    let (old, new) = ends(args, &lens);
    let (old, new) = (document(&old, &new, &reading)?, document(&new, &old, &reading)?);
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
    let class = lens.class();
    let ways = if lens.is_one_way() { "on the way up" } else { "both ways" };
    terminal.result(match args.format {
        Format::Json => {
            json::render(&Checked { subject, from, to, class, verdict, assurance, rejection })?
        }
        Format::Human => match (assurance, rejection) {
            (_, Some(rejection)) => human::rejection(&rejection, terminal.width()),
            (Some(Assurance::Tested(samples)), _) => format!(
                "the lens of {subject} from {from} to {to} holds on {samples} events, {ways}; not proved for all\n"
            ),
            _ => format!("the lens of {subject} from {from} to {to} holds for every event, {ways}\n"),
        },
    })?;
    Ok(exit)
}

/// The two schemas: as named, else the files beside the lens that have its versions for names.
fn ends(args: &Check, lens: &Lens) -> (Place, Place) {
    let folder = args.lens.parent().unwrap_or(Path::new(""));
    let beside = |version: Version| Place::Path(folder.join(format!("{version}.json")));
    let named = |flag: &Option<Place>, position: &Option<Place>| flag.clone().or(position.clone());
    let old = named(&args.ends.old, &args.old).unwrap_or_else(|| beside(lens.from()));
    let new = named(&args.ends.new, &args.new).unwrap_or_else(|| beside(lens.to()));
    (old, new)
}
