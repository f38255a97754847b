//! Which policy holds: the subject's own, its context's, the global one, the kind's, the server's, in that order.

use stele_api::{stream::Policy, subject::Subject};
use stele_evolution::{containment::ContentModel, policy::Level};

use super::Catalog;
use crate::event::Scope;

/// What was set for one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Setting {
    /// The level, if one was set.
    pub compatibility: Option<Level>,
    /// The content model, if one was set.
    pub content_model: Option<ContentModel>,
}

impl Catalog {
    /// What was set for exactly this scope.
    pub fn setting(&self, scope: &Scope) -> Setting {
        self.settings.get(scope).copied().unwrap_or_default()
    }

    /// The policy that holds in a scope.
    pub fn policy(&self, scope: &Scope) -> Policy {
        let around: Vec<Setting> = match scope {
            Scope::Global => vec![],
            Scope::Context(_) => vec![self.setting(&Scope::Global)],
            Scope::Subject(subject) => vec![
                self.setting(&Scope::Context(subject.context().clone())),
                self.setting(&Scope::Global),
            ],
        };
        let settings = || std::iter::once(self.setting(scope)).chain(around.iter().copied());
        let kind = match scope {
            Scope::Subject(subject) => self.stream(subject).and_then(|s| s.kind().default_level()),
            Scope::Global | Scope::Context(_) => None,
        };
        Policy {
            compatibility: settings()
                .find_map(|setting| setting.compatibility)
                .or(kind)
                .unwrap_or(self.defaults.compatibility),
            content_model: settings()
                .find_map(|setting| setting.content_model)
                .unwrap_or(self.defaults.content_model),
        }
    }

    /// The policy that holds for a subject.
    pub fn policy_of(&self, subject: &Subject) -> Policy {
        self.policy(&Scope::Subject(subject.clone()))
    }
}
