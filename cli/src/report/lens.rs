//! What people see of lenses: an event on its way, examples that were run, the way between two versions.

use owo_colors::{OwoColorize, Style};
use serde::Serialize;
use stele_api::{plan::Assurance, version::EdgeKind};
use stele_evolution::{
    lens::{Change, Direction, Tried, Walk},
    plan::Class,
    pointer::Pointer,
    version::Version,
};

use super::page::Page;
use crate::terminal::printable;

/// The examples of one lens.
#[derive(Debug, Serialize)]
pub struct Tested {
    /// The subject.
    pub subject: String,
    /// The older version.
    pub from: Version,
    /// The newer version.
    pub to: Version,
    /// Every example, in order.
    pub examples: Vec<Tried>,
}

/// A way, as it is shown.
#[derive(Debug, Serialize)]
pub struct Way {
    /// The subject.
    pub subject: String,
    /// The version of the events that go in.
    pub from: Version,
    /// The version of the events that come out.
    pub to: Version,
    /// What names the plan; nothing where there is none.
    pub id: Option<String>,
    /// What it does to events, at worst.
    pub class: Option<Class>,
    /// How sure it is that what comes out is valid.
    pub assurance: Option<Assurance>,
    /// The edges, in the order they are crossed.
    pub edges: Vec<Crossed>,
    /// Why there is no way.
    pub blocked: Option<String>,
}

/// One edge, as it is crossed.
#[derive(Debug, Serialize)]
pub struct Crossed {
    /// The version before it.
    pub from: Version,
    /// The version after it.
    pub to: Version,
    /// Addition or lens; nothing where the way ends here.
    pub kind: Option<EdgeKind>,
    /// How sure it is that every event crosses.
    pub assurance: Option<Assurance>,
    /// What may be lost, as the lens accepts it.
    pub losses: Vec<Pointer>,
    /// Why the lens does not hold.
    pub refused: Option<String>,
}

/// An event on its way, operation by operation.
pub fn walk(walk: &Walk, width: usize) -> String {
    let mut page = Page::new(width);
    for effect in &walk.effects {
        let says = printable(&effect.says);
        page.line(0, &format!("{} {}", format!("op {}", effect.op).dimmed(), says.bold()));
        if effect.changes.is_empty() {
            page.line(2, &"nothing to do".dimmed().to_string());
        }
        for change in &effect.changes {
            changed(&mut page, change);
        }
        for loss in &effect.losses {
            let text = format!("{loss} of the event that came in is gone for good");
            page.paragraph(2, "loss:", Style::new().yellow().bold(), &text);
        }
    }
    page.gap();
    if let Some(error) = &walk.error {
        page.paragraph(
            0,
            "the event does not cross:",
            Style::new().red().bold(),
            &error.to_string(),
        );
    }
    if let Some(event) = &walk.event {
        page.line(0, &"comes out as".dimmed().to_string());
        page.event(2, event, None);
    }
    page.into_text()
}

fn changed(page: &mut Page, change: &Change) {
    let place = place(&change.at);
    if let Some(before) = &change.before {
        page.value(2, &format!("- {place}"), Style::new().red(), before);
    }
    if let Some(after) = &change.after {
        page.value(2, &format!("+ {place}"), Style::new().green(), after);
    }
}

fn place(at: &Pointer) -> String {
    if at.tokens().is_empty() { "the event".to_owned() } else { printable(&at.to_string()) }
}

/// Examples that were run.
pub fn tested(tested: &[Tested], width: usize) -> String {
    let mut page = Page::new(width);
    for lens in tested {
        let failed = lens.examples.iter().filter(|example| !example.holds()).count();
        let name = format!("{} {} to {}", printable(&lens.subject), lens.from, lens.to);
        let (word, style) = match (lens.examples.len(), failed) {
            (0, _) => ("no examples", Style::new().yellow()),
            (_, 0) => ("ok", Style::new().green()),
            _ => ("failed", Style::new().red().bold()),
        };
        let count = match lens.examples.len() {
            0 => String::new(),
            1 => "  1 example".to_owned(),
            count => format!("  {count} examples"),
        };
        let word = format!("{word:<11}");
        page.line(0, &format!("{} {}{}", word.style(style), name.bold(), count.dimmed()));
        lens.examples.iter().filter(|it| !it.holds()).for_each(|it| example(&mut page, it));
    }
    page.into_text()
}

fn example(page: &mut Page, tried: &Tried) {
    let way = match tried.direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    page.line(2, &format!("example {}, {way}", tried.example));
    if let Some(error) = &tried.error {
        page.paragraph(
            4,
            "the event does not cross:",
            Style::new().red().bold(),
            &error.to_string(),
        );
        page.event(6, &tried.event, None);
    }
    if let (Some(at), Some(out)) = (&tried.differs, &tried.out) {
        let at_text = place(at);
        let nothing = serde_json::Value::from("nothing");
        page.line(4, &format!("{} {}", "differs at".dimmed(), at_text.bold()));
        let expected = at.find(&tried.gives).unwrap_or(&nothing);
        page.value(4, "- expected", Style::new().red(), expected);
        page.value(4, "+ given", Style::new().green(), at.find(out).unwrap_or(&nothing));
    }
}

/// The way between two versions.
pub fn plan(way: &Way, width: usize) -> String {
    let mut page = Page::new(width);
    let name = format!("{} {} to {}", printable(&way.subject), way.from, way.to);
    match (&way.id, way.class) {
        (Some(id), Some(class)) => {
            let says = match class {
                Class::Pass => "pass: the bytes go on as they are",
                Class::Iso => "iso: every event comes back as it was",
                Class::Lossy => "lossy: something may be lost on the way",
                Class::OneWay => "one way: there is no way back",
            };
            page.line(0, &format!("{}  {}", name.bold(), format!("plan {id}").dimmed()));
            page.line(2, says);
            if let Some(assurance) = way.assurance {
                page.line(2, &format!("what comes out is {}", whole(assurance)));
            }
        }
        _ => page.line(0, &format!("{}  {}", name.bold(), "no plan".red().bold())),
    }
    for edge in &way.edges {
        crossed(&mut page, edge);
    }
    if let Some(blocked) = &way.blocked {
        page.gap();
        page.paragraph(0, "blocked:", Style::new().red().bold(), blocked);
    }
    page.into_text()
}

fn crossed(page: &mut Page, edge: &Crossed) {
    let kind = match edge.kind {
        Some(EdgeKind::Addition) => "an addition".to_owned(),
        Some(EdgeKind::Lens) => "by its lens".to_owned(),
        None if edge.refused.is_some() => "its lens does not hold".red().to_string(),
        None => "no way".red().to_string(),
    };
    let known = edge.assurance.filter(|_| edge.kind == Some(EdgeKind::Lens));
    let aside = known.map_or_else(String::new, |it| format!(", {}", sure(it)).dimmed().to_string());
    page.line(2, &format!("{} -> {}  {kind}{aside}", edge.from, edge.to));
    for loss in &edge.losses {
        page.paragraph(4, "may lose", Style::new().yellow(), &loss.to_string());
    }
    if let Some(refused) = &edge.refused {
        page.paragraph(4, "", Style::new(), refused);
    }
}

fn whole(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Proven => "proved valid",
        Assurance::Tested(_) => "validated each time: it is not proved valid",
    }
}

fn sure(assurance: Assurance) -> String {
    match assurance {
        Assurance::Proven => "proved".to_owned(),
        Assurance::Tested(events) => format!("tested on {events} events"),
    }
}
