//! `stele lens apply`: an event through a lens, one operation at a time.

mod args;

use std::io::{self, Read};

use stele_evolution::{
    lens::Direction,
    schema::{MAX_BYTES, TextError, read_value},
};

pub use self::args::Apply;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    report::{Format, json, lens as report},
    source::{Place, SourceError, file},
    terminal::Terminal,
};

/// What was named as an event is none.
#[derive(Debug, thiserror::Error)]
enum EventError {
    #[error("`{0}` cannot hold one event")]
    Place(String),
    #[error("`{origin}` is not an event")]
    Text {
        origin: String,
        #[source]
        cause: TextError,
    },
}

impl Explain for EventError {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("an event is one JSON document, in a file or on standard input"))
    }
}

/// Carries one event, and shows what happens to it on the way.
pub fn run(args: &Apply, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let lens = file::lens(&args.lens)?;
    let (origin, text) = text(&args.event)?;
    let event = read_value(&text).map_err(|cause| EventError::Text { origin, cause })?;
    let direction = if args.down { Direction::Down } else { Direction::Up };

    let walk = lens.walk(direction, &event);

    terminal.result(match args.format {
        Format::Human => report::walk(&walk, terminal.width()),
        Format::Json => json::render(&walk)?,
    })?;
    Ok(if walk.error.is_none() { Exit::Compatible } else { Exit::Breaking })
}

fn text(place: &Place) -> Result<(String, String), Failure> {
    let origin = place.to_string();
    match place {
        Place::Path(path) => Ok((origin, file::content(path)?)),
        Place::Stdin => {
            let mut bytes = Vec::new();
            let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
            let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
            read.map_err(|cause| SourceError::Unreadable { origin: origin.clone(), cause })?;
            let text = String::from_utf8(bytes);
            Ok((origin.clone(), text.map_err(|_| SourceError::NotText(origin))?))
        }
        _ => Err(EventError::Place(origin).into()),
    }
}
