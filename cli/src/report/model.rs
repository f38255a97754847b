//! The model of a report: everything a check found out, before anybody decides how to show it.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use stele_api::{
    check::{CheckAnswer, Witness},
    id::SchemaId,
    subject::Subject as Name,
};
use stele_evolution::{
    difference::Difference,
    lens::{Assurance, Rejection},
    policy::{Bump, Level, Outcome},
    version::{Release, Version},
};

use super::excerpt::Places;

/// The version of the document that a report is as JSON: `schemas/stele/report.schema.json` describes it.
pub const DOCUMENT: u32 = 1;

/// What a check found out about everything it compared.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this document.
    #[serde(rename = "report")]
    pub document: u32,
    /// The old source, as the person named it.
    pub old: String,
    /// The new source.
    pub new: String,
    /// The worst of all verdicts.
    pub verdict: Outcome,
    /// How often each verdict was reached.
    pub counts: Counts,
    /// What was found, subject by subject.
    pub findings: Vec<Finding>,
}

/// How often each verdict was reached.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Compatible.
    pub compatible: usize,
    /// Breaking.
    pub breaking: usize,
    /// Undecided.
    pub undecided: usize,
    /// Compatible because somebody lets a break pass.
    pub waived: usize,
    /// Compatible, and readers of older versions may see values they do not know.
    pub widened: usize,
}

/// What was found about one subject, or about one step of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The subject.
    pub subject: String,
    /// The bounded context that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// What happened.
    pub kind: FindingKind,
    /// What that means.
    pub verdict: Outcome,
    /// The older document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Side>,
    /// The newer document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Side>,
    /// What stands in the way.
    pub refusals: Vec<Refusal>,
    /// What would stand in the way, had nobody let it pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<Waived>,
    /// Where readers of the older version may see values they do not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub widened: Vec<String>,
    /// What else is to be known, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// Both directions, the differences and the rest of the judgement, as the registry's own check answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckAnswer>,
    /// The release the newer document would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What became of the lens that carries events over the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<LensUse>,
}

/// What happened to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Nothing was there before.
    First,
    /// Nothing changed.
    Unchanged,
    /// A new version.
    Step,
    /// A version that was there already says something else.
    Rewritten,
    /// A version that comes too late.
    OutOfOrder,
    /// A version, or the subject, is gone.
    Removed,
}

/// One of the two documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its version, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Where it is.
    pub origin: String,
}

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The stable id of the rule.
    pub rule: String,
    /// Where, as a JSON pointer.
    pub at: String,
    /// The rule in one sentence, for this place.
    pub why: String,
    /// What stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What stands there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// What to do instead.
    pub instead: String,
    /// Where it stands in both documents.
    pub places: Places,
}

/// A refusal that somebody lets pass, knowingly and for a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waived {
    /// What is let pass.
    pub refusal: Refusal,
    /// Who lets it pass.
    pub who: String,
    /// For which reason.
    pub why: String,
    /// The last day on which it passes.
    pub until: Date,
}

/// What became of a lens.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LensUse {
    /// It carries events over the break.
    Carries(Assurance),
    /// It does not.
    Refused(Box<Rejection>),
    /// It stands there, but the level does not ask for it.
    Ignored {
        /// The level.
        level: Level,
    },
}

/// What changed between two documents, without a judgement.
#[derive(Debug, Serialize)]
pub struct Changes {
    /// The subject.
    pub subject: String,
    /// The older document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Side>,
    /// The newer document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Side>,
    /// What the step is in semver; absent where one of the two is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Bump>,
    /// Everything that changed.
    pub differences: Vec<Difference>,
    /// Where each of the differences stands.
    #[serde(skip)]
    pub places: Vec<Places>,
}

/// What became of one version that was to be registered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The subject, as the registry knows it.
    pub subject: Name,
    /// What was done.
    pub done: Done,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Its release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The id that travels with every message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SchemaId>,
    /// What was found out about it on the way.
    pub findings: Vec<Finding>,
}

/// What was done with one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// It is in the registry now.
    Registered,
    /// It would be, had it not been a dry run.
    Accepted,
    /// It was there already.
    Unchanged,
    /// It is not in the registry.
    Refused,
}

impl Registration {
    /// What was done with a version, and nothing more.
    pub fn new(subject: Name, done: Done, version: Option<Version>) -> Self {
        Registration { subject, done, version, release: None, id: None, findings: Vec::new() }
    }
}

impl Report {
    /// A report of these findings.
    pub fn new(old: String, new: String, findings: Vec<Finding>) -> Self {
        let count = |verdict| findings.iter().filter(|found| found.verdict == verdict).count();
        let some = |has: fn(&Finding) -> bool| findings.iter().filter(|found| has(found)).count();
        let counts = Counts {
            waived: some(|found| !found.waived.is_empty()),
            widened: some(|found| !found.widened.is_empty()),
            compatible: count(Outcome::Compatible),
            breaking: count(Outcome::Breaking),
            undecided: count(Outcome::Undecided),
        };
        let verdict = match counts {
            Counts { breaking: 1.., .. } => Outcome::Breaking,
            Counts { undecided: 1.., .. } => Outcome::Undecided,
            _ => Outcome::Compatible,
        };
        Report { document: DOCUMENT, old, new, verdict, counts, findings }
    }
}

impl Finding {
    /// The subject, with the versions the finding is about.
    pub fn title(&self) -> String {
        let short = |side: &Side, nameless: &str| {
            side.version.map_or_else(|| nameless.to_owned(), |version| version.to_string())
        };
        let versions = match (&self.old, &self.new) {
            (Some(old), Some(new)) if old.version.is_some() || new.version.is_some() => {
                format!(" {} -> {}", short(old, "?"), short(new, "new"))
            }
            (None, Some(Side { version: Some(version), .. }))
            | (Some(Side { version: Some(version), .. }), None) => format!(" {version}"),
            _ => String::new(),
        };
        format!("{}{versions}", self.subject)
    }

    /// The event that a rule about a whole direction rests on.
    pub fn witness(&self, rule: &str) -> Option<&Witness> {
        let directions = &self.check.as_ref()?.directions;
        match rule {
            "backward_breaking" => directions.backward.witness.as_ref(),
            "forward_breaking" => directions.forward.witness.as_ref(),
            _ => None,
        }
    }

    /// Whether no lens was refused.
    pub fn lens_holds(&self) -> bool {
        !matches!(self.lens, Some(LensUse::Refused(_)))
    }
}

impl Side {
    /// The document as its version, where it has one, or by where it is.
    pub fn label(&self) -> String {
        self.version.map_or_else(|| self.origin.clone(), |version| version.to_string())
    }
}
