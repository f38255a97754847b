//! Strings: length windows, patterns as automata, and values ruled out.

use std::collections::{HashMap, HashSet, VecDeque};

use regex_automata::{
    dfa::{Automaton, dense::DFA},
    util::primitives::StateID,
};
use serde_json::Value;

use super::{Case, Found, Goal, Prover, Reason};
use crate::{
    budget::Budget,
    schema::normal::{Form, Pattern, every_string, start},
};

/// The longest string written as an example, in code points.
const LONGEST: u64 = 20_000;
/// The longest length followed through automata.
const LONGEST_MATCHED: u64 = 2_000;
/// Product states visited before giving up.
const STATES: usize = 60_000;

/// What a string must be.
#[derive(Default)]
struct Wanted<'p> {
    least: u64,
    most: Option<u64>,
    matching: Vec<&'p Pattern>,
    failing: Vec<&'p Pattern>,
    forbidden: HashSet<String>,
}

impl Wanted<'_> {
    fn takes(&self, text: &str) -> bool {
        let length = text.chars().count() as u64;
        length >= self.least
            && self.most.is_none_or(|most| length <= most)
            && self.matching.iter().all(|pattern| pattern.matches(text))
            && !self.failing.iter().any(|pattern| pattern.matches(text))
            && !self.forbidden.contains(text)
    }

    fn at_most(&mut self, most: u64) {
        self.most = Some(self.most.map_or(most, |own| own.min(most)));
    }
}

impl Prover<'_> {
    pub(super) fn strings(&self, case: &Case, goal: &Goal) -> Found {
        let mut wanted = Wanted {
            forbidden: self
                .forbidden(case, goal)
                .into_iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
            ..Wanted::default()
        };
        for lit in &case.holds {
            match self.form(*lit) {
                Form::MinLength(least) => wanted.least = wanted.least.max(*least),
                Form::MaxLength(most) => wanted.at_most(*most),
                Form::Matches(pattern) => wanted.matching.push(pattern),
                _ => {}
            }
        }
        for lit in &case.fails {
            match self.form(*lit) {
                Form::MinLength(0) => return Found::Nothing,
                Form::MinLength(least) => wanted.at_most(least - 1),
                Form::MaxLength(most) => match most.checked_add(1) {
                    Some(least) => wanted.least = wanted.least.max(least),
                    None => return Found::Nothing,
                },
                Form::Matches(pattern) => wanted.failing.push(pattern),
                _ => {}
            }
        }
        if let Some(class) = &goal.class {
            wanted.matching.extend(&class.matching);
            wanted.failing.extend(&class.failing);
        }
        // Where formats are asserted, a string that merely matches rarely is one.
        let asserted = case.holds.iter().find_map(|lit| match self.form(*lit) {
            Form::Said(_, what) => what.strip_prefix("format "),
            _ => None,
        });
        let shown = asserted.into_iter().flat_map(of_format).find(|text| wanted.takes(text));
        if let Some(text) = shown {
            return Found::Example(Value::from(*text));
        }
        find(&mut wanted, self.budget)
    }
}

fn find(wanted: &mut Wanted<'_>, budget: &Budget<'_>) -> Found {
    if wanted.most.is_some_and(|most| wanted.least > most) {
        return Found::Nothing;
    }
    if wanted.matching.iter().any(|pattern| wanted.failing.contains(pattern)) {
        return Found::Nothing;
    }
    for patterns in [&mut wanted.matching, &mut wanted.failing] {
        patterns.sort();
        patterns.dedup();
    }
    if wanted.matching.is_empty() && wanted.failing.is_empty() {
        return free(wanted);
    }
    if wanted.least > LONGEST_MATCHED {
        return Found::unsure(Reason::RegexUnsupported, "");
    }
    if let Some(text) = guess(wanted) {
        return Found::Example(Value::String(text));
    }
    walk(wanted, budget)
}

/// A string spelled from the only pattern, or padded to the least length: automata are for where this fails.
fn guess(wanted: &Wanted<'_>) -> Option<String> {
    let [pattern] = wanted.matching[..] else { return None };
    let text = pattern.example()?;
    if wanted.takes(&text) {
        return Some(text);
    }
    let length = text.chars().count() as u64;
    let missing = usize::try_from(wanted.least.saturating_sub(length)).ok().filter(|n| *n > 0)?;
    let last = text.chars().next_back().unwrap_or('a');
    let padded: String = text.chars().chain(std::iter::repeat_n(last, missing)).collect();
    wanted.takes(&padded).then_some(padded)
}

/// Strings of a format (2020-12 validation, section 7.3).
fn of_format(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"],
        "date" => &["2020-01-01"],
        "time" => &["00:00:00Z"],
        "duration" => &["P1D", "PT1S"],
        "email" | "idn-email" => &["a@example.org"],
        "hostname" | "idn-hostname" => &["example.org", "a"],
        "ipv4" => &["192.0.2.1"],
        "ipv6" => &["2001:db8::1"],
        "uri" | "iri" => &["https://example.org/", "urn:a"],
        "uri-reference" | "iri-reference" => &["a", "/", "https://example.org/"],
        "uuid" => &["00000000-0000-4000-8000-000000000000"],
        "json-pointer" => &["", "/a"],
        "regex" => &["a"],
        _ => &[],
    }
}

/// A string that only has to have a length and not be any of a few: the first in alphabetical order.
fn free(wanted: &Wanted<'_>) -> Found {
    if wanted.most == Some(0) {
        let empty = wanted.forbidden.iter().any(String::is_empty);
        return if empty { Found::Nothing } else { Found::Example(Value::String(String::new())) };
    }
    if wanted.least > LONGEST {
        return Found::unsure(Reason::Unwitnessed, "");
    }
    let length = usize::try_from(wanted.least).unwrap_or(usize::MAX);
    // One more candidate than are forbidden, all different: one is free.
    let candidates =
        (0..=u32::try_from(wanted.forbidden.len()).unwrap_or(u32::MAX)).map(|number| {
            let letter = char::from_u32('a' as u32 + number % 26).unwrap_or('a');
            let other = char::from_u32(0x4e00 + number / 26).unwrap_or('a');
            let mut text: String = std::iter::repeat_n('a', length.saturating_sub(1)).collect();
            if length > 0 || number > 0 {
                text.push(if number < 26 { letter } else { other });
            }
            text
        });
    let free = candidates.into_iter().find(|text| !wanted.forbidden.contains(text));
    free.map_or_else(
        || Found::unsure(Reason::Unwitnessed, ""),
        |text| Found::Example(Value::String(text)),
    )
}

/// One automaton of the product and whether it must accept.
struct Leg<'p> {
    automaton: &'p DFA<Vec<u32>>,
    accept: bool,
}

/// Walks the product of all automata breadth first: the shortest string comes first, and none is a proof.
fn walk(wanted: &Wanted<'_>, budget: &Budget<'_>) -> Found {
    let Some(utf8) = every_string() else { return Found::unsure(Reason::RegexUnsupported, "") };
    let mut legs = vec![Leg { automaton: utf8, accept: true }];
    let mut left_out = false;
    let mut doubted = false;
    for (patterns, accept) in [(&wanted.matching, true), (&wanted.failing, false)] {
        for pattern in patterns {
            match pattern.automaton() {
                Some(automaton) => legs.push(Leg { automaton, accept }),
                None => left_out = true,
            }
        }
    }
    let bytes = alphabet(&legs);
    let Some(first) = legs.iter().map(|leg| start(leg.automaton)).collect::<Option<Vec<StateID>>>()
    else {
        return Found::unsure(Reason::RegexUnsupported, "");
    };
    // Beyond the bounds all lengths are alike.
    let horizon =
        wanted.most.filter(|most| *most <= LONGEST_MATCHED).map_or(wanted.least, |most| most + 1);
    let unbounded = wanted.most.is_some_and(|most| most > LONGEST_MATCHED);
    let mut visits: HashMap<(Vec<StateID>, u64), usize> = HashMap::new();
    let mut trail: Vec<(usize, u8)> = vec![(usize::MAX, 0)];
    let mut queue = VecDeque::from([(0_usize, first, 0_u64)]);
    while let Some((place, states, length)) = queue.pop_front() {
        let fits = length >= wanted.least && wanted.most.is_none_or(|most| length <= most);
        if fits && accepted(&legs, &states) {
            let text = spell(&trail, place);
            if let Some(text) = text.filter(|text| !wanted.forbidden.contains(text)) {
                let whole = wanted.matching.iter().all(|pattern| pattern.matches(&text))
                    && !wanted.failing.iter().any(|pattern| pattern.matches(&text));
                if whole {
                    return Found::Example(Value::String(text));
                }
                // An automaton that sees it otherwise than the search does proves nothing.
                doubted = true;
            }
        }
        for &byte in &bytes {
            let Some(next) = step(&legs, &states, byte) else { continue };
            let longer = if byte & 0xc0 == 0x80 { length } else { (length + 1).min(horizon) };
            if wanted.most.is_some_and(|most| longer > most) {
                continue;
            }
            let visited = visits.entry((next.clone(), longer)).or_insert(0);
            // A state seen once more than there are strings to avoid has a string that is free.
            if *visited > wanted.forbidden.len() {
                continue;
            }
            *visited += 1;
            if trail.len() >= STATES || !budget.step() {
                return Found::unsure(
                    if budget.is_spent() { Reason::Budget } else { Reason::RegexUnsupported },
                    "",
                );
            }
            trail.push((place, byte));
            queue.push_back((trail.len() - 1, next, longer));
        }
    }
    // Leaving out an automaton or a length only lets more strings in, so finding none is a proof all the same - but a
    // string found and then turned away by what was left out is not.
    if doubted || (left_out || unbounded) && any_accepted(&legs, &visits) {
        return Found::unsure(Reason::RegexUnsupported, "");
    }
    Found::Nothing
}

fn any_accepted(legs: &[Leg<'_>], visits: &HashMap<(Vec<StateID>, u64), usize>) -> bool {
    visits.keys().any(|(states, _)| accepted(legs, states))
}

fn accepted(legs: &[Leg<'_>], states: &[StateID]) -> bool {
    legs.iter().zip(states).all(|(leg, state)| {
        let end = leg.automaton.next_eoi_state(*state);
        leg.automaton.is_match_state(end) == leg.accept
    })
}

fn step(legs: &[Leg<'_>], states: &[StateID], byte: u8) -> Option<Vec<StateID>> {
    legs.iter()
        .zip(states)
        .map(|(leg, state)| {
            let next = leg.automaton.next_state(*state, byte);
            let hopeless = leg.accept && leg.automaton.is_dead_state(next)
                || leg.automaton.is_quit_state(next);
            (!hopeless).then_some(next)
        })
        .collect()
}

/// One byte for every class that some automaton tells apart, letters and digits first.
fn alphabet(legs: &[Leg<'_>]) -> Vec<u8> {
    let friendly =
        (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(b" -_.:/@,+#~".iter().copied());
    let mut seen = HashSet::new();
    friendly
        .chain(0x20..0x7f)
        .chain(0..=0xff)
        .filter(|byte| {
            let class: Vec<u8> =
                legs.iter().map(|leg| leg.automaton.byte_classes().get(*byte)).collect();
            // Continuation bytes are told apart: they do not count as code points.
            seen.insert((class, byte & 0xc0 == 0x80))
        })
        .collect()
}

fn spell(trail: &[(usize, u8)], mut place: usize) -> Option<String> {
    let mut bytes = Vec::new();
    while let Some((before, byte)) = trail.get(place)
        && *before != usize::MAX
    {
        bytes.push(*byte);
        place = *before;
    }
    bytes.reverse();
    String::from_utf8(bytes).ok()
}
