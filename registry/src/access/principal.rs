//! A principal is somebody who asks, with what they may do.

use std::sync::{Arc, LazyLock};

use stele_api::subject::{Context, Subject};

use super::{Contexts, Grant, Role};

/// Somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    name: String,
    grants: Vec<Grant>,
}

impl Principal {
    /// Somebody with grants.
    pub fn new(name: impl Into<String>, grants: Vec<Grant>) -> Self {
        Principal { name: name.into(), grants }
    }

    /// Whoever asks where access is off: may do everything.
    pub fn anybody() -> Arc<Principal> {
        static ANYBODY: LazyLock<Arc<Principal>> = LazyLock::new(|| {
            let everything = Grant { role: Role::Admin, contexts: Contexts::All };
            Arc::new(Principal::new("anonymous", vec![everything]))
        });
        Arc::clone(&ANYBODY)
    }

    /// As they stand in the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether they have a role in a context.
    pub fn may(&self, role: Role, context: &Context) -> bool {
        self.grants.iter().any(|grant| grant.role >= role && grant.contexts.hold(context))
    }

    /// Whether they have a role in every context, and in what is about none.
    pub fn may_everywhere(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role >= role && grant.contexts == Contexts::All)
    }

    /// Whether they have a role in any context.
    pub fn may_somewhere(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role >= role)
    }

    /// Whether they may know that a subject is there.
    pub fn sees(&self, subject: &Subject) -> bool {
        self.may(Role::Reader, subject.context())
    }
}
