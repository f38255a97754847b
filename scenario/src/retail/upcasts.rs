//! Upcasts lift what a context stored years ago to the version it understands now, by the lenses of the registry.

use std::{collections::BTreeMap, fmt};

use stele_api::subject::SubjectError;
use stele_client::{Client, History, HistoryError, cache::Cache};
use stele_evolution::{
    plan::{NoPath, Plan, TranslateError},
    schema::{TextError, read_value},
    version::Version,
};

use super::{bounded_context::Shape, convention::Arrived, message::Message};

/// The plans by which stored events are lifted.
#[derive(Clone, Default)]
pub struct Upcasts {
    plans: BTreeMap<(String, Version), (Version, Plan)>,
}

/// Why the plans cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum UpcastsError {
    /// The subject has a name that no registry knows.
    #[error("cannot ask for `{subject}`")]
    Subject {
        /// The subject.
        subject: String,
        /// Why not.
        #[source]
        cause: SubjectError,
    },
    /// The versions of a subject cannot be loaded.
    #[error("cannot load the versions of `{subject}`")]
    History {
        /// The subject.
        subject: String,
        /// Why not.
        #[source]
        cause: Box<HistoryError>,
    },
    /// There is no way up.
    #[error("cannot lift stored events of `{subject}`")]
    NoPath {
        /// The subject.
        subject: String,
        /// Where it is blocked.
        #[source]
        cause: Box<NoPath>,
    },
}

/// Why a stored event cannot be lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftError {
    /// No plan was made for its version.
    #[error("there is no way from version {version} of `{subject}` to the one understood now")]
    NoPlan {
        /// The subject.
        subject: String,
        /// The version it is stored in.
        version: Version,
    },
    /// It is not JSON.
    #[error("a stored `{subject}` is not acceptable JSON")]
    Text {
        /// The subject.
        subject: String,
        /// What is wrong.
        #[source]
        cause: TextError,
    },
    /// The lenses could not carry it, or made of it what the newer version refuses.
    #[error("cannot lift a stored `{subject}` of version {version}")]
    Translate {
        /// The subject.
        subject: String,
        /// The version it is stored in.
        version: Version,
        /// What is wrong.
        #[source]
        cause: Box<TranslateError>,
    },
    /// It cannot be written again.
    #[error("cannot write a lifted `{subject}`")]
    Write {
        /// The subject.
        subject: String,
        /// What is wrong.
        #[source]
        cause: serde_json::Error,
    },
}

impl fmt::Debug for Upcasts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.plans.keys()).finish()
    }
}

impl Upcasts {
    /// Asks the registry for the way from every older version to each of `shapes`.
    pub async fn load(client: &Client, shapes: &[Shape]) -> Result<Upcasts, UpcastsError> {
        let mut upcasts = Upcasts::default();
        for shape in shapes.iter().filter(|shape| shape.version > 1) {
            let name = shape.subject.to_owned();
            let subject = name
                .parse()
                .map_err(|cause| UpcastsError::Subject { subject: name.clone(), cause })?;
            let history =
                History::load(client, &subject, &Cache::none()).await.map_err(|cause| {
                    UpcastsError::History { subject: name.clone(), cause: Box::new(cause) }
                })?;
            upcasts.add(*shape, |from, to| history.plan(from, to))?;
        }
        Ok(upcasts)
    }

    /// Adds the ways from every older version to `shape`, as `plan` gives them.
    pub fn add(
        &mut self,
        shape: Shape,
        plan: impl Fn(Version, Version) -> Result<Plan, NoPath>,
    ) -> Result<(), UpcastsError> {
        let to = shape.version();
        let mut from = Version::FIRST;
        while from < to {
            let plan = plan(from, to).map_err(|cause| UpcastsError::NoPath {
                subject: shape.subject.to_owned(),
                cause: Box::new(cause),
            })?;
            self.plans.insert((shape.subject.to_owned(), from), (to, plan));
            from = from.next();
        }
        Ok(())
    }

    /// The same event in the version understood now. One that is in it already is left as it is.
    pub fn lift(&self, stored: &Message, now: &[Shape]) -> Result<Arrived, LiftError> {
        if now.iter().any(|shape| shape.fits(stored)) {
            return Ok(Arrived { message: stored.clone(), written: stored.version, lost: 0 });
        }
        let subject = || stored.subject.clone();
        let version = stored.version;
        let (to, plan) = self
            .plans
            .get(&(subject(), version))
            .ok_or_else(|| LiftError::NoPlan { subject: subject(), version })?;
        // A store holds JSON; what is no UTF-8 is no JSON either, and is refused as such.
        let event = read_value(&String::from_utf8_lossy(&stored.body))
            .map_err(|cause| LiftError::Text { subject: subject(), cause })?;
        let lifted = plan.translate(&event).map_err(|cause| LiftError::Translate {
            subject: subject(),
            version,
            cause: Box::new(cause),
        })?;
        let body = serde_json::to_vec(&lifted.event)
            .map_err(|cause| LiftError::Write { subject: subject(), cause })?;
        let message = Message { version: *to, body: body.into(), ..stored.clone() };
        let lost = u32::try_from(lifted.losses.len()).unwrap_or(u32::MAX);
        Ok(Arrived { message, written: version, lost })
    }
}
