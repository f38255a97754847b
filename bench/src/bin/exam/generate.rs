//! Events that a producer can emit, in any number: those the engine's sampler makes, then seeded changes of them.
//!
//! Whether a producer can emit an event is decided by the exam's own event model, not by the engine's.

use std::collections::HashSet;

use serde_json::{Map, Value};
use stele_evolution::{containment::ContentModel, lens::samples, schema::Schema};

use crate::event_model;

/// Changes tried for every event that is wanted.
const TRIES: usize = 100;

/// Up to `wanted` different events that a producer on `writer` can emit; `reader` only lends its values.
pub fn producer_events(writer: &Schema, reader: &Schema, wanted: usize) -> Vec<Value> {
    let emitted = |event: &Value| event_model::is_emitted(writer, event);
    let mut seen = HashSet::new();
    let mut events: Vec<Value> = samples(writer, ContentModel::Event)
        .into_iter()
        .filter(|event| emitted(event) && seen.insert(event.to_string()))
        .take(wanted)
        .collect();
    let foreign = samples(reader, ContentModel::Event);
    let mut pool = Vec::new();
    let mut names = Vec::new();
    for event in events.iter().chain(&foreign) {
        collect(event, &mut pool, &mut names);
    }
    let mut random = Random(0x5eed);
    for _ in 0..wanted * TRIES {
        if events.len() >= wanted || events.is_empty() || pool.is_empty() {
            break;
        }
        let mut event = events[random.below(events.len())].clone();
        for _ in 0..=random.below(3) {
            match random.below(4) {
                0 => change(&mut event, &pool, &names, &mut random),
                1 => cross(&mut event, &events[random.below(events.len())], &mut random),
                _ => twist(&mut event, &mut random),
            }
        }
        if emitted(&event) && seen.insert(event.to_string()) {
            events.push(event);
        }
    }
    events
}

/// Every value in an event, and every name.
fn collect(event: &Value, pool: &mut Vec<Value>, names: &mut Vec<String>) {
    if pool.len() < 2_000 && !pool.contains(event) {
        pool.push(event.clone());
    }
    match event {
        Value::Object(members) => {
            for (name, value) in members {
                if !names.contains(name) {
                    names.push(name.clone());
                }
                collect(value, pool, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, pool, names)),
        _ => {}
    }
}

/// One change somewhere: a value replaced, a member or an item taken out or put in.
fn change(event: &mut Value, pool: &[Value], names: &[String], random: &mut Random) {
    let value = fresh(&pool[random.below(pool.len())], random);
    match event {
        Value::Object(members) if random.below(4) > 0 => {
            change_members(members, value, pool, names, random);
        }
        Value::Array(items) if random.below(4) > 0 && !items.is_empty() => {
            let index = random.below(items.len());
            match random.below(4) {
                0 => drop(items.remove(index)),
                1 => items.push(value),
                _ => change(&mut items[index], pool, names, random),
            }
        }
        Value::Array(items) if random.below(2) > 0 => items.push(value),
        other => *other = value,
    }
}

/// What another event holds somewhere, put in its place here: most often another value this place may have.
fn cross(event: &mut Value, donor: &Value, random: &mut Random) {
    match (event, donor) {
        (Value::Object(members), Value::Object(others)) if !others.is_empty() => {
            let Some((name, other)) = others.iter().nth(random.below(others.len())) else { return };
            match members.get_mut(name) {
                Some(below) if random.below(3) > 0 => cross(below, other, random),
                _ => drop(members.insert(name.clone(), other.clone())),
            }
        }
        (Value::Array(items), Value::Array(others)) if !others.is_empty() => {
            let other = &others[random.below(others.len())];
            match items.len() {
                0 => items.push(other.clone()),
                length => match random.below(3) {
                    0 => items.push(other.clone()),
                    _ => cross(&mut items[random.below(length)], other, random),
                },
            }
        }
        (event, donor) => *event = donor.clone(),
    }
}

/// Another text or number of the same looks somewhere: a date stays one, most often.
fn twist(event: &mut Value, random: &mut Random) {
    match event {
        Value::Object(members) => {
            let place = random.below(members.len().max(1));
            if let Some((_, below)) = members.iter_mut().nth(place) {
                twist(below, random);
            }
        }
        Value::Array(items) => {
            let place = random.below(items.len().max(1));
            if let Some(below) = items.get_mut(place) {
                twist(below, random);
            }
        }
        Value::String(text) => *text = other_looks(text, random),
        Value::Number(number) => {
            if let Ok(other) = other_looks(&number.to_string(), random).parse() {
                *number = other;
            }
        }
        Value::Bool(truth) => *truth = !*truth,
        Value::Null => {}
    }
}

/// The same text with about a third of its letters and digits replaced by others of their kind.
fn other_looks(text: &str, random: &mut Random) -> String {
    let of =
        |alphabet: &[u8], random: &mut Random| char::from(alphabet[random.below(alphabet.len())]);
    text.chars()
        .map(|letter| match letter {
            _ if random.below(3) > 0 => letter,
            '0'..='9' => of(b"0123456789", random),
            'a'..='f' => of(b"abcdef", random),
            'g'..='z' => of(b"ghijklmnopqrstuvwxyz", random),
            'A'..='Z' => of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", random),
            other => other,
        })
        .collect()
}

/// A value as it is, or one of its kind that no schema shows.
fn fresh(value: &Value, random: &mut Random) -> Value {
    let number = i64::try_from(random.below(1 << 20)).unwrap_or(0);
    match value {
        _ if random.below(3) == 0 => value.clone(),
        Value::Number(_) => Value::from(number),
        Value::String(text) if random.below(2) == 0 => Value::from(format!("{text}{number}")),
        Value::String(_) => Value::from(format!("s{number}")),
        other => other.clone(),
    }
}

fn change_members(
    members: &mut Map<String, Value>,
    value: Value,
    pool: &[Value],
    names: &[String],
    random: &mut Random,
) {
    let own = members.keys().nth(random.below(members.len().max(1))).cloned();
    match (random.below(4), own) {
        (0, Some(name)) => drop(members.remove(&name)),
        (1, _) | (_, None) => {
            if !names.is_empty() {
                members.insert(names[random.below(names.len())].clone(), value);
            }
        }
        (_, Some(name)) => {
            if let Some(below) = members.get_mut(&name) {
                change(below, pool, names, random);
            }
        }
    }
}

/// A linear congruential generator (Knuth's constants): the same events in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }
}
