//! `stele lens suggest`: a lens proposed from two schemas, and what is to be said of it.

mod args;

use stele_evolution::{
    lens::{self, Assurance, Rejection, Suggestion},
    schema::Schema,
    version::Version,
};

pub use self::args::Suggest;
use super::subject;
use crate::{
    error::Failure,
    exit::Exit,
    judging::within_deadline,
    report::{Format, json},
    source::{self, Place, PlaceError},
    terminal::Terminal,
};

/// Proposes a lens, and checks what it proposes.
pub fn run(args: &Suggest, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if (&args.old, &args.new) == (&Place::Stdin, &Place::Stdin) {
        return Err(PlaceError::StdinTwice.into());
    }
    let reading = source::Reading::from(&args.reading);
    let (old_name, old) = subject(&args.old, &args.new, &reading)?;
    let (name, new) = subject(&args.new, &args.old, &reading)?;
    let from = args.from.or(old.version).unwrap_or(Version::FIRST);
    // A version between them may be gone for good.
    let to = new.version.filter(|to| *to > from).unwrap_or(from.next());
    // A file called by its number knows its subject by its folder.
    let name = if old.version.is_some() { old_name } else { name };
    let model = args.content_model.into();

    let (older, newer) = (old.schema()?, new.schema()?);
    let suggestion = lens::suggest(&name, from, to, &older, &newer, model);
    let checked = check(&suggestion, &older, &newer, args);

    terminal.result(match args.format {
        Format::Human => suggestion.to_yaml(),
        Format::Json => json::render(&suggestion)?,
    })?;
    let (guesses, open) = (suggestion.guesses.len(), suggestion.open.len());
    terminal.message(format_args!(
        "{guesses} {} to look at, {open} left open",
        if guesses == 1 { "guess" } else { "guesses" }
    ));
    match checked {
        None => {}
        Some(Ok(Assurance::Proven)) => terminal.message("as it stands it is proved, both ways"),
        Some(Ok(Assurance::Tested(events))) => {
            terminal.message(format_args!("as it stands it holds on {events} events, both ways"));
        }
        Some(Err(rejection)) => {
            terminal.warning(format_args!("as it stands it does not hold: {rejection}"));
            return Ok(Exit::Undecided);
        }
    }
    Ok(if open == 0 { Exit::Compatible } else { Exit::Undecided })
}

/// What a check of the proposal would say; nothing where it is no document yet.
fn check(
    suggestion: &Suggestion,
    older: &Schema,
    newer: &Schema,
    args: &Suggest,
) -> Option<Result<Assurance, Box<Rejection>>> {
    let lens = suggestion.read().ok()?;
    let model = args.content_model.into();
    Some(within_deadline(|budget| lens::check(&lens, older, newer, model, budget)))
}
