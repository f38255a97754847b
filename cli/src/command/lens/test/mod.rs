//! `stele lens test`: the examples of lenses, run.

mod args;

use stele_evolution::lens::{Lens, Tried};

pub use self::args::Test;
use crate::{
    error::Failure,
    exit::Exit,
    report::{
        Format, json,
        lens::{self as report, Tested},
    },
    source::{self, Place, file},
    terminal::Terminal,
};

/// Runs the examples of every lens that is named or stands in a folder.
pub fn run(args: &Test, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut tested = Vec::new();
    for place in &args.sources {
        tested.extend(lenses(place)?.iter().map(examples));
    }

    let holds = tested.iter().all(|lens| lens.examples.iter().all(Tried::holds));

    terminal.result(match args.format {
        Format::Human => report::tested(&tested, terminal.width()),
        Format::Json => json::render(&tested)?,
    })?;
    if tested.is_empty() {
        terminal.message("no lens there");
    }
    Ok(if holds { Exit::Compatible } else { Exit::Breaking })
}

fn lenses(place: &Place) -> Result<Vec<Lens>, Failure> {
    if let Place::Path(path) = place
        && !path.is_dir()
    {
        return Ok(vec![file::lens(path)?]);
    }
    let source = source::read(place, None, &source::Reading::default())?;
    Ok(source.subjects.into_iter().flat_map(|subject| subject.lenses.into_values()).collect())
}

fn examples(lens: &Lens) -> Tested {
    Tested {
        subject: lens.subject().to_owned(),
        from: lens.from(),
        to: lens.to(),
        examples: lens.examples(),
    }
}
