//! Which policy and which mode hold: the subject's own, its context's, the global one, the kind's, the server's, in that
//! order.

use stele_api::{mode::Mode, stream::Policy, subject::Subject};
use stele_evolution::{containment::ContentModel, policy::Level};

use super::Catalog;
use crate::event::{ConfigSet, ModeSet, Scope};

/// What was set for one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Setting {
    /// The level, if one was set.
    pub compatibility: Option<Level>,
    /// The content model, if one was set.
    pub content_model: Option<ContentModel>,
    /// Whether any list may grow, if that was said.
    pub widen: Option<bool>,
    /// Whether a lens must be proved, if that was said.
    pub strict_lenses: Option<bool>,
}

impl Catalog {
    /// What was set for exactly this scope.
    pub fn setting(&self, scope: &Scope) -> Setting {
        self.settings.get(scope).copied().unwrap_or_default()
    }

    /// The policy that holds in a scope.
    pub fn policy(&self, scope: &Scope) -> Policy {
        let settings: Vec<Setting> =
            scope.outwards().iter().map(|scope| self.setting(scope)).collect();
        let kind = || self.stream(scope.subject()?)?.kind().default_level();
        let nearest = |flag: fn(&Setting) -> Option<bool>| settings.iter().find_map(flag);
        Policy {
            compatibility: settings
                .iter()
                .find_map(|setting| setting.compatibility)
                .or_else(kind)
                .unwrap_or(self.defaults.compatibility),
            content_model: settings
                .iter()
                .find_map(|setting| setting.content_model)
                .unwrap_or(self.defaults.content_model),
            widen: nearest(|setting| setting.widen).unwrap_or(self.defaults.widen),
            strict_lenses: nearest(|setting| setting.strict_lenses)
                .unwrap_or(self.defaults.strict_lenses),
        }
    }

    /// The policy that holds for a subject.
    pub fn policy_of(&self, subject: &Subject) -> Policy {
        self.policy(&Scope::Subject(subject.clone()))
    }

    /// The mode that was set for exactly this scope.
    pub fn own_mode(&self, scope: &Scope) -> Option<Mode> {
        self.modes.get(scope).copied()
    }

    /// The mode that holds in a scope. One that overrides is stronger than any nearer one.
    pub fn mode(&self, scope: &Scope) -> Mode {
        let modes: Vec<Mode> =
            scope.outwards().iter().filter_map(|scope| self.own_mode(scope)).collect();
        if modes.contains(&Mode::ReadOnlyOverride) {
            return Mode::ReadOnlyOverride;
        }
        modes.first().copied().unwrap_or_default()
    }

    /// The mode that holds for a subject.
    pub fn mode_of(&self, subject: &Subject) -> Mode {
        self.mode(&Scope::Subject(subject.clone()))
    }

    /// Every scope within this one, itself included, that has a mode of its own.
    pub fn modes_within(&self, scope: &Scope) -> Vec<Scope> {
        let within = self.modes.keys().filter(|other| other.outwards().contains(scope));
        within.cloned().collect()
    }

    /// The same, with everything permitted everywhere.
    #[must_use]
    pub fn without_modes(&self) -> Catalog {
        Catalog { modes: rpds::RedBlackTreeMapSync::new_sync(), ..self.clone() }
    }

    pub(super) fn config_set(&mut self, event: &ConfigSet) {
        let setting = Setting {
            compatibility: event.compatibility,
            content_model: event.content_model,
            widen: event.widen,
            strict_lenses: event.strict_lenses,
        };
        if setting == Setting::default() {
            self.settings.remove_mut(&event.scope);
        } else {
            self.settings.insert_mut(event.scope.clone(), setting);
        }
    }

    pub(super) fn mode_set(&mut self, event: &ModeSet) {
        match event.mode {
            Some(mode) => self.modes.insert_mut(event.scope.clone(), mode),
            None => drop(self.modes.remove_mut(&event.scope)),
        }
    }
}
