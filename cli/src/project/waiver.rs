//! A waiver lets one break pass: named, reasoned, and for a time.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use stele_evolution::{pointer::Pointer, policy::Outcome, version::Version};

use super::matches;
use crate::report::model::{Finding, Refusal, Waived};

/// One break that somebody lets pass.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The subject; `*` stands for anything.
    pub subject: String,
    /// The version that breaks; any where absent.
    #[serde(default, deserialize_with = "version")]
    pub version: Option<Version>,
    /// The rule that refuses it, such as `property_removed`.
    pub rule: String,
    /// The place, as a JSON pointer; anywhere where absent.
    #[serde(default)]
    pub at: Option<Pointer>,
    /// Who lets it pass.
    pub who: String,
    /// For which reason.
    pub why: String,
    /// The last day on which it passes.
    #[serde(deserialize_with = "date")]
    pub until: Date,
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    let error = || format!("expected a day, as 2027-01-31, not `{text}`");
    text.parse().map_err(|_| serde::de::Error::custom(error()))
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    let number = u32::deserialize(deserializer)?;
    Version::try_from(number).map(Some).map_err(serde::de::Error::custom)
}

impl Waiver {
    fn is_for(&self, finding: &Finding) -> bool {
        let version = finding.new.as_ref().or(finding.old.as_ref()).and_then(|side| side.version);
        let place =
            finding.context.as_ref().map(|context| format!("{context}/{}", finding.subject));
        let named = matches(&self.subject, &finding.subject)
            || place.is_some_and(|place| matches(&self.subject, &place));
        named && (self.version.is_none() || self.version == version)
    }

    fn covers(&self, refusal: &Refusal) -> bool {
        self.rule == refusal.rule && self.at.as_ref().is_none_or(|at| at.to_string() == refusal.at)
    }
}

/// Lets pass what waivers cover on `today`, and says of those that cover something but are over that they are. Answers
/// with the waivers that nothing needed.
pub fn apply<'w>(waivers: &'w [Waiver], findings: &mut [Finding], today: Date) -> Vec<&'w Waiver> {
    let mut needed = vec![false; waivers.len()];
    for finding in findings.iter_mut().filter(|found| found.verdict != Outcome::Compatible) {
        let meant: Vec<(usize, &Waiver)> =
            waivers.iter().enumerate().filter(|(_, waiver)| waiver.is_for(finding)).collect();
        let mut kept = Vec::new();
        for refusal in std::mem::take(&mut finding.refusals) {
            let covering = meant.iter().find(|(_, waiver)| waiver.covers(&refusal));
            match covering {
                Some((index, waiver)) if waiver.until >= today => {
                    needed[*index] = true;
                    finding.waived.push(waived(refusal, waiver));
                }
                Some((index, waiver)) => {
                    needed[*index] = true;
                    finding.notices.push(format!(
                        "the waiver of `{}` by {} ended on {}: {}",
                        waiver.rule, waiver.who, waiver.until, waiver.why
                    ));
                    kept.push(refusal);
                }
                None => kept.push(refusal),
            }
        }
        finding.refusals = follow(kept, &mut finding.waived);
        if finding.refusals.is_empty() && !finding.waived.is_empty() && finding.lens_holds() {
            finding.verdict = Outcome::Compatible;
        }
    }
    waivers.iter().zip(needed).filter_map(|(waiver, needed)| (!needed).then_some(waiver)).collect()
}

/// Takes out of `kept` the directions that break at a place that was waived: that an event breaks there is what the
/// waiver was given for. A direction that breaks elsewhere stays.
fn follow(kept: Vec<Refusal>, waived: &mut Vec<Waived>) -> Vec<Refusal> {
    let is_direction = |refusal: &Refusal| refusal.rule.ends_with("_breaking");
    let places: Vec<(Pointer, Waived)> = waived
        .iter()
        .filter_map(|waived| Some((waived.refusal.at.parse().ok()?, waived.clone())))
        .collect();
    let mut left = Vec::new();
    for refusal in kept {
        let at: Option<Pointer> = refusal.at.parse().ok();
        let cause = at.filter(|_| is_direction(&refusal)).and_then(|at| {
            places.iter().find(|(place, _)| place.contains(&at) || near(&at, place))
        });
        match cause {
            Some((_, cause)) => waived.push(Waived { refusal, ..cause.clone() }),
            None => left.push(refusal),
        }
    }
    left
}

/// Whether an event stumbles at the list that a place is in: `/required` for a name that was required.
fn near(at: &Pointer, place: &Pointer) -> bool {
    !at.tokens().is_empty() && at.contains(place)
}

fn waived(refusal: Refusal, waiver: &Waiver) -> Waived {
    Waived { refusal, who: waiver.who.clone(), why: waiver.why.clone(), until: waiver.until }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::project::Project;

    const TEXT: &str = "
waivers:
  - subject: OrderPlaced
    version: 3
    rule: type_changed
    who: ada@example.org
    why: nobody reads `total` yet
    until: 2027-01-31
";

    #[test]
    fn a_waiver_says_who_why_and_until_when() {
        let waivers = Project::parse(TEXT).unwrap().waivers;

        assert_eq!(waivers[0].until, date(2027, 1, 31));
        assert_eq!(waivers[0].version.map(Version::number), Some(3));
    }

    #[test]
    fn a_waiver_without_a_reason_is_refused() {
        let error = Project::parse(&TEXT.replace("why", "because")).unwrap_err();

        assert!(error.to_string().contains("because"), "{error}");
    }
}
