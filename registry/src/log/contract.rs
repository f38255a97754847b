//! What every log must keep, as one function that fails where a log does not.

#![expect(clippy::panic, clippy::expect_used, reason = "a contract fails by panicking, in tests")]

use jiff::Timestamp;
use stele_api::kind::Kind;

use super::{Log, LogError, Origin, Position, Recorded};
use crate::event::{Event, SubjectDescribed};

/// Holds a log to its contract. `open` opens the same log each time, empty at first; before the next call the log that
/// was opened last is dropped, as a killed process would.
///
/// # Panics
///
/// Where the log breaks its contract.
pub fn hold(open: impl Fn() -> Result<Box<dyn Log>, LogError>) {
    let open = || open().expect("the log opens");
    let mut log = open();
    assert_eq!(read(&*log, 0, 10), [], "a new log is empty");

    let two = [sample(1), sample(2)];
    let end = log.append(Position::START, &two).expect("an append at the end is taken");
    assert_eq!(end, Position(2), "an append answers where the log ends");
    assert_eq!(read(&*log, 0, 10), two, "what was appended is read, in order, in full");

    match log.append(Position::START, &[sample(1)]) {
        Err(LogError::Moved { expected: Position::START, actual: Position(2) }) => {}
        other => panic!("a stale append is refused, not {other:?}"),
    }
    assert!(log.append(Position(2), &[sample(3), sample(5)]).is_err(), "a gap is refused");
    assert_eq!(read(&*log, 0, 10), two, "a refused append leaves no trace");

    drop(log);
    let mut log = open();
    assert_eq!(read(&*log, 0, 10), two, "a log that is opened again is the same");
    log.append(Position(2), &[sample(3)]).expect("it goes on where it ended");
    assert_eq!(read(&*log, 1, 1), [sample(2)], "a reader says after which place, and how many");
    assert_eq!(read(&*log, 3, 10), [], "after the end there is nothing");
}

/// An event like any other, for a place.
///
/// # Panics
///
/// Never: a letter and a number are a subject, a second of 2023 is a time.
pub fn sample(sequence: u64) -> Recorded {
    let subject = format!("S{sequence}").parse().expect("a letter and a number are a subject");
    Recorded {
        sequence: Position(sequence),
        time: Timestamp::from_second(1_700_000_000).expect("a second of 2023 is a time"),
        origin: Origin {
            who: "ada".to_owned(),
            request: format!("request-{sequence}"),
            why: sequence.is_multiple_of(2).then(|| "a test".to_owned()),
        },
        event: Event::SubjectDescribed(SubjectDescribed {
            subject,
            kind: Kind::State,
            owner: None,
            description: Some("with \"quotes\", \u{1f5ff} and\nlines".to_owned()),
            tags: vec!["b".to_owned(), "ä".to_owned()],
        }),
    }
}

fn read(log: &dyn Log, after: u64, limit: usize) -> Vec<Recorded> {
    log.read(Position(after), limit).expect("a log is readable")
}
