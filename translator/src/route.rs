//! A route is what one subject's events become: the version the consumer reads, and how versions are said.

use std::sync::Arc;

use reqwest::Url;
use serde::Deserialize;
use stele_api::{selector::Selector, subject::Subject};
use stele_evolution::version::Version;

use crate::{
    arrival::Arrival,
    convention::{Claim, Convention, Name, NamePattern, Said, data_schema_claim},
    envelope::Mode,
    fault::{Code, Fault},
    table::{Table, Track},
};

/// How far the producers of a subject are trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Somebody vouches for them: nothing is validated on the way in, and what a proven plan makes of it neither.
    Trust,
    /// What a plan is to work on is validated first, as a tolerant reader does.
    #[default]
    Valid,
    /// Every event is validated, and refused as well where it carries names that its schema does not declare.
    Check,
    /// Names that its schema does not declare are removed, then it is validated.
    Strip,
}

/// What the events of one subject become.
#[derive(Debug, Clone)]
pub struct Route {
    /// The subject.
    pub subject: Subject,
    /// The subject as text, for what is counted and logged.
    pub label: Arc<str>,
    /// The version the consumer reads.
    pub to: Selector,
    /// How the subject's events are named.
    pub name: Name,
    /// How an event may say its version; the first that answers wins.
    pub conventions: Vec<Convention>,
    /// How the consumer reads it, where that is not how the event said it.
    pub out: Option<Convention>,
    /// Where translated events are sent.
    pub consumer: Option<Url>,
    /// How far its producers are trusted.
    pub input: Input,
}

/// Whose events come in.
#[derive(Debug, Clone)]
pub enum Routes {
    /// Of one subject only, whatever they are named: somebody said so.
    Given {
        /// The route of all.
        route: Arc<Route>,
        /// The version of all, where somebody said that too.
        from: Option<Version>,
    },
    /// Of these subjects; an event says which.
    Named(Vec<Arc<Route>>),
}

impl Route {
    /// The route of a subject to whatever is its newest version, by the usual conventions.
    pub fn to_newest(subject: &Subject) -> Route {
        Route {
            subject: subject.clone(),
            label: subject.to_string().into(),
            to: Selector::Latest,
            name: NamePattern::default().of(subject.name()),
            conventions: Convention::usual(),
            out: None,
            consumer: None,
            input: Input::Valid,
        }
    }

    /// Whether events on this stream are its own.
    fn covers_stream(&self, stream: &str) -> bool {
        self.conventions.iter().any(|convention| {
            matches!(convention, Convention::Stream(pattern)
                if pattern.covers(stream, self.name.subject()))
        })
    }
}

impl Routes {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        match self {
            Routes::Given { route, .. } => std::slice::from_ref(route).iter(),
            Routes::Named(routes) => routes.iter(),
        }
    }

    /// The same, and one more.
    #[must_use]
    pub fn with(&self, route: Arc<Route>) -> Routes {
        Routes::Named(self.iter().map(Arc::clone).chain([route]).collect())
    }

    /// The route of an event: by its name, else by its stream, else by the subject its `dataschema` names, else by its
    /// schema id. A plain event that says nothing belongs to the only route there is.
    pub(crate) fn find(&self, arrival: &Arrival<'_>, table: &Table) -> Result<&Arc<Route>, Fault> {
        let routes = match self {
            Routes::Given { route, .. } => return Ok(route),
            Routes::Named(routes) => routes,
        };
        let envelope = arrival.envelope();
        let event_type = envelope.event_type();
        if let Some(event_type) = event_type
            && let Some(route) = routes.iter().find(|route| route.name.covers(event_type))
        {
            return Ok(route);
        }
        if let Some(stream) = &envelope.stream
            && let Some(route) = routes.iter().find(|route| route.covers_stream(stream))
        {
            return Ok(route);
        }
        // A claim that cannot be read names nobody here; it is a fault once its convention is asked.
        let by_uri = data_schema_claim(envelope).ok().flatten();
        let Some(any) = routes.first() else {
            return Err(
                event_type.map_or_else(nobody, |name| not_routed(&format!("the type `{name}`")))
            );
        };
        let by_id = Convention::SchemaId.read(arrival, &any.name)?;
        for claim in by_uri.iter().chain(&by_id) {
            match claim {
                Claim { subject: Some(subject), .. } => {
                    return routes
                        .iter()
                        .find(|route| route.subject == *subject)
                        .ok_or_else(|| not_routed(&format!("the subject `{subject}`")));
                }
                Claim { said: said @ (Said::Schema(_) | Said::Guid(_)), .. } => {
                    return by_schema(routes, said, table);
                }
                Claim { .. } => {}
            }
        }
        match (event_type, routes.as_slice()) {
            (None, [only]) if envelope.mode == Mode::Plain => Ok(only),
            (None, _) => Err(nobody()),
            (Some(event_type), _) => Err(not_routed(&format!("the type `{event_type}`"))),
        }
    }

    /// The version of an event on `track`. Every convention that answers must agree; the first that answers wins, in that
    /// what it says is what a fault speaks of.
    pub(crate) fn version<'r>(
        &self,
        route: &'r Route,
        arrival: &Arrival<'_>,
        track: &Track,
    ) -> Result<Origin<'r>, Fault> {
        let mut candidates: Option<(Said, Vec<Version>)> = None;
        let mut said_by = None;
        if let Routes::Given { from: Some(from), .. } = self {
            let said = Said::Number(*from);
            candidates = Some((said.clone(), known(&said, route, track)?));
        }
        let spoken = route.conventions.iter().filter(|used| **used != Convention::Nothing);
        for convention in spoken {
            let Some(claim) = convention.read(arrival, &route.name)? else { continue };
            if let Some(other) = claim.subject.filter(|subject| *subject != route.subject) {
                let detail = format!("the event says it belongs to `{other}` as well");
                return Err(Fault::new(Code::ConventionsDisagree, detail));
            }
            let versions = known(&claim.said, route, track)?;
            said_by = said_by.or(Some(convention));
            candidates = Some(match candidates.take() {
                None => (claim.said, versions),
                Some((first, before)) => {
                    let both: Vec<Version> =
                        before.into_iter().filter(|version| versions.contains(version)).collect();
                    if both.is_empty() {
                        let detail = format!("one says {first}, another {}", claim.said);
                        return Err(Fault::new(Code::ConventionsDisagree, detail));
                    }
                    (first, both)
                }
            });
        }
        match candidates {
            Some((_, versions)) if versions.len() == 1 => {
                Ok(Origin { version: versions[0], is_assumed: false, said_by })
            }
            Some((said, versions)) => {
                let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
                let detail = format!("{said} stands for the versions {}", versions.join(", "));
                Err(Fault::new(Code::VersionUnreadable, detail))
            }
            None => assumed(route, track),
        }
    }
}

/// The version an event came in, and how that is known.
pub(crate) struct Origin<'r> {
    /// The version.
    pub version: Version,
    /// Whether nothing said so.
    pub is_assumed: bool,
    /// The convention that answered first.
    pub said_by: Option<&'r Convention>,
}

fn assumed<'r>(route: &Route, track: &Track) -> Result<Origin<'r>, Fault> {
    let not_said = |detail: &str| Err(Fault::new(Code::VersionNotSaid, detail));
    if !route.conventions.contains(&Convention::Nothing) {
        return not_said("no convention of this subject tells the version of the event");
    }
    if !track.history().is_additions_only() {
        return not_said(
            "the event does not say its version, and the newest cannot be assumed: not every version was an addition",
        );
    }
    let Some(newest) = track.history().newest() else {
        return Err(Fault::new(Code::UnknownVersion, "the subject has no version yet"));
    };
    Ok(Origin { version: newest.version, is_assumed: true, said_by: None })
}

fn known(said: &Said, route: &Route, track: &Track) -> Result<Vec<Version>, Fault> {
    let versions = said.resolve(track.history());
    if versions.is_empty() {
        let detail = format!("{said} is not registered for `{}`", route.subject);
        return Err(Fault::new(Code::UnknownVersion, detail));
    }
    Ok(versions)
}

fn by_schema<'r>(
    routes: &'r [Arc<Route>],
    said: &Said,
    table: &Table,
) -> Result<&'r Arc<Route>, Fault> {
    let has = |route: &&Arc<Route>| {
        let track = table.track(&route.subject);
        track.is_some_and(|track| !said.resolve(track.history()).is_empty())
    };
    let mut fitting = routes.iter().filter(has);
    match (fitting.next(), fitting.next()) {
        (Some(route), None) => Ok(route),
        (Some(one), Some(other)) => {
            let detail = format!("{said} is one of `{}` and of `{}`", one.subject, other.subject);
            Err(Fault::new(Code::SubjectNotSaid, detail))
        }
        (None, _) => {
            let detail = format!("{said} is not registered for any subject served here");
            Err(Fault::new(Code::UnknownVersion, detail))
        }
    }
}

fn nobody() -> Fault {
    Fault::new(Code::SubjectNotSaid, "nothing tells which subject the event belongs to")
}

fn not_routed(what: &str) -> Fault {
    Fault::new(Code::SubjectNotRouted, format!("{what} is not among the subjects served here"))
}
