//! The explanation: for whoever wants to know why, what the rule means, and what each direction rests on.

use owo_colors::Style;
use stele_api::check::{CheckAnswer, Direction};
use stele_evolution::{containment::Proof, policy::Level};

use super::{model::Finding, page::Page, rules};

/// Explains what was found about one step.
pub(super) fn finding(page: &mut Page, finding: &Finding) {
    let Some(check) = &finding.check else { return };
    let label = Style::new().cyan();
    page.gap();
    page.paragraph(2, "why:", label, level(check.compatibility));
    let (old, new) = ("old events, read by the new schema:", "new events, read by the old schema:");
    for (way, direction) in [(old, &check.directions.backward), (new, &check.directions.forward)] {
        page.paragraph(4, way, Style::new().dimmed(), &said(direction));
    }
    let other = [
        ("strictly, backward:", &check.other_model.backward),
        ("strictly, forward:", &check.other_model.forward),
    ];
    for (way, direction) in other {
        page.paragraph(4, way, Style::new().dimmed(), &said(direction));
    }
    differences(page, check);
}

fn differences(page: &mut Page, check: &CheckAnswer) {
    for told in &check.differences {
        let at = told.at.to_string();
        let at = if at.is_empty() { "the root".to_owned() } else { at };
        let meaning = rules::find(&told.kind).map_or("", |rule| rule.meaning);
        let refused =
            check.refusals.iter().any(|it| it.rule == told.kind && it.at == told.at.to_string());
        let verdict = if refused { "refused" } else { "let in" };
        let text =
            format!("at {at}, {verdict}: {meaning} (docs/reference/differences.md#{})", told.kind);
        page.paragraph(4, &told.kind, Style::new().yellow(), &text);
    }
}

fn said(direction: &Direction) -> String {
    if let Some(proof) = direction.proof {
        let stage = match proof {
            Proof::Equal => "both say the same apart from annotations",
            Proof::Structural => "proved, part by part",
            Proof::Canonical => "proved by the canonical form of both",
        };
        return stage.to_owned();
    }
    if let Some(witness) = &direction.witness {
        return format!("broken by {}: {}", witness.event, witness.message);
    }
    let reason = direction.reason.and_then(|reason| serde_json::to_value(reason).ok());
    let reason = reason.as_ref().and_then(|reason| reason.as_str()).unwrap_or("UNWITNESSED");
    let meaning = rules::REASONS.iter().find(|(code, _)| *code == reason).map_or("", |it| it.1);
    format!("not known: {reason}, {meaning}")
}

/// What a level asks for, in a sentence.
fn level(level: Level) -> &'static str {
    match level {
        Level::AdditionsOnly => {
            "ADDITIONS_ONLY lets a version add optional properties, and asks that every event can be read in both directions"
        }
        Level::Translatable => {
            "TRANSLATABLE lets a version add as ADDITIONS_ONLY does, or ship with a lens that carries every event over and back"
        }
        Level::None => "NONE asks for nothing",
        Level::Backward => {
            "BACKWARD asks that the new schema reads every event of the newest version"
        }
        Level::BackwardTransitive => {
            "BACKWARD_TRANSITIVE asks that the new schema reads every event of every version"
        }
        Level::Forward => {
            "FORWARD asks that the newest version reads every event of the new schema"
        }
        Level::ForwardTransitive => {
            "FORWARD_TRANSITIVE asks that every version reads every event of the new schema"
        }
        Level::Full => "FULL asks for both directions, against the newest version",
        Level::FullTransitive => "FULL_TRANSITIVE asks for both directions, against every version",
    }
}
