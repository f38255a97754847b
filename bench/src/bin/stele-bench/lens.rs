//! Plans on raw bytes, beside `serde_json::Value`: parsing and serialising the same event, which is what every
//! translator pays that works on parsed values, before it has translated anything.
//!
//! One core, one thread, everything in one run. The events per second are for people; the bars are ratios.

pub mod shop;

use std::hint::black_box;

use serde_json::Value;
use stele_evolution::{
    containment::ContentModel,
    lens::Assurance,
    plan::{Class, Input, Plan},
    raw::RawEvent,
};

use crate::bar::{Bar, Effort, in_turns};

/// How often an event crosses in one round.
const EVENTS: u32 = 400;

pub fn measure(effort: Effort) -> Vec<Bar> {
    let rounds = if effort == Effort::Quick { 101 } else { 601 };
    [
        one_lens(rounds),
        chain(rounds, "renamed", shop::renamed),
        chain(rounds, "edited", shop::edited),
    ]
    .concat()
}

/// A lens of ten operations on an event of a kilobyte, and a plan that does nothing.
fn one_lens(rounds: usize) -> Vec<Bar> {
    let event = shop::event();
    let plan = shop::ten_operations();
    let pass = shop::pass();
    println!(
        "event {} bytes; ten operations: {:?}, {:?}; pass: {:?}",
        event.len(),
        plan.class(),
        plan.assurance(),
        pass.class()
    );
    let is_as_meant = plan.assurance() == Assurance::Proven
        && pass.class() == Class::Pass
        && RawEvent::read(event.as_bytes()).is_ok_and(|raw| plan.admit(&raw) == Ok(Input::Emitted));
    let parsed = || {
        let value: Value = serde_json::from_str(black_box(&event)).unwrap_or_default();
        black_box(value.to_string());
    };
    let ratio = |name: &str, goal: f64, plan: &Plan, input: Input| {
        let carried = || {
            let crossing = plan.translate_bytes(black_box(event.as_bytes()), input);
            black_box(crossing.map(|crossing| crossing.event.len()).unwrap_or_default());
        };
        let value = compared(name, "value", rounds, &carried, &parsed);
        // A plan that is not what it is meant to be is not measured.
        Bar::at_least(format!("lens.{name}"), if is_as_meant { value } else { f64::NAN }, goal)
    };
    let reading = || {
        black_box(RawEvent::read(black_box(event.as_bytes())).is_ok());
    };
    compared("read", "value", rounds, &reading, &parsed);
    // What validation costs: a value is built of what was read, and the validator asked.
    let built = || {
        black_box(RawEvent::read(black_box(event.as_bytes())).map(|raw| raw.to_value()).is_ok());
    };
    compared("read and build", "value", rounds, &built, &parsed);
    let (schema, value) = (shop::schema(), serde_json::from_str(&event).unwrap_or_default());
    let validated = || {
        black_box(schema.is_valid(black_box(&value)));
    };
    compared("validate", "value", rounds, &validated, &parsed);
    vec![
        ratio("trusted_to_value", 1.5, &plan, Input::Emitted),
        ratio("validated_to_value", 0.75, &plan, Input::Unknown),
        ratio("pass_to_value", 20.0, &pass, Input::Emitted),
    ]
}

/// Nineteen hops beside one that does the same.
fn chain(rounds: usize, name: &str, plans: fn() -> (Plan, Plan)) -> Vec<Bar> {
    let event = shop::event();
    let (chain, hop) = plans();
    println!(
        "{name}: {} hops {:?}, {} hop {:?}",
        chain.hops().len(),
        chain.class(),
        hop.hops().len(),
        hop.class()
    );
    let out = |plan: &Plan| {
        let crossing = plan.translate_bytes(event.as_bytes(), Input::Unknown);
        crossing.map(|crossing| crossing.event.into_owned()).ok()
    };
    let same = out(&chain).is_some() && out(&chain) == out(&hop);
    [(Input::Emitted, "trusted"), (Input::Unknown, "validated")]
        .map(|(input, how)| {
            let carried = |plan: &Plan| {
                let crossing = plan.translate_bytes(black_box(event.as_bytes()), input);
                black_box(crossing.map(|crossing| crossing.event.len()).unwrap_or_default());
            };
            let title = format!("chain_{name}_{how}");
            let value = compared(&title, "one hop", rounds, &|| carried(&chain), &|| carried(&hop));
            Bar::at_least(format!("lens.{title}"), if same { value } else { f64::NAN }, 0.7)
        })
        .into()
}

/// How many times as many events a second the one does as the other.
fn compared(name: &str, other: &str, rounds: usize, ours: &dyn Fn(), theirs: &dyn Fn()) -> f64 {
    let many = |once: &dyn Fn()| (0..EVENTS).for_each(|_| once());
    let (our_time, their_time) = in_turns(rounds, || many(ours), || many(theirs));
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / f64::from(EVENTS);
    println!("{name:24} {:7.3} us an event; {other} {:7.3} us", each(our_time), each(their_time));
    their_time.as_secs_f64() / our_time.as_secs_f64()
}

/// The content model of every plan here.
const MODEL: ContentModel = ContentModel::Event;
