//! `stele register`: puts what is new into the registry, in the order of its versions. Doing it twice changes nothing.

pub mod args;

use stele_api::{
    dialect::ConfigUpdate, patch::Patch, problem::Problem, stream::SubjectUpdate,
    subject::Subject as Name, version::RegisterRequest,
};
use stele_client::{Client, ClientError};
use stele_evolution::{lens::Lens, policy::Outcome, version::Version};

use self::args::Register;
use crate::{
    asking,
    error::{Explain, Failure, Hint},
    exit::Exit,
    judging::{Terms, judged, refused},
    pairing::{Change, Pair, pair},
    report::{
        Format, human, json,
        model::{Done, Finding, Registration},
    },
    source::{self, Document, Settings, Source, Subject, file, registry},
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
pub async fn run(args: &Register, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let client = Client::new(&args.registry.registry)?;
    let reading = source::Reading { subject: args.subject.clone(), ..source::Reading::default() };
    let new = source::read(&args.source, None, &reading)?;
    let lens = lens(args, &new)?;
    let old = registry::read(&client, &new.subjects).await?;

    let pairs = pair(&old, &new)?;
    let registering = Registering { client: &client, args, lens: lens.as_ref(), old: &old };
    let mut registrations = Vec::new();
    for subject in &new.subjects {
        if !args.dry_run {
            registering.settle(subject).await?;
        }
        let pairs = pairs.iter().filter(|pair| pair.subject.key == subject.key);
        for pair in pairs {
            let registration = registering.one(pair).await?;
            let refused = registration.done == Done::Refused;
            if args.format == Format::Human {
                terminal.result(human::registration(&registration, terminal.width()))?;
            }
            registrations.push(registration);
            // What comes after it is built on it.
            if refused {
                break;
            }
        }
    }

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
}

impl Registering<'_> {
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
            // A lens or a release that somebody names is for the registry to compare with what it has.
            Change::Unchanged(document) if self.lens.is_some() || self.args.release.is_some() => {
                self.put(subject, pair.subject, &[], document).await
            }
            Change::Unchanged(document) => {
                Ok(Registration::new(subject, Done::Unchanged, document.version))
            }
            Change::Rewritten { .. } | Change::OutOfOrder { .. } | Change::Removed(_) => {
                let terms = Terms::default();
                let findings = judged(pair, terms);
                Ok(Registration { findings, ..Registration::new(subject, Done::Refused, None) })
            }
            Change::First(document) if self.args.dry_run => {
                let request = asking::request(document, None, Terms::default())?;
                self.client.check_subject(&subject, &request).await?;
                Ok(Registration::new(subject, Done::Accepted, document.version))
            }
            Change::First(document) => self.put(subject, pair.subject, &[], document).await,
            Change::Step { candidate, .. } if self.args.dry_run => {
                self.dry(subject, pair, candidate.version).await
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
        version: Option<Version>,
    ) -> Result<Registration, Failure> {
        let settings = &pair.subject.settings;
        let terms = Terms { level: settings.compatibility, model: settings.content_model };
        let pairs = std::slice::from_ref(pair);
        let findings = asking::findings(self.client, self.old, pairs, terms).await?;
        let accepted = findings.iter().all(|it| it.verdict == Outcome::Compatible);
        let done = if accepted { Done::Accepted } else { Done::Refused };
        Ok(Registration { findings, ..Registration::new(subject, done, version) })
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
        Err(error) => match refusal(&error, subject, history, document) {
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
) -> Option<Vec<Finding>> {
    let ClientError::Problem(problem) = error else { return None };
    let problem: Problem = problem.typed()?;
    if problem.against.is_empty() && problem.rejection.is_none() {
        return None;
    }
    Some(refused(subject, history, document, &problem))
}

fn changed<T: Clone + PartialEq>(there: Option<&T>, said: Option<&T>) -> Patch<T> {
    match said {
        Some(said) if there != Some(said) => Patch::Set(said.clone()),
        _ => Patch::Keep,
    }
}
