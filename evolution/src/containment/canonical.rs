//! The second prover: the containment engine inside `jsonschema`, kept from outliving its question.
//!
//! It has no time-out of its own and has been seen to think for seconds. So it thinks on a thread apart while the one who
//! asked waits as long as the budget lasts. A thread that is stuck is abandoned and counted; while too many are, nobody
//! is asked.

use std::{
    sync::{
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use jsonschema::canonical::{self, Containment};

use crate::{
    budget::Budget,
    schema::{Formats, Schema, registry},
};

/// A prover beside our own, asked where ours is unsure. It may only ever say yes on a proof.
pub(super) trait SecondProver {
    /// Whether everything `writer` allows is proved to be allowed by `reader`, as written.
    fn proves(&self, writer: &Schema, reader: &Schema, budget: &Budget<'_>) -> bool;
}

/// `jsonschema::canonical`.
pub(super) struct Canonical;

/// The largest schemas it is asked about, in bytes of canonical text: it has no bound on memory either.
const LARGEST: usize = 16 * 1024;
/// The stack it gets: it recurses through references as deep as they lead.
const STACK: usize = 32 * 1024 * 1024;
/// The threads that may think at one time, abandoned ones included.
const WORKERS: usize = 4;
/// How long the one who asked waits between two looks at the budget.
const WAIT: Duration = Duration::from_millis(1);
/// What a wait costs, in steps: a budget without a deadline ends as well.
const STEPS_A_WAIT: u64 = 1_000;

static THINKING: AtomicUsize = AtomicUsize::new(0);
static ABANDONED: AtomicU64 = AtomicU64::new(0);

/// How many questions to the second prover were given up since the process began, because it did not answer in time.
pub fn abandoned() -> u64 {
    ABANDONED.load(Ordering::Relaxed)
}

impl SecondProver for Canonical {
    fn proves(&self, writer: &Schema, reader: &Schema, budget: &Budget<'_>) -> bool {
        let comparable =
            reader.dialect() == writer.dialect() && reader.formats() == writer.formats();
        let small = [reader, writer].iter().all(|schema| schema.canonical().len() <= LARGEST);
        if !comparable || !small || budget.is_spent() {
            return false;
        }
        let (writer, reader) = (writer.clone(), reader.clone());
        on_a_thread(budget, move || covers(&reader, &writer))
    }
}

/// What `question` answers, or false once the budget is spent.
fn on_a_thread(budget: &Budget<'_>, question: impl FnOnce() -> bool + Send + 'static) -> bool {
    let Some(seat) = Seat::take() else { return false };
    let (answer, answered) = mpsc::sync_channel(1);
    let spawned =
        thread::Builder::new().name("second prover".into()).stack_size(STACK).spawn(move || {
            let _seat = seat;
            // Nobody listens to an answer that comes too late.
            let _ = answer.send(question());
        });
    if spawned.is_err() {
        return false;
    }
    loop {
        match answered.recv_timeout(WAIT) {
            Ok(answer) => return answer,
            // It panicked.
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {
                if !(0..STEPS_A_WAIT).all(|_| budget.step()) {
                    ABANDONED.fetch_add(1, Ordering::Relaxed);
                    return false;
                }
            }
        }
    }
}

/// The right to think on a thread; given back when the thread ends, however it does.
struct Seat;

impl Seat {
    fn take() -> Option<Seat> {
        let more = |thinking| (thinking < WORKERS).then_some(thinking + 1);
        THINKING.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok().map(|_| Seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        THINKING.fetch_sub(1, Ordering::AcqRel);
    }
}

fn covers(reader: &Schema, writer: &Schema) -> bool {
    let form = |schema: &Schema| {
        let registry = registry(schema.references(), None).ok()?;
        canonical::options()
            .offline()
            .with_draft(schema.dialect().draft())
            .should_validate_formats(schema.formats() == Formats::Assert)
            .with_registry(&registry)
            .canonicalize(schema.value())
            .ok()
    };
    match (form(reader), form(writer)) {
        (Some(reader), Some(writer)) => matches!(reader.covers(&writer), Ok(Containment::Yes)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prover_that_is_stuck_is_left_alone_and_counted() {
        let before = abandoned();
        let (release, held) = mpsc::channel::<()>();

        let answer = on_a_thread(&Budget::steps(5_000), move || held.recv().is_ok());

        assert!(!answer);
        assert!(abandoned() > before);
        drop(release);
        assert!(!on_a_thread(&Budget::steps(5_000), || panic!("as it may")));
        assert!(on_a_thread(&Budget::steps(1_000_000), || true));
    }
}
