//! The report for people: what broke, for which event, and what to do instead; then one line that sums it up.

use owo_colors::{OwoColorize, Style};
use stele_api::check::{CheckAnswer, Direction, Witness};
use stele_evolution::{
    containment::{ContentModel, Proof},
    lens::{Assurance, Rejection},
    policy::{Level, Outcome},
    version::Version,
};

use super::{
    explain,
    model::{Done, Finding, FindingKind, LensUse, Refusal, Registration, Report, Side, Waived},
    page::Page,
    snippet,
};
use crate::terminal::printable;

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detail {
    /// Also why, for every step.
    pub explained: bool,
    /// Only what stands in the way.
    pub quiet: bool,
    /// Also what did not change.
    pub verbose: bool,
}

/// The whole report.
pub fn render(report: &Report, detail: Detail, width: usize) -> String {
    let mut page = Page::new(width);
    let mut was_blocked = false;
    for finding in &report.findings {
        let is_shown = finding.kind != FindingKind::Unchanged || detail.verbose;
        if std::mem::take(&mut was_blocked) && is_shown {
            page.gap();
        }
        match (finding.kind, finding.verdict) {
            (FindingKind::Unchanged, _) if detail.verbose => {
                let word = format!("{:<10}", "unchanged");
                page.line(0, &format!("{} {}", word.dimmed(), title(finding)));
            }
            (FindingKind::Unchanged, _) => {}
            (_, Outcome::Compatible) if detail.quiet => {}
            (_, Outcome::Compatible) => compatible(&mut page, finding),
            _ => {
                page.gap();
                blocked(&mut page, finding);
                was_blocked = true;
            }
        }
        if detail.explained && finding.kind != FindingKind::Unchanged {
            explain::finding(&mut page, finding);
            page.gap();
        }
    }
    if detail.quiet && report.verdict == Outcome::Compatible {
        return page.into_text();
    }
    page.gap();
    summary(&mut page, report);
    page.into_text()
}

/// What became of a registration; what stands in the way in full.
pub fn registration(registration: &Registration, width: usize) -> String {
    let (word, style) = match registration.done {
        Done::Registered => ("registered", Style::new().green()),
        Done::Accepted => ("accepted", Style::new().green()),
        Done::Unchanged => ("unchanged", Style::new().dimmed()),
        Done::Refused => ("refused", Style::new().red().bold()),
    };
    let mut told = Vec::new();
    told.extend(registration.release.as_ref().map(|release| format!("release {release}")));
    told.extend(registration.id.map(|id| format!("id {}", id.number())));
    if registration.done == Done::Accepted {
        told.push("a dry run: nothing was recorded".to_owned());
    }
    let version = registration.version;
    let version = version.map_or_else(String::new, |version| format!(" {version}"));
    let mut page = Page::new(width);
    let word = format!("{word:<10}");
    let name = registration.subject.to_string();
    page.line(0, &format!("{} {}{version}{}", word.style(style), name.bold(), aside(&told)));
    if registration.done == Done::Refused {
        for (index, finding) in registration.findings.iter().enumerate() {
            if index > 0 {
                page.gap();
            }
            blocked(&mut page, finding);
        }
    }
    page.into_text()
}

/// The versions of one subject that were there already, on one line.
pub fn there_already(registrations: &[Registration]) -> String {
    let Some(first) = registrations.first() else { return String::new() };
    let versions = registrations.iter().filter_map(|it| it.version);
    let versions: Vec<String> = versions.map(|version| version.to_string()).collect();
    let word = format!("{:<10}", "unchanged");
    let name = first.subject.to_string();
    let told = aside(&["already registered".to_owned()]);
    format!("{} {} {}{told}\n", word.dimmed(), name.bold(), versions.join(", "))
}

/// Why a lens was refused.
pub fn rejection(rejection: &Rejection, width: usize) -> String {
    let mut page = Page::new(width);
    lens_refused(&mut page, 0, rejection);
    page.into_text()
}

fn summary(page: &mut Page, report: &Report) {
    let count = |kind| report.findings.iter().filter(|found| found.kind == kind).count();
    let (unchanged, first) = (count(FindingKind::Unchanged), count(FindingKind::First));
    let mut parts = Vec::new();
    let mut part = |number: usize, what: &str| {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    };
    part(report.counts.breaking, "breaking");
    part(report.counts.undecided, "undecided");
    part(report.counts.waived, "waived");
    part(
        report.counts.compatible.saturating_sub(unchanged + first + report.counts.waived),
        "compatible",
    );
    part(first, "new");
    part(unchanged, "unchanged");
    let word = match report.verdict {
        Outcome::Breaking => "breaking:",
        Outcome::Undecided => "undecided:",
        Outcome::Compatible => "compatible:",
    };
    let parts = if parts.is_empty() { "nothing to check".to_owned() } else { parts.join(", ") };
    let text = format!("{parts} ({} against {})", report.new, report.old);
    page.paragraph(0, word, color(report.verdict), &text);
}

fn color(verdict: Outcome) -> Style {
    match verdict {
        Outcome::Compatible => Style::new().green().bold(),
        Outcome::Breaking => Style::new().red().bold(),
        Outcome::Undecided => Style::new().yellow().bold(),
    }
}

fn title(finding: &Finding) -> String {
    let (name, versions) = (&finding.subject, finding.title());
    let versions = versions.strip_prefix(name.as_str()).unwrap_or_default();
    let context = finding.context.as_ref();
    let context = context.map_or_else(String::new, |it| format!("  ({it})").dimmed().to_string());
    format!("{}{versions}{context}", printable(name).bold())
}

fn compatible(page: &mut Page, finding: &Finding) {
    let word = format!("{:<10}", "compatible");
    let mut told = Vec::new();
    if finding.kind == FindingKind::First {
        told.push("the first version".to_owned());
    }
    told.extend(finding.release.as_ref().map(|release| format!("release {release}")));
    match &finding.lens {
        Some(LensUse::Carries(Assurance::Proven)) => {
            told.push("carried by its lens, proven".into());
        }
        Some(LensUse::Carries(Assurance::Tested(samples))) => {
            told.push(format!("carried by its lens, tested on {samples} events"));
        }
        _ => told.extend(finding.check.as_ref().and_then(proof)),
    }
    page.line(0, &format!("{} {}{}", word.green(), title(finding), aside(&told)));
    for waived in &finding.waived {
        let Waived { refusal, who, why, until } = waived;
        let at = if refusal.at.is_empty() { "the root" } else { &refusal.at };
        let text = format!("{} at {at}, by {who} until {until}: {why}", refusal.rule);
        page.paragraph(11, "waived:", Style::new().yellow(), &text);
    }
    for at in &finding.widened {
        let text = format!("at {at}: readers of the older version may see values they do not know");
        page.paragraph(11, "widened:", Style::new().yellow(), &text);
    }
    if finding.lens.is_none()
        && let Some(check) = &finding.check
        && let Some(notice) = strict_notice(check)
    {
        page.paragraph(11, "note:", Style::new().dimmed(), &notice);
    }
}

/// What is told beside a name, if anything.
fn aside(told: &[String]) -> String {
    match told {
        [] => String::new(),
        told => format!("  {}", told.join(", ").dimmed()),
    }
}

fn proof(check: &CheckAnswer) -> Option<String> {
    let stage = |direction: &Direction| {
        direction.proof.map(|proof| match proof {
            Proof::Equal => "equal",
            Proof::Structural | Proof::Canonical => "proved",
        })
    };
    match (stage(&check.directions.backward), stage(&check.directions.forward)) {
        (Some("equal"), Some("equal")) => Some("only annotations changed".to_owned()),
        (Some(_), Some(_)) => Some("proved in both directions".to_owned()),
        (Some(_), None) => Some("proved backward".to_owned()),
        (None, Some(_)) => Some("proved forward".to_owned()),
        (None, None) => None,
    }
}

/// What holds between tolerant readers but not for the documents as written.
fn strict_notice(check: &CheckAnswer) -> Option<String> {
    if check.content_model != ContentModel::Event {
        return None;
    }
    let (here, strict) = (&check.directions.backward, &check.other_model.backward);
    let breaks = here.verdict == Outcome::Compatible && strict.verdict == Outcome::Breaking;
    let witness = strict.witness.as_ref().filter(|_| breaks)?;
    let at = if witness.instance_path.is_empty() { "its root" } else { &witness.instance_path };
    let event = witness.event.to_string();
    // A long event is for `--format json`.
    let event = if event.len() <= 48 { format!(" {event}") } else { String::new() };
    Some(format!("read strictly, an old event{event} could break it: at {at}, {}", witness.message))
}

fn blocked(page: &mut Page, finding: &Finding) {
    let word = match finding.verdict {
        Outcome::Undecided => "undecided",
        _ => "breaking",
    };
    page.line(
        0,
        &format!("{} {}", format!("{word:<10}").style(color(finding.verdict)), title(finding)),
    );
    let dimmed = Style::new().dimmed();
    for (label, side) in [("old", &finding.old), ("new", &finding.new)] {
        if let Some(side) = side {
            page.paragraph(2, label, dimmed, &side.origin);
        }
    }
    if let Some(check) = &finding.check {
        let release = finding.release.as_ref();
        let release = release.map_or_else(String::new, |it| format!("; as a release it is {it}"));
        let terms =
            format!("{} in the {} model{release}", check.compatibility, model(check.content_model));
        page.paragraph(2, "by ", dimmed, &terms);
    }
    for notice in &finding.notices {
        page.gap();
        page.paragraph(2, "note:", Style::new().cyan(), notice);
    }
    // The break is meant; what stands in its way is the lens.
    if let Some(LensUse::Refused(rejection)) = &finding.lens {
        page.gap();
        return lens_refused(page, 2, rejection);
    }
    for told in finding.refusals.iter().filter(|told| direction_of(told).is_none()) {
        page.gap();
        refusal(page, told);
    }
    match (&finding.check, finding.kind) {
        (Some(check), FindingKind::Rewritten) => rewritten(page, check),
        (Some(check), _) => directions(page, finding, check),
        (None, _) => {}
    }
    match &finding.lens {
        Some(LensUse::Ignored { level }) => {
            page.gap();
            let text = format!(
                "a lens stands beside it, which {level} does not ask for; `--compatibility TRANSLATABLE` does"
            );
            page.paragraph(2, "note:", Style::new().cyan(), &text);
        }
        None => lens_missing(page, finding),
        Some(LensUse::Carries(_) | LensUse::Refused(_)) => {}
    }
}

/// Under TRANSLATABLE a break is welcome with a lens.
fn lens_missing(page: &mut Page, finding: &Finding) {
    let level = finding.check.as_ref().map(|check| check.compatibility);
    let is_break = finding.kind == FindingKind::Step && finding.verdict == Outcome::Breaking;
    if level != Some(Level::Translatable) || !is_break {
        return;
    }
    let version = |side: &Option<Side>| side.as_ref().and_then(|side| side.version);
    let from = version(&finding.old);
    let to = version(&finding.new).or(from.map(Version::next));
    let file = match (from, to) {
        (Some(from), Some(to)) => format!("`{from}-{to}.lens.yaml` beside it"),
        _ => "`<from>-<to>.lens.yaml` beside it".to_owned(),
    };
    page.gap();
    let text = format!("TRANSLATABLE takes it with a lens that carries every event over: {file}");
    page.paragraph(2, "or:", Style::new().cyan(), &text);
}

/// A content model as people read it.
pub fn model(model: ContentModel) -> &'static str {
    match model {
        ContentModel::Event => "event",
        ContentModel::Strict => "strict",
    }
}

fn refusal(page: &mut Page, refusal: &Refusal) {
    let place = if refusal.at.is_empty() { "the root" } else { &refusal.at };
    let place = printable(place);
    page.line(2, &format!("{} {} {}", refusal.rule.yellow().bold(), "at".dimmed(), place.bold()));
    page.paragraph(4, "", Style::new(), &refusal.why);
    // The source says it better than the value alone, where there is one.
    if let Some(source) = snippet::render(&refusal.places, page.room(4)) {
        page.block(4, &source);
    } else {
        if let Some(old) = &refusal.old {
            page.value(4, "-", Style::new().red(), old);
        }
        if let Some(new) = &refusal.new {
            page.value(4, "+", Style::new().green(), new);
        }
    }
    page.paragraph(4, "instead:", Style::new().cyan(), &refusal.instead);
}

/// What a version that must not change says now.
fn rewritten(page: &mut Page, check: &CheckAnswer) {
    for told in &check.differences {
        page.gap();
        let place = told.at.to_string();
        let place = if place.is_empty() { "the root".to_owned() } else { printable(&place) };
        page.line(2, &format!("{} {} {}", told.kind.yellow(), "at".dimmed(), place.bold()));
        page.paragraph(4, "", Style::new(), &told.why);
    }
}

/// One direction between two documents: whose events, read by whom.
struct Way<'r> {
    direction: &'r Direction,
    /// What the level has against it, where it has.
    refusal: Option<&'r Refusal>,
    writer: String,
    reader: String,
    /// The place in the reader's schema that a witness points to.
    place: fn(&Witness) -> &str,
}

/// The direction that a refusal is about, where it is about a whole direction.
fn direction_of(refusal: &Refusal) -> Option<&str> {
    let (direction, what) = refusal.rule.split_once('_')?;
    (matches!(direction, "backward" | "forward") && matches!(what, "breaking" | "undecided"))
        .then_some(direction)
}

/// What breaks, with the event that shows it, and what is not known, in every direction that the level asks for.
fn directions(page: &mut Page, finding: &Finding, check: &CheckAnswer) {
    let name = |side: &Option<Side>, nameless: &str| match side {
        Some(Side { version: Some(version), .. }) => format!("version {version}"),
        _ => format!("the {nameless} schema"),
    };
    let (old, new) = (name(&finding.old, "old"), name(&finding.new, "new"));
    let refused =
        |direction| finding.refusals.iter().find(|it| direction_of(it) == Some(direction));
    let ways = [
        Way {
            direction: &check.directions.backward,
            refusal: refused("backward"),
            writer: old.clone(),
            reader: new.clone(),
            place: |witness| &witness.new_path,
        },
        Way {
            direction: &check.directions.forward,
            refusal: refused("forward"),
            writer: new,
            reader: old,
            place: |witness| &witness.old_path,
        },
    ];
    let is_only = finding.refusals.iter().all(|told| direction_of(told).is_some());
    let mut shown = 0;
    for way in ways.iter().filter(|way| way.refusal.is_some()) {
        page.gap();
        way.show(page, is_only, if shown == 0 { Telling::InFull } else { Telling::Shortly });
        shown += 1;
    }
    if shown == 0 && finding.verdict == Outcome::Breaking && check.directions.witness().is_none() {
        page.gap();
        let text = "policy only: no event breaks a reader, in either direction";
        page.paragraph(2, "note:", Style::new().cyan(), text);
    }
}

/// How much of an event is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// All of it.
    InFull,
    /// Only where the reader stumbles: the other direction has shown one in full.
    Shortly,
}

impl Way<'_> {
    /// `is_only`: no rule about a single place has said already what to do instead.
    fn show(&self, page: &mut Page, is_only: bool, telling: Telling) {
        let Way { direction, writer, reader, .. } = self;
        let Some(refusal) = self.refusal else { return };
        if let Some(witness) = &direction.witness {
            let text = format!("this event of {writer} cannot be read by {reader}");
            page.paragraph(2, &refusal.rule, Style::new().yellow().bold(), &text);
            let note = Some((witness.instance_path.as_str(), witness.message.as_str()));
            match telling {
                Telling::InFull => page.event(4, &witness.event, note),
                Telling::Shortly => {
                    page.part(4, &witness.event, &witness.instance_path, &witness.message);
                }
            }
            let at = (self.place)(witness);
            let at = if at.is_empty() { "its root" } else { at };
            let said = format!("`{}` of {reader}, at {at}", witness.keyword);
            page.paragraph(4, "by", Style::new().dimmed(), &said);
            if is_only && let Some(source) = snippet::render(&refusal.places, page.room(4)) {
                page.block(4, &source);
            }
        } else {
            let reason = direction.reason.and_then(|reason| serde_json::to_value(reason).ok());
            let reason =
                reason.as_ref().and_then(|reason| reason.as_str()).unwrap_or("UNWITNESSED");
            let at = direction.at.as_deref().filter(|at| !at.is_empty()).unwrap_or("the root");
            let text = format!(
                "whether {reader} can read every event of {writer} is not known: {reason} at {at}"
            );
            page.paragraph(2, &refusal.rule, Style::new().yellow().bold(), &text);
            if is_only && let Some(source) = snippet::render(&refusal.places, page.room(4)) {
                page.block(4, &source);
            }
        }
        if is_only {
            page.paragraph(4, "instead:", Style::new().cyan(), &refusal.instead);
        }
    }
}

fn lens_refused(page: &mut Page, indent: usize, rejection: &Rejection) {
    let op = rejection.op.map_or_else(String::new, |op| format!("operation {op}, "));
    let place = rejection.pointer.to_string();
    let place = if place.is_empty() { "the root".to_owned() } else { place };
    let text = format!("{op}at {place}: {}", rejection.error);
    page.paragraph(indent, "the lens does not hold:", Style::new().red().bold(), &text);
    if let Some(input) = &rejection.input {
        page.paragraph(indent + 2, "", Style::new(), "from this event:");
        page.event(indent + 4, input, None);
    }
    if let Some(output) = &rejection.output {
        page.paragraph(indent + 2, "", Style::new(), "it makes this one:");
        page.event(indent + 4, output, None);
    }
    page.paragraph(indent + 2, "hint:", Style::new().cyan(), &rejection.hint);
}
