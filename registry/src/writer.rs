//! The writer is the one thread that appends. It takes everything that waits, decides it in order, and has it on disk
//! with one flush before anybody is answered.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    thread,
    time::Instant,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    archive::Imported,
    catalog::Catalog,
    command::Command,
    decide::decide,
    event::Event,
    failure::Failure,
    log::{Log, LogError, Origin, Position, Recorded},
    refusal::Refusal,
    telemetry::{Place, Telemetry},
};

/// The most commands one flush carries.
const BATCH: usize = 512;

/// The most commands that wait; one more waits outside.
const WAITING: usize = 4096;

/// What became of a command.
#[derive(Clone)]
pub struct Done {
    /// The catalog in which it has happened.
    pub catalog: Arc<Catalog>,
    /// Whether it changed anything.
    pub changed: bool,
    /// What happened.
    pub events: Vec<Event>,
}

/// A way to the writer. The writer ends once the last is dropped.
#[derive(Clone)]
pub struct Writer {
    sender: mpsc::Sender<Job>,
}

/// What waits for the writer.
enum Job {
    Command(Waiting),
    Import(Imported, oneshot::Sender<Result<Done, Failure>>),
}

struct Waiting {
    command: Command,
    origin: Origin,
    answer: oneshot::Sender<Result<Done, Failure>>,
}

impl Writer {
    /// Starts the writer on a log. It publishes every new catalog into `published`, and its place in `position`.
    pub fn start(
        log: Box<dyn Log>,
        published: Arc<ArcSwap<Catalog>>,
        position: watch::Sender<Position>,
        telemetry: Telemetry,
    ) -> std::io::Result<(Writer, thread::JoinHandle<()>)> {
        Writer::start_with(log, published, position, telemetry, decide)
    }

    fn start_with(
        log: Box<dyn Log>,
        published: Arc<ArcSwap<Catalog>>,
        position: watch::Sender<Position>,
        telemetry: Telemetry,
        rules: Rules,
    ) -> std::io::Result<(Writer, thread::JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let desk = Desk { log, published, position, telemetry, rules };
        let thread =
            thread::Builder::new().name("stele-writer".to_owned()).spawn(|| desk.run(receiver))?;
        Ok((Writer { sender }, thread))
    }

    /// Whether nobody is left to record anything.
    pub fn is_gone(&self) -> bool {
        self.sender.is_closed()
    }

    /// Has a command decided and recorded. Once this answers `Ok`, it is on disk.
    pub async fn execute(&self, command: Command, origin: Origin) -> Result<Done, Failure> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { command, origin, answer };
        self.sender.send(Job::Command(waiting)).await.map_err(|_| Failure::Stopping)?;
        answered.await.map_err(|_| Failure::Broken)?
    }

    /// Has a whole log recorded as it is, where nothing has happened yet. Once this answers `Ok`, it is on disk.
    pub async fn import(&self, log: Imported) -> Result<Done, Failure> {
        let (answer, answered) = oneshot::channel();
        self.sender.send(Job::Import(log, answer)).await.map_err(|_| Failure::Stopping)?;
        answered.await.map_err(|_| Failure::Broken)?
    }
}

/// Where the writer works.
struct Desk {
    log: Box<dyn Log>,
    published: Arc<ArcSwap<Catalog>>,
    position: watch::Sender<Position>,
    telemetry: Telemetry,
    rules: Rules,
}

/// What decides.
type Rules = fn(&Catalog, &Command) -> Result<Vec<Event>, Refusal>;

impl Desk {
    fn run(mut self, mut receiver: mpsc::Receiver<Job>) {
        let (mut behind, mut next) = (false, None);
        while let Some(first) = next.take().or_else(|| receiver.blocking_recv()) {
            let mut batch = match first {
                Job::Command(first) => vec![first],
                Job::Import(log, answer) => {
                    // Whoever asked may be gone.
                    let import = AssertUnwindSafe(|| self.import(log));
                    let imported = panic::catch_unwind(import).unwrap_or(Err(Failure::Broken));
                    drop(answer.send(imported));
                    behind = true;
                    continue;
                }
            };
            while batch.len() < BATCH && next.is_none() {
                match receiver.try_recv() {
                    Ok(Job::Command(waiting)) => batch.push(waiting),
                    Ok(import) => next = Some(import),
                    Err(_) => break,
                }
            }
            // After a failure nobody knows how much of it the disk has taken; the log knows.
            if behind && let Err(error) = self.catch_up() {
                answer_all(batch, &Failure::Log(Arc::new(error)));
                continue;
            }
            behind = !self.write_guarded(batch);
        }
    }

    /// Writes a batch; whether the log has taken it. A panic on the way is an answer to those it strikes, and no more.
    fn write_guarded(&mut self, batch: Vec<Waiting>) -> bool {
        // What is half done is dropped: nothing is published before all of it is on disk.
        let written = panic::catch_unwind(AssertUnwindSafe(|| self.write(batch)));
        written.unwrap_or_else(|_| {
            self.telemetry.panicked(Place::Record);
            false
        })
    }

    fn write(&mut self, batch: Vec<Waiting>) -> bool {
        let start = self.published.load_full();
        let mut catalog = Catalog::clone(&start);
        let mut events = Vec::new();
        let mut decided = Vec::with_capacity(batch.len());
        let time = Timestamp::now();
        for Waiting { command, origin, answer } in batch {
            match self.decide(&catalog, &command) {
                Ok(caused) => {
                    decided.push((answer, caused.len()));
                    for event in caused {
                        let sequence = catalog.position().next();
                        catalog.apply(sequence, &event);
                        events.push(Recorded { sequence, time, origin: origin.clone(), event });
                    }
                }
                // Whoever asked may be gone; a refusal then interests nobody.
                Err(failure) => drop(answer.send(Err(failure))),
            }
        }
        if let Err(error) = self.append(start.position(), &events) {
            tracing::error!(error = &error as &dyn std::error::Error, "the log refuses to grow");
            let error = Arc::new(error);
            for (answer, _) in decided {
                drop(answer.send(Err(Failure::Log(Arc::clone(&error)))));
            }
            return false;
        }
        let catalog = Arc::new(catalog);
        if !events.is_empty() {
            self.published.store(Arc::clone(&catalog));
            self.position.send_replace(catalog.position());
        }
        let mut recorded = events.into_iter().map(|recorded| recorded.event);
        for (answer, count) in decided {
            let events: Vec<Event> = recorded.by_ref().take(count).collect();
            let done = Done { catalog: Arc::clone(&catalog), changed: count > 0, events };
            drop(answer.send(Ok(done)));
        }
        true
    }

    fn decide(&self, catalog: &Catalog, command: &Command) -> Result<Vec<Event>, Failure> {
        // It only reads, so there is nothing that it could leave half done.
        let decided = panic::catch_unwind(AssertUnwindSafe(|| (self.rules)(catalog, command)));
        let Ok(decided) = decided else {
            self.telemetry.panicked(Place::Decide);
            return Err(Failure::Broken);
        };
        decided.map_err(Failure::from)
    }

    fn import(&mut self, Imported { events, catalog }: Imported) -> Result<Done, Failure> {
        let end = self.published.load().position();
        if end != Position::START {
            return Err(Refusal::NotEmpty(end).into());
        }
        self.append(Position::START, &events).map_err(|error| Failure::Log(Arc::new(error)))?;
        let catalog = Arc::new(catalog);
        self.published.store(Arc::clone(&catalog));
        self.position.send_replace(catalog.position());
        Ok(Done { catalog, changed: !events.is_empty(), events: Vec::new() })
    }

    fn append(&mut self, end: Position, events: &[Recorded]) -> Result<(), LogError> {
        if events.is_empty() {
            return Ok(());
        }
        let start = Instant::now();
        match self.log.append(end, events) {
            Ok(_) => {
                self.telemetry.appended(events.len(), start.elapsed());
                Ok(())
            }
            Err(error) => {
                self.telemetry.append_failed();
                Err(error)
            }
        }
    }

    fn catch_up(&mut self) -> Result<(), LogError> {
        let mut catalog = Catalog::clone(&self.published.load());
        replay(&*self.log, &mut catalog)?;
        let position = catalog.position();
        self.published.store(Arc::new(catalog));
        self.position.send_replace(position);
        Ok(())
    }
}

/// Folds everything into `catalog` that the log has beyond it.
pub fn replay(log: &dyn Log, catalog: &mut Catalog) -> Result<(), LogError> {
    loop {
        let page = log.read(catalog.position(), 1000)?;
        if page.is_empty() {
            return Ok(());
        }
        for recorded in page {
            let expected = catalog.position().next();
            if recorded.sequence != expected {
                return Err(LogError::Gap { expected, found: recorded.sequence });
            }
            catalog.apply(recorded.sequence, &recorded.event);
        }
    }
}

fn answer_all(batch: Vec<Waiting>, failure: &Failure) {
    for waiting in batch {
        drop(waiting.answer.send(Err(failure.clone())));
    }
}

#[cfg(test)]
mod tests {
    use stele_api::{
        kind::Kind,
        problem::{Code, Problem},
        stream::{Policy, SubjectUpdate},
    };
    use stele_evolution::{containment::ContentModel, policy::Level};

    use super::*;
    use crate::{command::Describe, log::SqliteLog, telemetry::Size};

    fn describe(subject: &str) -> Command {
        let update = SubjectUpdate { kind: Some(Kind::State), ..SubjectUpdate::default() };
        Command::Describe(Describe { subject: subject.parse().unwrap(), update })
    }

    fn origin() -> Origin {
        Origin { who: "ada".to_owned(), request: "r".to_owned(), why: None }
    }

    /// The rules, with a mistake in them.
    fn mistaken(catalog: &Catalog, command: &Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Describe(asked) if asked.subject.to_string() == "bad" => panic!("a mistake"),
            command => decide(catalog, command),
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_writer_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let log = Box::new(SqliteLog::open(directory.path()).unwrap());
        let policy = Policy::new(Level::AdditionsOnly, ContentModel::Event);
        let published = Arc::new(ArcSwap::from_pointee(Catalog::new(policy)));
        let (position, _end) = watch::channel(Position::START);
        let telemetry = Telemetry::default();
        let (writer, thread) =
            Writer::start_with(log, Arc::clone(&published), position, telemetry.clone(), mistaken)
                .unwrap();

        let first = writer.execute(describe("good"), origin()).await;
        let struck = writer.execute(describe("bad"), origin()).await;
        let after = writer.execute(describe("better"), origin()).await;

        assert!(first.is_ok() && after.is_ok());
        assert_eq!(Problem::from(struck.err().unwrap()).code, Code::Internal);
        assert_eq!(published.load().position(), Position(2));
        assert!(!writer.is_gone());
        let told = telemetry.told(Size::default()).unwrap();
        assert!(told.contains(r#"stele_panics_total{place="decide"} 1"#), "{told}");
        drop(writer);
        thread.join().unwrap();
    }
}
