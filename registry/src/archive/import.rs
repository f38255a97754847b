//! An import: lines are read as they come, and each is held to those before it. What is taken in is all of a log that
//! could have happened here, or nothing.

use std::{error::Error, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::lines::{FORMAT, Failed, Head, Line, Tail};
use crate::{
    catalog::Catalog,
    decide::follows,
    event::Event,
    log::{Origin, Position, Recorded},
};

/// The longest line taken, in bytes.
const LINE: usize = 16 * 1024 * 1024;

/// How far clocks may be apart: an event that is later than this was not recorded yet.
const APART: Duration = Duration::from_hours(24);

/// The longest name, request or reason beside an event, in bytes.
const BESIDE: usize = 16 * 1024;

/// Why lines are not those of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The first line says something else.
    #[error("the first line is not that of an export in format {FORMAT}")]
    Head,
    /// A line that cannot be read, or does not follow from those before it.
    #[error("line {line} is not taken: {why}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// Why not.
        why: String,
    },
    /// A line that goes on for ever.
    #[error("line {0} has more than {LINE} bytes")]
    Long(u64),
    /// More than the registry takes.
    #[error("the lines have more than {0} bytes")]
    Large(u64),
    /// The last line is missing.
    #[error("the last line is missing, after {found} of {expected} events")]
    Incomplete {
        /// How many were announced.
        expected: u64,
        /// How many there are.
        found: u64,
    },
}

/// A log that may be taken in.
pub struct Imported {
    /// What happened.
    pub events: Vec<Recorded>,
    /// What is known then.
    pub catalog: Catalog,
}

/// Reads lines as they come, in pieces that may end anywhere.
pub struct Import {
    /// The most bytes taken.
    most: u64,
    seen: u64,
    lines: u64,
    rest: Vec<u8>,
    head: Option<Head>,
    closed: bool,
    catalog: Catalog,
    events: Vec<Recorded>,
    latest: Timestamp,
}

impl Import {
    /// Into a registry that knows this, at most so many bytes, at a time.
    pub fn new(empty: &Arc<Catalog>, most: u64, now: Timestamp) -> Self {
        Import {
            most,
            seen: 0,
            lines: 0,
            rest: Vec::new(),
            head: None,
            closed: false,
            catalog: Catalog::clone(empty),
            events: Vec::new(),
            latest: now.saturating_add(APART).unwrap_or(now),
        }
    }

    /// Takes the next piece.
    pub fn piece(&mut self, piece: &[u8]) -> Result<(), ImportError> {
        self.seen = self.seen.saturating_add(piece.len() as u64);
        if self.seen > self.most {
            return Err(ImportError::Large(self.most));
        }
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.rest.len() + part.len() > LINE {
                return Err(ImportError::Long(self.lines + 1));
            }
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_of_line()?;
            }
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<(), ImportError> {
        let mut text = std::mem::take(&mut self.rest);
        self.lines += 1;
        if !text.iter().all(u8::is_ascii_whitespace) {
            self.line(&text)?;
        }
        text.clear();
        self.rest = text;
        Ok(())
    }

    fn line(&mut self, text: &[u8]) -> Result<(), ImportError> {
        let Some(head) = self.head else {
            let head: Head = serde_json::from_slice(text).map_err(|_| ImportError::Head)?;
            if head.format != FORMAT {
                return Err(ImportError::Head);
            }
            self.head = Some(head);
            return Ok(());
        };
        let line = self.lines;
        let refused = |why: String| ImportError::Line { line, why };
        if self.closed {
            return Err(refused("the line before it is the last".to_owned()));
        }
        let found = self.events.len() as u64;
        let event = match serde_json::from_slice::<Line>(text) {
            Ok(event) => event,
            Err(error) => {
                let closed = self.close(text, head);
                return closed.map_err(|why| refused(why.unwrap_or_else(|| error.to_string())));
            }
        };
        if found == head.events {
            return Err(refused(format!("the first line announces {found} events")));
        }
        let recorded = self.recorded(event).map_err(refused)?;
        self.catalog.apply(recorded.sequence, &recorded.event);
        self.events.push(recorded);
        Ok(())
    }

    /// Takes the last line; what is wrong with it, or nothing where it is none at all.
    fn close(&mut self, text: &[u8], head: Head) -> Result<(), Option<String>> {
        if let Ok(failed) = serde_json::from_slice::<Failed>(text) {
            return Err(Some(format!("the export has failed: {}", failed.why)));
        }
        let Tail { events, sequence } = serde_json::from_slice(text).map_err(|_| None)?;
        let found = self.events.len() as u64;
        if (events, sequence, head.events) != (found, found, found) {
            return Err(Some(format!(
                "it closes {events} events up to {sequence}, the first line announces {}, and {found} came",
                head.events
            )));
        }
        self.closed = true;
        Ok(())
    }

    /// The event of a line, if it could have happened after those before it; else why not.
    fn recorded(&self, line: Line) -> Result<Recorded, String> {
        let sequence = self.catalog.position().next();
        if line.sequence != sequence.0 {
            return Err(format!("event {} stands where {sequence} was to", line.sequence));
        }
        if line.time > self.latest {
            return Err(format!("it was recorded at {}, which is still to come", line.time));
        }
        let beside = [Some(&line.who), Some(&line.request), line.why.as_ref()];
        if beside.into_iter().flatten().any(|text| text.len() > BESIDE) {
            return Err(format!("what stands beside the event has more than {BESIDE} bytes"));
        }
        let event = Event::read(&line.kind, line.version, line.data.as_str())
            .map_err(|error| told(&error))?;
        follows(&self.catalog, &event).map_err(|unlikely| told(&unlikely))?;
        let origin = Origin { who: line.who, request: line.request, why: line.why };
        Ok(Recorded { sequence, time: line.time, origin, event })
    }

    /// Everything, if it is whole.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        // The last line may have no end.
        self.end_of_line()?;
        let expected = self.head.ok_or(ImportError::Head)?.events;
        let found = self.events.len() as u64;
        if !self.closed {
            return Err(ImportError::Incomplete { expected, found });
        }
        let Import { events, catalog, .. } = self;
        Ok(Imported { events, catalog })
    }
}

impl Imported {
    /// Where the log ends.
    pub fn end(&self) -> Position {
        self.catalog.position()
    }
}

/// An error and its causes in one sentence.
fn told(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| (**cause).source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
