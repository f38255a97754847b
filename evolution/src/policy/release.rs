//! A release is the semantic version a schema carries; a bump is the step to the next (spec verdicts, section 4).

use serde::{Deserialize, Serialize};

use crate::version::Release;

/// The size of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Only annotations, or nothing that any event shows.
    Patch,
    /// Additions.
    Minor,
    /// Anything else.
    Major,
}

impl Bump {
    /// The release after `release`; the first of a subject is 1.0.0.
    pub fn after(self, release: Option<&Release>) -> Release {
        match (release, self) {
            (None, _) => Release::new(1, 0, 0),
            (Some(last), Bump::Patch) => {
                Release::new(last.major, last.minor, last.patch.saturating_add(1))
            }
            (Some(last), Bump::Minor) => Release::new(last.major, last.minor.saturating_add(1), 0),
            (Some(last), Bump::Major) => Release::new(last.major.saturating_add(1), 0, 0),
        }
    }
}
