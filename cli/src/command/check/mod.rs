//! `stele check`: is what is new compatible with what is old?

pub mod args;

use stele_client::Client;
use stele_evolution::policy::Outcome;

use self::args::{Check, FailOn};
use crate::{
    asking,
    error::Failure,
    exit::Exit,
    judging::{Terms, judged},
    pairing::pair,
    report::{Format, human, json, model::Report},
    source::{self, Place, PlaceError, registry},
    terminal::Terminal,
};

/// Checks, shows the report, and answers with the worst verdict.
pub async fn run(args: &Check, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if (&args.new, &args.against) == (&Place::Stdin, &Place::Stdin) {
        return Err(PlaceError::StdinTwice.into());
    }
    let reading = source::Reading::from(&args.reading);
    let mut new = source::read(&args.new, None, &reading)?;
    if new.unread > 0 {
        let files = if new.unread == 1 { "one JSON file" } else { "some JSON files" };
        terminal.warning(format_args!(
            "{files} in `{}` did not follow <context>/<Subject>/<version>.json: not checked",
            new.name
        ));
    }

    let terms = Terms::from(&args.judging);
    let report = if args.against == Place::Registry {
        let client = Client::new(&args.registry.registry)?;
        let old = registry::read(&client, &new.subjects).await?;
        new.hold_to(&old);
        let findings = asking::findings(&client, &old, &pair(&old, &new)?, terms).await?;
        Report::new(old.name, new.name, findings)
    } else {
        let old = source::read(&args.against, Some(&args.new), &reading)?;
        let pairs = pair(&old, &new)?;
        let findings = pairs.iter().flat_map(|pair| judged(pair, terms)).collect();
        Report::new(old.name, new.name, findings)
    };

    terminal.result(match args.format {
        Format::Human => human::render(&report, terminal.width()),
        Format::Json => json::render(&report)?,
    })?;
    Ok(exit(report.verdict, args.fail_on))
}

fn exit(verdict: Outcome, fail_on: FailOn) -> Exit {
    match (verdict, fail_on) {
        (Outcome::Breaking, _) => Exit::Breaking,
        (Outcome::Undecided, FailOn::Undecided) => Exit::Undecided,
        (Outcome::Undecided, FailOn::Breaking) | (Outcome::Compatible, _) => Exit::Compatible,
    }
}
