//! The version in the event's name: `OrderPlaced.v2`, `shop.OrderPlacedV2`, or any other pattern of both.

use std::str::FromStr;

use serde::Deserialize;
use stele_evolution::version::Version;

use super::{Claim, Said, Target, Use};
use crate::envelope::{Envelope, Mode};

/// How versions stand in the names of events.
///
/// ```
/// use stele_translator::convention::NamePattern;
///
/// let name = "shop.{subject}V{version}".parse::<NamePattern>()?.of("OrderPlaced");
/// assert_eq!(name.of("2".parse().unwrap()), "shop.OrderPlacedV2");
/// assert!(name.covers("shop.OrderPlacedV3") && name.covers("shop.OrderPlaced"));
/// # Ok::<(), stele_translator::convention::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NamePattern {
    head: String,
    joint: String,
    tail: String,
    order: Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    SubjectFirst,
    VersionFirst,
}

/// How the events of one subject are named, version by version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    subject: String,
    before: String,
    after: String,
    bare: String,
}

/// Why a text is no pattern of names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a pattern of names: expected `{{subject}}` and `{{version}}`, each once, such as `{{subject}}.v{{version}}`"
)]
pub struct NameError(pub String);

impl Default for NamePattern {
    /// `{subject}.v{version}`
    fn default() -> Self {
        NamePattern {
            head: String::new(),
            joint: ".v".to_owned(),
            tail: String::new(),
            order: Order::SubjectFirst,
        }
    }
}

impl FromStr for NamePattern {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refused = || NameError(text.to_owned());
        let (subject, version) = ("{subject}", "{version}");
        let (first, second, order) = match (text.find(subject), text.find(version)) {
            (Some(at), Some(other)) if at < other => (subject, version, Order::SubjectFirst),
            (Some(_), Some(_)) => (version, subject, Order::VersionFirst),
            _ => return Err(refused()),
        };
        let (head, rest) = text.split_once(first).ok_or_else(refused)?;
        let (joint, tail) = rest.split_once(second).ok_or_else(refused)?;
        if [joint, tail].iter().any(|part| part.contains(subject) || part.contains(version)) {
            return Err(refused());
        }
        let [head, joint, tail] = [head, joint, tail].map(ToOwned::to_owned);
        Ok(NamePattern { head, joint, tail, order })
    }
}

impl TryFrom<String> for NamePattern {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl NamePattern {
    /// The names of the events of `subject`. Without a version, whatever joins the two is gone as well.
    pub fn of(&self, subject: &str) -> Name {
        let NamePattern { head, joint, tail, order } = self;
        match order {
            Order::SubjectFirst => Name {
                subject: subject.to_owned(),
                before: format!("{head}{subject}{joint}"),
                after: tail.clone(),
                bare: format!("{head}{subject}{tail}"),
            },
            Order::VersionFirst => Name {
                subject: subject.to_owned(),
                before: head.clone(),
                after: format!("{joint}{subject}{tail}"),
                bare: format!("{subject}{tail}"),
            },
        }
    }
}

impl Name {
    /// What stands for the subject in it.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name of a version.
    pub fn of(&self, version: Version) -> String {
        self.spell(&version.to_string())
    }

    /// Whether an event of this name belongs to the subject, with or without a version in it.
    pub fn covers(&self, event_type: &str) -> bool {
        event_type == self.bare || self.said(event_type).is_some()
    }

    fn said(&self, event_type: &str) -> Option<Said> {
        Said::parse(event_type.strip_prefix(&self.before)?.strip_suffix(&self.after)?)
    }

    fn spell(&self, version: &str) -> String {
        format!("{}{version}{}", self.before, self.after)
    }
}

/// The version in the event's name.
pub fn read(envelope: &Envelope, name: &Name) -> Option<Claim> {
    let said = name.said(envelope.event_type()?)?;
    Some(Claim { subject: None, said })
}

/// Renames the event. A plain event has no name.
pub fn write(envelope: &mut Envelope, target: &Target<'_>, used: Use) {
    let said = envelope.event_type().and_then(|event_type| target.name.said(event_type));
    let renamed = match (said, used) {
        (Some(said), _) => target.name.spell(&said.spell(target.known)),
        (None, Use::Always) => target.name.of(target.known.version),
        (None, Use::IfPresent) => return,
    };
    if envelope.mode != Mode::Plain {
        envelope.attributes.set("type", renamed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_in_its_own_place_is_read() {
        let name = NamePattern::default().of("OrderPlaced");

        assert_eq!(name.said("OrderPlaced.v2"), Some(Said::Number("2".parse().unwrap())));
        assert_eq!(name.said("OrderPlaced.v1.4.2"), Some(Said::Release("1.4.2".parse().unwrap())));
        for tail in ["", ".v", ".v+2", ".v02", ".v0", ".vat", ".v^1.2", ".vlatest", "s.v2"] {
            assert_eq!(name.said(&format!("OrderPlaced{tail}")), None, "{tail}");
        }
        assert_eq!(name.said("ReOrderPlaced.v2"), None);
    }

    #[test]
    fn the_version_may_come_first() {
        let name =
            "v{version}.{subject}.happened".parse::<NamePattern>().unwrap().of("OrderPlaced");

        assert_eq!(name.said("v7.OrderPlaced.happened"), Some(Said::Number("7".parse().unwrap())));
        assert!(name.covers("OrderPlaced.happened"));
    }

    #[test]
    fn a_pattern_without_both_is_refused() {
        for pattern in ["", "{subject}", "v{version}", "{subject}{version}{version}"] {
            assert_eq!(pattern.parse::<NamePattern>(), Err(NameError(pattern.into())));
        }
    }
}
