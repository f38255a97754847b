//! Judging happens off the writer and off the threads that answer requests: on a bounded pool, against the clock.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use stele_api::subject::Subject;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore},
    task, time,
};

use crate::{
    failure::Failure,
    findings::Deadline,
    telemetry::{Place, Telemetry},
};

/// How long one direction in one content model may take the engine.
const DIRECTION: Duration = Duration::from_millis(250);

/// How long one question may take it: a judgement is about two directions in two content models.
const QUESTION: Duration = DIRECTION.saturating_mul(4);

/// How long all questions about one candidate may take it.
const CANDIDATE: Duration = Duration::from_secs(4);

/// When a job is given up, in seconds. Above what the engine is given, for the parts of it that watch no clock.
const GIVEN_UP: u64 = 10;

/// The most jobs that wait for one of the pool's threads.
const WAITING: usize = 1024;

/// How many subjects can be written at once: those that share a lane wait for each other.
const LANES: usize = 256;

/// What a job has come to, and how long that took.
pub struct Timed<T> {
    /// What it has come to.
    pub value: T,
    /// How long it waited for a seat.
    pub waited: Duration,
    /// How long it took then.
    pub took: Duration,
}

/// The pool.
#[derive(Clone)]
pub struct Judges {
    seats: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    lanes: Arc<[Arc<Mutex<()>>]>,
    hasher: RandomState,
    telemetry: Telemetry,
}

impl Judges {
    /// A pool of as many seats as there are processors, two at least.
    pub fn start(telemetry: Telemetry) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Judges {
            seats: Arc::new(Semaphore::new(processors.max(2))),
            queue: Arc::new(Semaphore::new(WAITING)),
            lanes: (0..LANES).map(|_| Arc::default()).collect(),
            hasher: RandomState::new(),
            telemetry,
        }
    }

    /// Runs one job on the pool. It is handed the clock that its questions are to watch.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(Deadline<'_>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.timed(job).await.map(|timed| timed.value)
    }

    /// Runs one job on the pool, and says how long that took. It is handed the clock that its questions are to watch.
    pub async fn timed<T: Send + 'static>(
        &self,
        job: impl FnOnce(Deadline<'_>) -> T + Send + 'static,
    ) -> Result<Timed<T>, Failure> {
        let asked = Instant::now();
        let _place = self.queue.try_acquire().map_err(|_| Failure::Overloaded)?;
        let seat = Arc::clone(&self.seats).acquire_owned();
        let seat = seat.await.map_err(|_| Failure::Stopping)?;
        let waited = asked.elapsed();
        let running = task::spawn_blocking(move || {
            // The seat is given back when the job is done, not when the caller has given up on it.
            let _seat = seat;
            clocked(job)
        });
        match time::timeout(Duration::from_secs(GIVEN_UP), running).await {
            Err(_) => Err(Failure::Timeout(GIVEN_UP)),
            Ok(Err(error)) => {
                if error.is_panic() {
                    self.telemetry.panicked(Place::Judge);
                }
                Err(Failure::Broken)
            }
            Ok(Ok(value)) => {
                Ok(Timed { value, waited, took: asked.elapsed().saturating_sub(waited) })
            }
        }
    }

    /// Runs a job where it stands: one that takes no longer than the way to the pool.
    pub fn at_once<T>(&self, job: impl FnOnce(Deadline<'_>) -> T) -> Result<Timed<T>, Failure> {
        let start = Instant::now();
        // What is half done is dropped.
        let done = panic::catch_unwind(AssertUnwindSafe(|| clocked(job)));
        let Ok(value) = done else {
            self.telemetry.panicked(Place::Judge);
            return Err(Failure::Broken);
        };
        Ok(Timed { value, waited: Duration::ZERO, took: start.elapsed() })
    }

    /// Waits for a subject's turn: while the guard is held, no other candidate for it is judged, so that none is
    /// judged in vain.
    pub async fn turn(&self, subject: &Subject) -> OwnedMutexGuard<()> {
        let lane = usize::try_from(self.hasher.hash_one(subject)).unwrap_or_default() % LANES;
        Arc::clone(&self.lanes[lane]).lock_owned().await
    }
}

/// Runs a job with the clock that its questions are to watch.
fn clocked<T>(job: impl FnOnce(Deadline<'_>) -> T) -> T {
    let end = Instant::now() + CANDIDATE;
    job(&move || {
        let end = end.min(Instant::now() + QUESTION);
        Box::new(move || Instant::now() >= end)
    })
}

#[cfg(test)]
mod tests {
    use stele_api::problem::{Code, Problem};

    use super::*;
    use crate::telemetry::Size;

    #[tokio::test]
    async fn a_panic_is_an_answer_and_gives_the_seat_back() {
        let telemetry = Telemetry::default();
        let judges = Judges::start(telemetry.clone());

        for _ in 0..100 {
            let struck = judges.run(|_| -> u32 { panic!("a mistake") }).await;
            assert_eq!(Problem::from(struck.unwrap_err()).code, Code::Internal);
        }

        assert_eq!(judges.run(|_| 7).await.unwrap(), 7);
        let told = telemetry.told(Size::default()).unwrap();
        assert!(told.contains(r#"stele_panics_total{place="judge"} 100"#));
    }
}
