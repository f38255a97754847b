//! The registry itself, behind its faces: what is known, and the way to change it.

use std::{sync::Arc, time::Instant};

use arc_swap::ArcSwap;
use serde_json::Value;
use stele_api::{
    check::SubjectCheckAnswer,
    id::SchemaId,
    kind::Kind,
    problem::{Code, Problem},
    stream::Policy,
    subject::Subject,
};
use stele_evolution::{
    lens::Lens,
    policy::Refused,
    version::{Release, Version},
};

use crate::{
    archive::{Archive, Imported},
    candidate::{Candidate, Proposal},
    catalog::{Catalog, Entry},
    command::{AddLens, Command, Register},
    decide::{decide, is_there},
    event::{ConfigSet, Event, Scope},
    failure::Failure,
    feed::Feed,
    findings::{Deadline, Findings, LensFindings},
    judging::{Judges, Timed},
    log::{LogError, Origin},
    means::Means,
    refusal::Refusal,
    search::Index,
    telemetry::{Size, Stage, Telemetry, Verdict},
    way::{Journey, Way, Ways},
    webhook::Webhooks,
    writer::{Done, Writer},
};

/// How often a command is judged again because its subject has changed meanwhile.
const ATTEMPTS: usize = 16;

/// The registry. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Parts>);

/// What it is made of.
pub(crate) struct Parts {
    pub published: Arc<ArcSwap<Catalog>>,
    pub writer: Writer,
    pub judges: Judges,
    pub feed: Feed,
    pub ways: Ways,
    pub index: Index,
    pub telemetry: Telemetry,
    pub webhooks: Webhooks,
    pub archive: Archive,
    /// Why nothing is recorded, where the log is only read from.
    pub seal: Option<Arc<LogError>>,
}

/// A version, as it is asked for.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The subject.
    pub subject: Subject,
    /// The schema.
    pub proposal: Proposal,
    /// The lens from the newest version: a document, or its text as YAML.
    pub lens: Option<Value>,
    /// The release declared.
    pub release: Option<Release>,
    /// The kind declared.
    pub kind: Option<Kind>,
    /// The id demanded.
    pub id: Option<SchemaId>,
    /// The version demanded.
    pub version: Option<Version>,
    /// Whether it is to be there in spite of its policy.
    pub forced: bool,
    /// Whether what could not be decided is let through.
    pub allow_undecided: bool,
}

impl Registration {
    /// Asks for nothing but the version.
    pub fn new(subject: Subject, proposal: Proposal) -> Self {
        let proposal = Proposal { context: subject.context().clone(), ..proposal };
        Registration {
            subject,
            proposal,
            lens: None,
            release: None,
            kind: None,
            id: None,
            version: None,
            forced: false,
            allow_undecided: false,
        }
    }
}

/// A version that is registered.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The version.
    pub entry: Arc<Entry>,
    /// Whether this request made it.
    pub new: bool,
}

impl Registry {
    /// The registry over a running writer.
    pub(crate) fn new(parts: Parts) -> Self {
        Registry(Arc::new(parts))
    }

    /// Whether it does all that it is for: it reads, and it records.
    pub fn ready(&self) -> Result<(), Problem> {
        if let Some(why) = &self.0.seal {
            let detail = format!("nothing is recorded: {}", why.told());
            return Err(Problem::new(Code::NotReady, detail).hint(why.hint()));
        }
        if self.0.writer.is_gone() {
            return Err(Problem::new(Code::NotReady, "nothing is recorded: the writer is gone")
                .hint("start the registry again; reads go on until then"));
        }
        Ok(())
    }

    /// Why the log cannot be read to its end, where it cannot.
    pub fn damage(&self) -> Option<&Arc<LogError>> {
        self.0.seal.as_ref().filter(|why| matches!(***why, LogError::Damaged { .. }))
    }

    /// Everything known at this moment.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.0.published.load_full()
    }

    /// The same, for a moment: it is not to be held for long.
    pub fn published(&self) -> arc_swap::Guard<Arc<Catalog>> {
        self.0.published.load()
    }

    /// What happened, in order.
    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    /// What subjects are found by.
    pub fn index(&self) -> &Index {
        &self.0.index
    }

    /// Who is told of what happens.
    pub fn webhooks(&self) -> &Webhooks {
        &self.0.webhooks
    }

    /// The log as a whole.
    pub fn archive(&self) -> &Archive {
        &self.0.archive
    }

    /// Takes a whole log, where nothing has happened yet.
    pub async fn import(&self, log: Imported) -> Result<Done, Failure> {
        self.0.writer.import(log).await
    }

    /// What is counted and measured.
    pub fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// Everything that is counted and measured, as it is scraped.
    pub fn measured(&self) -> Result<String, std::fmt::Error> {
        let catalog = self.catalog();
        let (mut subjects, mut versions) = (0, 0);
        for stream in catalog.streams() {
            subjects += 1;
            versions += stream.entries().len();
        }
        let (listeners, feed_lag) = self.0.feed.listeners();
        self.0.telemetry.told(Size {
            subjects,
            versions,
            contexts: catalog.contexts().len(),
            position: catalog.position().0,
            listeners,
            feed_lag,
        })
    }

    /// The pool that slow questions are asked on.
    pub fn judges(&self) -> &Judges {
        &self.0.judges
    }

    /// Has a command that needs no judging decided and recorded.
    pub async fn execute(&self, command: Command, origin: Origin) -> Result<Done, Failure> {
        self.0.writer.execute(command, origin).await
    }

    /// Reads a proposal on the pool.
    pub async fn read(&self, proposal: Proposal) -> Result<Candidate, Failure> {
        let catalog = self.catalog();
        Ok(self.0.judges.run(move |_| proposal.read(&catalog)).await??)
    }

    /// The way between two versions of a subject, as long as neither it nor its policy changes composed only once.
    pub async fn way(
        &self,
        catalog: Arc<Catalog>,
        subject: Subject,
        from: Version,
        to: Version,
    ) -> Result<Arc<Way>, Problem> {
        let key = Journey::of(&catalog, &subject, from, to);
        if let Some(way) = self.0.ways.find(&key) {
            return Ok(way);
        }
        let between = move |_: Deadline<'_>| Way::between(&catalog, &subject, from, to);
        let way = Arc::new(self.0.judges.run(between).await??);
        self.0.ways.keep(key, Arc::clone(&way));
        Ok(way)
    }

    /// Registers a version, or finds that it is there.
    pub async fn register(
        &self,
        asked: Registration,
        origin: Origin,
    ) -> Result<Registered, Failure> {
        let asked = Arc::new(asked);
        let _turn = self.0.judges.turn(&asked.subject).await;
        for _ in 0..ATTEMPTS {
            let (catalog, asked) = (self.catalog(), Arc::clone(&asked));
            // A first version is only read, and most are read at once.
            let is_first = catalog.trace(&asked.subject).is_none();
            let quick = is_first && asked.lens.is_none() && asked.proposal.is_quick();
            let prepare = move |deadline: Deadline<'_>| prepare(&catalog, &asked, deadline);
            let command = if quick {
                self.counted(self.0.judges.at_once(prepare)?, verdict)?
            } else {
                self.judged(prepare, verdict).await?
            };
            let found = verdict(&command);
            let was_there = command.findings.is_none();
            let (subject, key) = (command.subject.clone(), command.candidate.key.clone());
            let start = Instant::now();
            let done = self.execute(Command::Register(Box::new(command)), origin.clone()).await;
            self.0.telemetry.checked(Stage::Record, found, start.elapsed());
            match done {
                Err(Failure::Refused(Refusal::Moved)) => {}
                Err(failure) => return Err(failure),
                Ok(done) => {
                    let entry =
                        done.catalog.find(&subject, &key).cloned().ok_or(Failure::Broken)?;
                    return Ok(Registered { entry, new: done.changed && !was_there });
                }
            }
        }
        Err(Refusal::Moved.into())
    }

    /// Says what would become of a registration. The same findings and the same decision, and the events are dropped.
    pub async fn check(
        &self,
        asked: Registration,
        policy: impl FnOnce(Policy) -> Policy + Send + 'static,
    ) -> Result<SubjectCheckAnswer, Failure> {
        let catalog = self.catalog();
        let checked = self.judged(
            move |deadline| {
                let catalog = under(&catalog, &asked.subject, policy);
                let command = prepare(&catalog, &asked, deadline)?;
                let answer = answer(&catalog, &command);
                let decision = decide(&catalog, &Command::Register(Box::new(command)));
                Ok::<_, Failure>(judged(answer, decision))
            },
            |answer: &SubjectCheckAnswer| Verdict::Judged(answer.verdict, answer.into()),
        );
        checked.await
    }

    /// Runs a job that judges, and counts what it took under what came of it.
    pub async fn judged<T, E>(
        &self,
        job: impl FnOnce(Deadline<'_>) -> Result<T, E> + Send + 'static,
        verdict: impl FnOnce(&T) -> Verdict,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.counted(self.0.judges.timed(job).await?, verdict)
    }

    fn counted<T, E>(
        &self,
        timed: Timed<Result<T, E>>,
        verdict: impl FnOnce(&T) -> Verdict,
    ) -> Result<T, E> {
        let verdict = timed.value.as_ref().map_or(Verdict::Failed, verdict);
        self.0.telemetry.checked(Stage::Wait, verdict, timed.waited);
        self.0.telemetry.checked(Stage::Judge, verdict, timed.took);
        timed.value
    }

    /// Puts a lens on an edge that is there.
    pub async fn add_lens(
        &self,
        subject: &Subject,
        (from, to): (Version, Version),
        document: Value,
        origin: Origin,
    ) -> Result<Done, Failure> {
        let lens = read_lens(&document)?;
        let _turn = self.0.judges.turn(subject).await;
        for _ in 0..ATTEMPTS {
            let (catalog, lens, subject) = (self.catalog(), lens.clone(), subject.clone());
            let command = self.0.judges.run(move |deadline| {
                let stream = catalog
                    .stream(&subject)
                    .ok_or_else(|| Refusal::SubjectNotFound(subject.clone()))?;
                let entry = |version: Version| {
                    stream.entry(version).ok_or_else(|| Refusal::VersionNotFound {
                        subject: subject.clone(),
                        version: version.to_string(),
                    })
                };
                let (older, newer) = (entry(from)?, entry(to)?);
                let findings = LensFindings::of(&catalog, &lens, older, newer, deadline)?;
                Ok::<_, Failure>(AddLens { subject, from, to, lens, findings })
            });
            let command = Command::AddLens(command.await??);
            match self.execute(command, origin.clone()).await {
                Err(Failure::Refused(Refusal::Moved)) => {}
                result => return result,
            }
        }
        Err(Refusal::Moved.into())
    }
}

/// Reads a lens: a document, or the text of one.
pub fn read_lens(document: &Value) -> Result<Lens, Failure> {
    Ok(match document {
        Value::String(text) => Lens::parse(text)?,
        document => Lens::from_value(document)?,
    })
}

/// What was found out about a registration, in a word.
fn verdict(command: &Register) -> Verdict {
    command.findings.as_ref().map_or(Verdict::Known, |findings| {
        let judgements = findings.against.iter().map(|(_, judgement)| judgement);
        Verdict::Judged(findings.outcome(), Means::of(judgements))
    })
}

/// Everything about a registration that takes time.
fn prepare(
    catalog: &Catalog,
    asked: &Registration,
    deadline: Deadline<'_>,
) -> Result<Register, Failure> {
    let mut command = Register {
        subject: asked.subject.clone(),
        candidate: asked.proposal.read(catalog)?,
        lens: asked.lens.as_ref().map(read_lens).transpose()?,
        release: asked.release.clone(),
        kind: asked.kind,
        id: asked.id,
        version: asked.version,
        forced: asked.forced,
        allow_undecided: asked.allow_undecided,
        findings: None,
    };
    if is_there(catalog, &command).is_none() {
        let Register { subject, candidate, lens, .. } = &command;
        let found = Findings::of(catalog, subject, candidate, lens.as_ref(), deadline)?;
        command.findings = Some(found);
    }
    Ok(command)
}

/// The catalog as it would be under another policy for a subject.
fn under(catalog: &Catalog, subject: &Subject, policy: impl FnOnce(Policy) -> Policy) -> Catalog {
    // Whether a candidate fits is one question, whether anything may be written now is another.
    let mut catalog = catalog.without_modes();
    let current = catalog.policy_of(subject);
    let wanted = policy(current);
    if wanted != current {
        let set = ConfigSet {
            scope: Scope::Subject(subject.clone()),
            compatibility: Some(wanted.compatibility),
            content_model: Some(wanted.content_model),
            widen: Some(wanted.widen),
            strict_lenses: Some(wanted.strict_lenses),
        };
        catalog.apply(catalog.position(), &Event::ConfigSet(set));
    }
    catalog
}

fn answer(catalog: &Catalog, command: &Register) -> SubjectCheckAnswer {
    if let Some(findings) = &command.findings {
        return findings.answer();
    }
    let Policy { compatibility, content_model, .. } = catalog.policy_of(&command.subject);
    SubjectCheckAnswer::new(compatibility, content_model, None, Vec::new())
}

/// The answer as the decision has it: the evidence is the same, the last word is the decision's.
fn judged(
    mut answer: SubjectCheckAnswer,
    decision: Result<Vec<Event>, Refusal>,
) -> SubjectCheckAnswer {
    match decision {
        Ok(_) => {
            answer.accepted = true;
            answer.refusals.clear();
        }
        Err(Refusal::Incompatible(_)) => {}
        Err(refusal) => {
            answer.accepted = false;
            let problem = Problem::from(refusal);
            answer.refusals.push(Refused {
                rule: problem.code.to_string(),
                at: String::new(),
                why: problem.detail.clone(),
            });
        }
    }
    answer
}
