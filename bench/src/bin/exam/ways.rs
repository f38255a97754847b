//! The ways between the versions of a history: every stored event crosses there and back again.
//!
//! What comes out is held against the exam's own tolerant reader, not against the plan's validation: an event that a plan
//! delivers and the reader refuses is wrong, and so is one that comes back with another byte though nothing was lost.

use std::collections::HashMap;

use serde_json::Value;
use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    lens::{Lens, check, suggest},
    plan::{Edge, Input, Plan, Step},
    policy::{Level, judge},
    raw::RawEvent,
    schema::Schema,
    version::Version,
};

use crate::{event_model, generate};

/// How many steps of reasoning a judgement or the check of a lens may cost.
const STEPS: u64 = 2_000_000;

/// What is counted of one suite.
#[derive(Default)]
pub struct Ways {
    /// Pairs whose newer version only adds, and those that a suggested lens leads across.
    additions: usize,
    suggested: usize,
    /// Pairs that a plan leads across in one direction only, and in none.
    half: usize,
    without: usize,
    /// Events: delivered, of those proven without validation, refused with a fault, stored ones that are invalid where
    /// they come from.
    delivered: usize,
    faults: usize,
    invalid: usize,
    /// Events that came back as they were, and those of which something was lost.
    back: usize,
    lost: usize,
    /// What is wrong, each with its pair.
    pub wrong: Vec<String>,
}

/// One pair of versions and the events stored for them.
pub struct Pair<'p> {
    pub name: String,
    pub older: &'p Schema,
    pub newer: &'p Schema,
    pub old_events: &'p [Value],
    pub new_events: &'p [Value],
}

/// One direction across a pair.
struct Trip<'t> {
    name: &'t str,
    there: &'t Plan,
    back: Option<&'t Plan>,
    reader: &'t Schema,
    adds_only: bool,
}

/// The stored events of a suite by subject and version.
pub fn stored(lines: &[Value]) -> HashMap<(String, String), Vec<Value>> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let mut stored: HashMap<(String, String), Vec<Value>> = HashMap::new();
    for line in lines {
        let key = (text(line, "subject"), text(line, "version"));
        stored.entry(key).or_default().push(line["event"].clone());
    }
    stored
}

impl Ways {
    /// Looks for the way between two versions, and sends the stored events and `made` more across, from both ends.
    pub fn cross(&mut self, pair: &Pair<'_>, made: usize) {
        let Some(edge) = self.edge(pair) else {
            self.without += 1;
            return;
        };
        let adds_only = matches!(edge, Edge::Addition);
        let (one, two) = (Version::FIRST, Version::FIRST.next());
        let steps = [
            Step { version: one, schema: pair.older.clone(), edge: None },
            Step { version: two, schema: pair.newer.clone(), edge: Some(edge) },
        ];
        let plan = |from, to| Plan::compose("Exam", &steps, from, to, ContentModel::Event).ok();
        let (up, down) = (plan(one, two), plan(two, one));
        self.half += usize::from(up.is_none() != down.is_none());
        let more = |writer, reader| {
            let followed = event_model::is_followed(writer);
            if followed { generate::producer_events(writer, reader, made) } else { Vec::new() }
        };
        for (there, back, reader, events, more) in [
            (&up, &down, pair.newer, pair.old_events, more(pair.older, pair.newer)),
            (&down, &up, pair.older, pair.new_events, more(pair.newer, pair.older)),
        ] {
            let Some(there) = there else { continue };
            let (name, back) = (pair.name.as_str(), back.as_ref());
            let trip = Trip { name, there, back, reader, adds_only };
            for event in events.iter().chain(&more) {
                self.event(&trip, event);
            }
        }
    }

    fn edge(&mut self, pair: &Pair<'_>) -> Option<Edge> {
        let (older, newer) = (pair.older, pair.newer);
        let budget = Budget::steps(STEPS);
        if judge(older, newer, Level::AdditionsOnly, ContentModel::Event, &budget).accepted() {
            self.additions += 1;
            return Some(Edge::Addition);
        }
        let (one, two) = (Version::FIRST, Version::FIRST.next());
        let suggestion = suggest("Exam", one, two, older, newer, ContentModel::Event);
        if !suggestion.open.is_empty() {
            return None;
        }
        let lens = Lens::from_value(&suggestion.lens).ok()?;
        let budget = Budget::steps(STEPS);
        let assurance = check(&lens, older, newer, ContentModel::Event, &budget).ok()?;
        self.suggested += 1;
        Some(Edge::Written { lens, assurance })
    }

    fn event(&mut self, trip: &Trip<'_>, event: &Value) {
        let Trip { name, there, back, reader, .. } = trip;
        // Written with white space, so that bytes can differ.
        let text = format!("{event:#}");
        let Ok(raw) = RawEvent::read(text.as_bytes()) else {
            self.invalid += 1;
            return;
        };
        let Ok(input) = there.admit(&raw) else {
            self.invalid += 1;
            return;
        };
        let Ok(crossed) = there.translate_raw(&raw, input) else {
            self.faults += 1;
            return;
        };
        self.delivered += 1;
        let came_out: Value = serde_json::from_str(&crossed.event).unwrap_or_default();
        if event_model::is_followed(reader) && !event_model::is_read(reader, &came_out) {
            self.wrong.push(format!("{name}: {text} comes out as {came_out}, which is not valid"));
            return;
        }
        let Some(back) = *back else { return };
        if !crossed.losses.is_empty() || input == Input::Unknown {
            self.lost += 1;
            return;
        }
        let returned = RawEvent::read(crossed.event.as_bytes()).ok().and_then(|raw| {
            back.translate_raw(&raw, Input::Unknown).ok().map(|it| it.event.into_owned())
        });
        // A lens that moves a member writes it where it puts it; additions leave every byte.
        let is_same = |returned: &str| {
            returned == text
                || !trip.adds_only
                    && serde_json::from_str(returned).is_ok_and(|value: Value| value == *event)
        };
        if returned.as_deref().is_some_and(is_same) {
            self.back += 1;
        } else {
            let came_back = returned.unwrap_or_else(|| "nothing".to_owned());
            self.wrong
                .push(format!("{name}: {text} comes back as {came_back}, though nothing is lost"));
        }
    }

    /// The counts in one line.
    pub fn line(&self, suite: &str) -> String {
        let Ways {
            additions,
            suggested,
            half,
            without,
            delivered,
            faults,
            invalid,
            back,
            lost,
            wrong,
        } = self;
        format!(
            "{suite:<22} ways: additions={additions} suggested={suggested} one-way={half} none={without} events: \
             delivered={delivered} faults={faults} invalid={invalid} back={back} lossy={lost} wrong={}",
            wrong.len()
        )
    }
}
