//! A ticket is what somebody was let in with. Whoever stays is asked for it again, as it may be taken back or run out.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use stele_api::problem::{Code, Problem};
use tokio::time;

use crate::access::{Access, Denied, LOOK, Principal};

/// What somebody was let in with.
#[derive(Clone, Default)]
pub struct Ticket {
    access: Access,
    shown: HeaderMap,
}

impl Ticket {
    /// What a request shows.
    pub fn of(access: &Access, headers: &HeaderMap) -> Self {
        let shown = headers.get(header::AUTHORIZATION).cloned();
        let shown = shown.map(|shown| (header::AUTHORIZATION, shown));
        Ticket { access: access.clone(), shown: shown.into_iter().collect() }
    }

    /// Whether it says whose it is.
    pub fn is_somebodys(&self) -> bool {
        !self.access.is_open()
    }

    /// Whose it is, now.
    pub fn again(&self) -> Result<Arc<Principal>, Denied> {
        self.access.principal(&self.shown)
    }

    /// Asks for it again and again, telling whose it is, until it is good for nothing; never ends where nobody is asked.
    pub async fn until_denied(&self, tell: impl Fn(Arc<Principal>)) -> Denied {
        if !self.is_somebodys() {
            return std::future::pending().await;
        }
        loop {
            time::sleep(LOOK).await;
            match self.again() {
                Ok(principal) => tell(principal),
                Err(denied) => return denied,
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ticket {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Whoever came by another way than the gate is nobody, and sees nothing.
        Ok(parts.extensions.get::<Ticket>().cloned().unwrap_or_default())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Problem::new(Code::Unauthenticated, denied.to_string()).hint(
            "send `Authorization: Bearer TOKEN`, or `Basic` with the token's name and the token",
        )
    }
}
