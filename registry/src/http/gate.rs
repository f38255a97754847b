//! The gate: who asks is found out here, whether they may, and whether there is room. One table says what each path
//! needs; a path that is not in it needs the most.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use stele_api::{
    path::{dialect, native},
    problem::{Code, Problem},
    subject::{Context, Subject},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{dialect::asked_context, errors::shaped, query::Params, ticket::Ticket};
use crate::access::{Access, Denied, Principal, Rates, Role};

/// What stands at the gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    /// Who may come in.
    pub access: Access,
    /// How often.
    pub rates: Rates,
    /// How many at a time.
    pub room: Arc<Semaphore>,
}

/// Who asks, as a handler sees them.
#[derive(Clone)]
pub struct Asker(pub Arc<Principal>);

/// What a request needs.
#[derive(Debug, PartialEq, Eq)]
struct Needed {
    role: Role,
    place: Place,
}

/// Where the role is needed.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// In one context.
    In(Context),
    /// In any context; the handler shows only what may be seen.
    Somewhere,
    /// In all of them.
    Everywhere,
}

impl Asker {
    /// Refuses who does not have a role in a context.
    pub fn requires(&self, role: Role, context: &Context) -> Result<(), Problem> {
        let place = Place::In(context.clone());
        if self.0.may(role, context) { Ok(()) } else { Err(forbidden(&self.0, role, &place)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Asker>().cloned();
        // Whoever came by another way than the gate may do nothing.
        Ok(found.unwrap_or_else(|| Asker(Arc::new(Principal::new("", Vec::new())))))
    }
}

/// Lets a request in, or says why not.
pub async fn pass(gate: &Gate, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let template = parts.extensions.get::<MatchedPath>().cloned();
    let template = template.as_ref().map_or("", MatchedPath::as_str);
    if is_open(template) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let asker = match admitted(gate, &mut parts, template).await {
        Ok(asker) => asker,
        Err(refused) => return refused.into_response(parts.uri.path()),
    };
    parts.extensions.insert(asker);
    // Whoever waits for something to happen takes no room from those who ask; the feed counts them itself.
    if template == native::CHANGES.route() {
        parts.extensions.insert(Ticket::of(&gate.access, &parts.headers));
        return next.run(Request::from_parts(parts, body)).await;
    }
    let Ok(_place) = gate.room.try_acquire() else {
        let problem = Problem::new(Code::Overloaded, "too many requests are being answered");
        let refused = Refused::after(problem.hint("try again in a moment"), 1);
        return refused.into_response(parts.uri.path());
    };
    next.run(Request::from_parts(parts, body)).await
}

impl Gate {
    /// The place of a request of somebody who has a role in a context; nothing where they are to be refused.
    pub fn admits(
        &self,
        headers: &HeaderMap,
        role: Role,
        context: &Context,
    ) -> Option<SemaphorePermit<'_>> {
        let principal = self.access.principal(headers).ok()?;
        if !principal.may(role, context) {
            return None;
        }
        let place = self.room.try_acquire().ok()?;
        self.rates.take(principal.name(), Instant::now()).ok()?;
        Some(place)
    }
}

async fn admitted(gate: &Gate, parts: &mut Parts, template: &str) -> Result<Asker, Refused> {
    let principal =
        gate.access.principal(&parts.headers).map_err(|denied| Refused::denied(&denied))?;
    if let Err(wait) = gate.rates.take(principal.name(), Instant::now()) {
        let detail = format!("`{}` asks more often than is allowed", principal.name());
        let seconds = wait.as_secs() + 1;
        return Err(Refused::after(Problem::new(Code::RateLimited, detail), seconds));
    }
    if !gate.access.is_open() && !template.is_empty() {
        let needed = needed(parts, template).await;
        let may = match &needed.place {
            Place::In(context) => principal.may(needed.role, context),
            Place::Somewhere => principal.may_somewhere(needed.role),
            Place::Everywhere => principal.may_everywhere(needed.role),
        };
        if !may {
            return Err(Refused::plain(forbidden(&principal, needed.role, &needed.place)));
        }
    }
    Ok(Asker(principal))
}

/// A problem, and what else is said in headers.
struct Refused {
    problem: Problem,
    header: Option<(header::HeaderName, HeaderValue)>,
}

impl Refused {
    fn plain(problem: Problem) -> Self {
        Refused { problem, header: None }
    }

    fn after(problem: Problem, seconds: u64) -> Self {
        Refused { problem, header: Some((header::RETRY_AFTER, HeaderValue::from(seconds))) }
    }

    fn denied(denied: &Denied) -> Self {
        let problem = Problem::from(denied.clone());
        let challenge = HeaderValue::from_static("Bearer realm=\"stele\", Basic realm=\"stele\"");
        Refused { problem, header: Some((header::WWW_AUTHENTICATE, challenge)) }
    }

    fn into_response(self, path: &str) -> Response {
        let mut response = shaped(path, self.problem);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

fn forbidden(principal: &Principal, role: Role, place: &Place) -> Problem {
    let place = match place {
        Place::In(context) => format!("in the context `{context}`"),
        Place::Somewhere => "in any context".to_owned(),
        Place::Everywhere => "in all contexts".to_owned(),
    };
    let detail = format!("`{}` does not have the role `{role}` {place}", principal.name());
    Problem::new(Code::Forbidden, detail).hint("ask for a token with that grant")
}

/// What anybody may see: whether the registry lives, and what it can be asked.
fn is_open(template: &str) -> bool {
    [native::LIVE, native::READY, native::OPENAPI, native::DOCS, dialect::ROOT]
        .iter()
        .any(|open| open.route() == template)
}

async fn needed(parts: &mut Parts, template: &str) -> Needed {
    let state = &();
    let params = RawPathParams::from_request_parts(parts, state).await;
    let param = |name: &str| {
        let found = params.as_ref().ok()?.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned())
    };
    // Read as the handlers read it; what is said twice loosens a rule if it does so once.
    let query = Params::of(&parts.uri);
    let says = |name: &str| query.all(name).any(|value| value.eq_ignore_ascii_case("true"));
    let loosened = ["force", "permanent", "allowUndecided"].into_iter().any(says);
    let role = if loosened { Role::Admin } else { role(&parts.method, template) };
    let place = if let Some(name) = param("subject") {
        of(&name)
    } else if let Some(name) = param("context") {
        let bare = name.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
        bare.unwrap_or(&name).parse().map_or(Place::Everywhere, Place::In)
    } else if template.starts_with(dialect::SCHEMA.route()) {
        Place::In(asked_context(&query))
    } else if role == Role::Reader && is_filtered(template) {
        Place::Somewhere
    } else {
        Place::Everywhere
    };
    Needed { role, place }
}

/// The context of a subject, or of a name such as `:.orders:` for all subjects of a context.
fn of(name: &str) -> Place {
    let context = name.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    if let Some(Ok(context)) = context.map(str::parse) {
        return Place::In(context);
    }
    // What is no subject is refused further in; it is about nothing that could be seen.
    name.parse::<Subject>().map_or(Place::Somewhere, |subject| Place::In(subject.context().clone()))
}

fn role(method: &Method, template: &str) -> Role {
    let is =
        |paths: &[stele_api::path::Template]| paths.iter().any(|path| path.route() == template);
    match *method {
        Method::GET | Method::HEAD
            if is(&[native::EXPORT, native::BACKUP, native::WEBHOOKS, native::WEBHOOK]) =>
        {
            Role::Admin
        }
        Method::GET | Method::HEAD => Role::Reader,
        Method::POST
            if is(&[
                native::CHECK,
                native::SUBJECT_CHECK,
                native::TRANSLATE,
                dialect::SUBJECT,
                dialect::COMPATIBILITY,
                dialect::COMPATIBILITY_VERSION,
            ]) =>
        {
            Role::Reader
        }
        Method::POST if is(&[native::VERSIONS, native::RESTORE, dialect::VERSIONS]) => Role::Writer,
        Method::PUT if is(&[native::SUBJECT, native::LENS]) => Role::Writer,
        Method::DELETE if is(&[dialect::SUBJECT, dialect::VERSION]) => Role::Writer,
        _ => Role::Admin,
    }
}

/// Whether what is answered is about several contexts, and holds only what the asker may see.
fn is_filtered(template: &str) -> bool {
    [
        native::CHECK,
        native::SUBJECTS,
        native::SEARCH,
        native::CHANGES,
        native::METRICS,
        dialect::SUBJECTS,
        dialect::SCHEMAS,
        dialect::SCHEMA_TYPES,
        dialect::CONTEXTS,
        dialect::METADATA_ID,
        dialect::METADATA_VERSION,
        dialect::CONFIG,
        dialect::MODE,
        dialect::METADATA_ID,
        dialect::METADATA_VERSION,
    ]
    .iter()
    .any(|path| path.route() == template)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn asked(method: Method, template: &str, uri: &str) -> Needed {
        let (mut parts, ()) =
            Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
        needed(&mut parts, template).await
    }

    #[tokio::test]
    async fn a_path_that_is_in_no_table_needs_the_most() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let needed = asked(method, "/something/new", "/something/new").await;

            assert_eq!(needed, Needed { role: Role::Admin, place: Place::Everywhere });
        }
        let read = asked(Method::GET, "/something/new", "/something/new").await;
        assert_eq!(read, Needed { role: Role::Reader, place: Place::Everywhere });
    }

    #[tokio::test]
    async fn whatever_loosens_a_rule_needs_an_admin() {
        let template = dialect::SCHEMAS.route();
        for query in [
            "force=true",
            "permanent=TRUE",
            "a=b&allowUndecided=True",
            "force=false&force=true",
            "permanent=true&permanent=false",
            "%66orce=true",
        ] {
            let needed = asked(Method::GET, template, &format!("{template}?{query}")).await;

            assert_eq!(needed.role, Role::Admin, "{query}");
        }
    }

    #[tokio::test]
    async fn a_schema_is_in_the_context_that_its_handler_looks_in() {
        let template = dialect::SCHEMA.route();
        for (query, context) in [
            ("", "."),
            ("subject=", "."),
            ("subject=OrderPlaced", "."),
            ("subject=:.orders:", ".orders"),
            ("subject=:.orders:OrderPlaced", ".orders"),
            ("subject=:.orders:%00", ".orders"),
            ("subject=:.orders:A&subject=:.secret:", ".secret"),
            ("subject=:.secret:..", ".secret"),
            ("%73ubject=:.secret:", ".secret"),
        ] {
            let needed = asked(Method::GET, template, &format!("/schemas/ids/1?{query}")).await;

            assert_eq!(needed.place, Place::In(context.parse().unwrap()), "{query}");
        }
    }

    #[test]
    fn a_name_is_in_its_context() {
        let context = |text: &str| Place::In(text.parse().unwrap());

        assert_eq!(of("OrderPlaced"), context("."));
        assert_eq!(of(":.orders:OrderPlaced"), context(".orders"));
        assert_eq!(of(":.orders:"), context(".orders"));
        assert_eq!(of(""), Place::Somewhere);
    }
}
