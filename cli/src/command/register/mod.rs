//! `stele register`: puts what is new into the registry, in the order of its versions. Doing it twice changes nothing.

pub mod args;
mod order;

use std::collections::BTreeSet;

use stele_api::{
    dialect::ConfigUpdate, patch::Patch, problem::Problem, stream::SubjectUpdate,
    subject::Subject as Name, version::RegisterRequest,
};
use stele_client::{Client, ClientError};
use stele_evolution::{lens::Lens, policy::Outcome};

use self::args::Register;
use super::Around;
use crate::{
    asking,
    error::{Explain, Failure, Hint},
    exit::Exit,
    judging::{Terms, judged, refused},
    pairing::{Change, Pair, pair},
    progress::Progress,
    report::{
        Format, human, json,
        model::{Done, Finding, Registration},
    },
    source::{self, Document, Referred, Settings, Source, Subject, file, registry},
    terminal::Terminal,
};

/// Why a registration makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("`{flag}` is for one schema, and `{source_name}` holds {count}")]
struct ForOne {
    flag: &'static str,
    source_name: String,
    count: usize,
}

impl Explain for ForOne {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("name the file of the one version that is meant"))
    }
}

/// Registers a file or a folder.
pub async fn run(
    args: &Register,
    around: &Around,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let client = Client::new(&args.registry.registry)?;
    let reading = source::Reading { subject: args.subject.clone(), ..source::Reading::default() };
    let mut new = source::read(&args.source, None, &reading)?;
    if let Some(project) = &around.project {
        project.settle(&mut new);
    }
    registry::lend(&client, &mut new).await?;
    let lens = lens(args, &new)?;
    let old = registry::read(&client, &new.subjects).await?;

    let pairs = pair(&old, &new)?;
    let order = order::by_dependency(&pairs, &new)?;
    let registering = Registering {
        client: &client,
        args,
        lens: lens.as_ref(),
        old: &old,
        new: &new,
        pairs: &pairs,
    };
    let mut registrations = Vec::new();
    let mut settled = BTreeSet::new();
    let mut blocked: BTreeSet<&str> = BTreeSet::new();
    let progress = Progress::new("registering", pairs.len(), terminal.is_quiet());
    for pair in order {
        progress.step();
        let subject = pair.subject;
        // What comes after a version that was refused is built on it.
        if blocked.contains(subject.key.as_str()) {
            continue;
        }
        if settled.insert(subject.key.as_str()) {
            if !args.dry_run {
                registering.settle(subject).await?;
            }
            let there = registering.there_already(subject)?;
            if args.format == Format::Human && !there.is_empty() {
                progress.aside(|| terminal.result(human::there_already(&there)))?;
            }
            registrations.extend(there);
        }
        if matches!(pair.change, Change::Unchanged(_)) && !registering.has_more_to_say() {
            continue;
        }
        let registration = registering.one(pair).await?;
        if registration.done == Done::Refused {
            blocked.insert(&subject.key);
        }
        if args.format == Format::Human {
            let width = terminal.width();
            progress.aside(|| terminal.result(human::registration(&registration, width)))?;
        }
        registrations.push(registration);
    }
    drop(progress);

    if args.format == Format::Json {
        terminal.result(json::render(&registrations)?)?;
    }
    Ok(exit(&registrations))
}

fn exit(registrations: &[Registration]) -> Exit {
    let refused: Vec<&Registration> =
        registrations.iter().filter(|it| it.done == Done::Refused).collect();
    let undecided = |it: &&Registration| {
        let verdicts = || it.findings.iter().map(|finding| finding.verdict);
        verdicts().any(|verdict| verdict == Outcome::Undecided)
            && verdicts().all(|verdict| verdict != Outcome::Breaking)
    };
    match refused.as_slice() {
        [] => Exit::Compatible,
        some if some.iter().all(undecided) => Exit::Undecided,
        _ => Exit::Breaking,
    }
}

/// The lens that the command line names, if it makes sense.
fn lens(args: &Register, new: &Source) -> Result<Option<Lens>, Failure> {
    let count = new.subjects.iter().map(|subject| subject.documents.len()).sum();
    let flag = match (&args.lens, &args.release) {
        (Some(_), _) => "--lens",
        (None, Some(_)) => "--release",
        (None, None) => return Ok(None),
    };
    if count != 1 {
        return Err(ForOne { flag, source_name: new.name.clone(), count }.into());
    }
    Ok(args.lens.as_deref().map(file::lens).transpose()?)
}

struct Registering<'a> {
    client: &'a Client,
    args: &'a Register,
    lens: Option<&'a Lens>,
    old: &'a Source,
    new: &'a Source,
    pairs: &'a [Pair<'a>],
}

impl Registering<'_> {
    /// The versions of a subject that the registry has already, just as they are here.
    fn there_already(&self, subject: &Subject) -> Result<Vec<Registration>, Failure> {
        if self.has_more_to_say() {
            return Ok(Vec::new());
        }
        let name = registry::name(&subject.name)?;
        let known = self.old.subjects.iter().find(|known| known.key == subject.key);
        let mut there = Vec::new();
        for document in &subject.documents {
            let known = known.into_iter().flat_map(|known| &known.documents);
            for old in known.filter(|old| match document.version {
                Some(version) => old.version == Some(version),
                None => true,
            }) {
                if old.same(document)? {
                    there.push(Registration {
                        release: old.release.clone(),
                        ..Registration::new(name.clone(), Done::Unchanged, old.version)
                    });
                    break;
                }
            }
        }
        Ok(there)
    }

    /// A lens or a release that somebody names is for the registry to compare with what it has.
    fn has_more_to_say(&self) -> bool {
        self.lens.is_some() || self.args.release.is_some()
    }

    /// Whether everything a document refers to is in the registry already.
    fn refers_to_registered(&self, document: &Document) -> Result<bool, Failure> {
        let references = document.references()?;
        Ok(references.iter().all(|(_, referred)| match referred {
            Referred::Lent(_) => true,
            Referred::Path(path) => !self.pairs.iter().any(|pair| match &pair.change {
                Change::First(new) | Change::Step { candidate: new, .. } => {
                    new.path() == Some(path.as_str())
                }
                _ => false,
            }),
        }))
    }

    /// Makes the registry say of the subject what its `subject.yaml` says, where it does not yet.
    async fn settle(&self, subject: &Subject) -> Result<(), Failure> {
        let name = registry::name(&subject.name)?;
        let known = self.old.subjects.iter().find(|known| known.key == subject.key);
        let nothing = Settings::default();
        let there = known.map_or(&nothing, |known| &known.settings);
        let said = &subject.settings;

        let update = SubjectUpdate {
            kind: said.kind.filter(|kind| there.kind != Some(*kind)),
            owner: changed(there.owner.as_ref(), said.owner.as_ref()),
            description: changed(there.description.as_ref(), said.description.as_ref()),
            ..SubjectUpdate::default()
        };
        if update != SubjectUpdate::default() {
            self.client.describe(&name, &update).await?;
        }
        let level = |settings: &Settings| settings.compatibility.map(|level| level.to_string());
        let model =
            |settings: &Settings| settings.content_model.map(|it| human::model(it).to_owned());
        let config = ConfigUpdate {
            compatibility: changed(level(there).as_ref(), level(said).as_ref()),
            content_model: changed(model(there).as_ref(), model(said).as_ref()),
        };
        if config != ConfigUpdate::default() {
            self.client.put_config(Some(&name), &config).await?;
        }
        Ok(())
    }

    /// Registers one version, if it is new.
    async fn one(&self, pair: &Pair<'_>) -> Result<Registration, Failure> {
        let subject = registry::name(&pair.subject.name)?;
        match &pair.change {
            Change::Rewritten { .. } | Change::OutOfOrder { .. } | Change::Removed(_) => {
                let terms = Terms::default();
                let findings = judged(pair, terms)?;
                Ok(Registration { findings, ..Registration::new(subject, Done::Refused, None) })
            }
            Change::First(document) if self.args.dry_run => {
                document.schema()?;
                if self.refers_to_registered(document)? {
                    let references = asking::references(document, self.new)?;
                    let request = asking::request(document, references, None, Terms::default())?;
                    self.client.check_subject(&subject, &request).await?;
                }
                Ok(Registration::new(subject, Done::Accepted, document.version))
            }
            Change::First(document) | Change::Unchanged(document) => {
                self.put(subject, pair.subject, &[], document).await
            }
            Change::Step { candidate, .. } if self.args.dry_run => {
                self.dry(subject, pair, candidate).await
            }
            Change::Step { history, candidate } => {
                self.put(subject, pair.subject, history, candidate).await
            }
        }
    }

    /// What would become of it.
    async fn dry(
        &self,
        subject: Name,
        pair: &Pair<'_>,
        candidate: &Document,
    ) -> Result<Registration, Failure> {
        let settings = &pair.subject.settings;
        let terms = Terms { level: settings.compatibility, model: settings.content_model };
        let pairs = std::slice::from_ref(pair);
        let findings = if self.refers_to_registered(candidate)? {
            asking::findings(self.client, self.old, self.new, pairs, terms).await?
        } else {
            judged(pair, terms)?
        };
        let accepted = findings.iter().all(|it| it.verdict == Outcome::Compatible);
        let done = if accepted { Done::Accepted } else { Done::Refused };
        Ok(Registration { findings, ..Registration::new(subject, done, candidate.version) })
    }

    async fn put(
        &self,
        subject: Name,
        known: &Subject,
        history: &[&Document],
        document: &Document,
    ) -> Result<Registration, Failure> {
        let request = RegisterRequest {
            lens: self.lens.or(asking::lens_beside(known, history, document)).map(Lens::to_value),
            release: self.args.release.clone(),
            kind: known.settings.kind,
            references: asking::references(document, self.new)?,
            ..RegisterRequest::new(asking::text(document)?)
        };
        offer(self.client, subject, &request, known, history, document).await
    }
}

/// Offers a version to the registry. A "no" that comes with evidence is no failure, but what became of it.
pub(super) async fn offer(
    client: &Client,
    name: Name,
    request: &RegisterRequest,
    subject: &Subject,
    history: &[&Document],
    document: &Document,
) -> Result<Registration, Failure> {
    match client.register(&name, request).await {
        Ok(registered) => Ok(Registration {
            release: Some(registered.release),
            id: Some(registered.global_id),
            ..Registration::new(name, Done::Registered, Some(registered.version))
        }),
        Err(error) => match refusal(&error, subject, history, document)? {
            Some(findings) => {
                Ok(Registration { findings, ..Registration::new(name, Done::Refused, None) })
            }
            None => Err(error.into()),
        },
    }
}

/// A "no" with its evidence as findings; nothing where it has none.
fn refusal(
    error: &ClientError,
    subject: &Subject,
    history: &[&Document],
    document: &Document,
) -> Result<Option<Vec<Finding>>, Failure> {
    let ClientError::Problem(problem) = error else { return Ok(None) };
    let typed: Option<Problem> = problem.typed();
    let Some(problem) = typed else { return Ok(None) };
    if problem.against.is_empty() && problem.rejection.is_none() {
        return Ok(None);
    }
    refused(subject, history, document, &problem).map(Some)
}

fn changed<T: Clone + PartialEq>(there: Option<&T>, said: Option<&T>) -> Patch<T> {
    match said {
        Some(said) if there != Some(said) => Patch::Set(said.clone()),
        _ => Patch::Keep,
    }
}
