//! The front: the read that every message may lead to, a schema by its id, is answered before anything is routed.
//!
//! Only in its plainest form: in the default context, without a query, not compressed, not asked whether it has changed,
//! and found. Whatever else is asked, and whoever is to be refused, goes the way of all requests; both ways answer alike.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
    routing::future::RouteFuture,
};
use futures_util::future::{Either, Ready, ready};
use hyper::{body::Incoming, service::Service};
use stele_api::{id::SchemaId, path::dialect as path, subject::Context};
use tower::Service as _;

use super::{
    Gate, dialect,
    edge::{self, REQUEST_ID, RequestId},
};
use crate::{access::Role, registry::Registry, telemetry::Meter};

/// What answers the requests of a connection. Cheap to clone.
#[derive(Clone)]
pub struct Front(Arc<Inner>);

struct Inner {
    registry: Registry,
    gate: Gate,
    meter: Meter,
    around: Context,
    router: Router,
}

impl Front {
    /// In front of a router.
    pub(super) fn new(registry: Registry, gate: Gate, router: Router) -> Self {
        let meter = registry.telemetry().meter("GET", path::SCHEMA.route(), 200);
        let around = Context::default();
        Front(Arc::new(Inner { registry, gate, meter, around, router }))
    }

    /// The schema that is asked for; nothing where the request is another one, or is to be refused.
    fn schema<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let start = Instant::now();
        let id: SchemaId = asked(request)?;
        let (inner, headers) = (&*self.0, request.headers());
        let catalog = inner.registry.published();
        let content = catalog.content(&inner.around, id)?;
        let _place = inner.gate.admits(headers, Role::Reader, &inner.around)?;
        let name = RequestId::of(headers);
        let mut response = dialect::schema_by_id(headers, &catalog, content).ok()?;
        response.headers_mut().insert(REQUEST_ID, name.0.clone());
        let took = start.elapsed();
        inner.meter.answered(took);
        edge::log("GET", path::SCHEMA.route(), &name, StatusCode::OK, took);
        Some(response)
    }
}

/// The id of the schema that a request asks for, where it asks for nothing else.
fn asked<B>(request: &Request<B>) -> Option<SchemaId> {
    let prefix = path::SCHEMA.route().strip_suffix("{id}")?;
    let number = request.uri().path().strip_prefix(prefix)?;
    let plain = *request.method() == Method::GET
        && request.uri().query().is_none()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    let headers = request.headers();
    let has_more = headers.contains_key(header::ACCEPT_ENCODING)
        || headers.contains_key(header::IF_NONE_MATCH);
    if plain && !has_more { number.parse().ok() } else { None }
}

impl Service<Request<Incoming>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, RouteFuture<Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        match self.schema(&request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.0.router.clone().call(request)),
        }
    }
}
