//! A remark is one thing that a report says about one place: what every report for machines is made of.

use super::{
    excerpt::Excerpt,
    model::{Changes, Finding, FindingKind, LensUse, Report},
};
use stele_evolution::policy::Outcome;

/// How much a remark weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// To know.
    Note,
    /// To look into.
    Warning,
    /// To mend.
    Error,
}

/// One thing that is said about one place.
#[derive(Debug, Clone)]
pub struct Remark {
    /// How much it weighs.
    pub severity: Severity,
    /// The stable id of the rule, such as `property_removed`.
    pub rule: String,
    /// Where in the schema, as a JSON pointer.
    pub at: String,
    /// What is said.
    pub text: String,
    /// What to do.
    pub instead: Option<String>,
    /// Where it stands.
    pub place: Option<Excerpt>,
    /// Where it stood before.
    pub before: Option<Excerpt>,
}

/// Everything that is said about one subject, or about one step of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The subject, with its versions where it has some.
    pub title: String,
    /// The bounded context.
    pub context: Option<String>,
    /// Where the newer document is.
    pub origin: Option<String>,
    /// What is said.
    pub remarks: Vec<Remark>,
    /// Whether it is as it should be.
    pub passes: bool,
    /// One word for what became of it.
    pub state: &'static str,
}

impl Case {
    /// The remark as a line of its own.
    pub fn line(&self, remark: &Remark) -> String {
        let text = &remark.text;
        let instead = remark.instead.as_ref().map(|it| format!("; instead: {it}"));
        format!("{}: {text}{}", self.title, instead.unwrap_or_default())
    }

    /// What tells a remark from every other, whatever line it stands on.
    pub fn key(&self, remark: &Remark) -> String {
        format!(
            "{}|{}|{}|{}",
            self.origin.as_deref().unwrap_or(&self.title),
            self.title,
            remark.rule,
            remark.at
        )
    }
}

impl Report {
    /// What the report says, case by case.
    pub fn cases(&self) -> Vec<Case> {
        self.findings.iter().map(case).collect()
    }
}

fn case(finding: &Finding) -> Case {
    let blank = |severity, rule: &str, text: String| Remark {
        severity,
        rule: rule.to_owned(),
        at: String::new(),
        text,
        instead: None,
        place: None,
        before: None,
    };
    let severity = match finding.verdict {
        Outcome::Breaking => Severity::Error,
        Outcome::Undecided | Outcome::Compatible => Severity::Warning,
    };
    let mut remarks = Vec::new();
    for refusal in &finding.refusals {
        let witness = finding.witness(&refusal.rule);
        let text = match witness {
            Some(witness) => {
                let (writer, reader) = if refusal.rule.starts_with("backward") {
                    ("old", "new")
                } else {
                    ("new", "old")
                };
                format!(
                    "this event of the {writer} version cannot be read by the {reader} one: {} ({})",
                    witness.event, witness.message
                )
            }
            None => refusal.why.clone(),
        };
        remarks.push(Remark {
            at: refusal.at.clone(),
            instead: Some(refusal.instead.clone()),
            place: refusal.places.new.clone(),
            before: refusal.places.old.clone(),
            ..blank(severity, &refusal.rule, text)
        });
    }
    if let Some(LensUse::Refused(rejection)) = &finding.lens {
        let text = format!("the lens does not hold: {}", rejection.error);
        remarks.push(Remark {
            at: rejection.pointer.to_string(),
            instead: Some(rejection.hint.clone()),
            ..blank(Severity::Error, "lens_rejected", text)
        });
    }
    for waived in &finding.waived {
        let (refusal, who, until) = (&waived.refusal, &waived.who, waived.until);
        let text = format!("{}; waived by {who} until {until}: {}", refusal.why, waived.why);
        remarks.push(Remark {
            at: refusal.at.clone(),
            place: refusal.places.new.clone(),
            before: refusal.places.old.clone(),
            ..blank(Severity::Note, &refusal.rule, text)
        });
    }
    for at in &finding.widened {
        let text = "readers of the older version may see values they do not know".to_owned();
        remarks.push(Remark { at: at.clone(), ..blank(Severity::Note, "widened", text) });
    }
    let notices = finding.notices.iter();
    remarks.extend(notices.map(|told| blank(Severity::Warning, "notice", told.clone())));
    Case {
        title: finding.title(),
        context: finding.context.clone(),
        origin: finding.new.as_ref().or(finding.old.as_ref()).map(|side| side.origin.clone()),
        remarks,
        passes: finding.verdict == Outcome::Compatible,
        state: match (finding.kind, finding.verdict) {
            (_, Outcome::Breaking) => "breaking",
            (_, Outcome::Undecided) => "undecided",
            _ if !finding.waived.is_empty() => "waived",
            (FindingKind::First, _) => "new",
            (FindingKind::Unchanged, _) => "unchanged",
            _ => "compatible",
        },
    }
}

impl Changes {
    /// What changed, as facts.
    pub fn case(&self) -> Case {
        let remarks = self.differences.iter().zip(&self.places).map(|(told, places)| Remark {
            severity: Severity::Note,
            rule: told.kind.clone(),
            at: told.at.to_string(),
            text: told.why.clone(),
            instead: None,
            place: places.new.clone(),
            before: places.old.clone(),
        });
        let versions = match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!(" {} -> {}", old.label(), new.label()),
            _ => String::new(),
        };
        Case {
            title: format!("{}{versions}", self.subject),
            context: None,
            origin: self.new.as_ref().or(self.old.as_ref()).map(|side| side.origin.clone()),
            remarks: remarks.collect(),
            passes: true,
            state: match (&self.old, &self.new, self.release) {
                (None, ..) => "new",
                (_, None, _) => "removed",
                (.., Some(bump)) => match bump {
                    stele_evolution::policy::Bump::Patch => "patch",
                    stele_evolution::policy::Bump::Minor => "minor",
                    stele_evolution::policy::Bump::Major => "major",
                },
                (.., None) => "changed",
            },
        }
    }
}
