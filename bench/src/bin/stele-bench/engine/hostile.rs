//! Schemas written to keep the engine busy: each must be answered, or given up, within two seconds.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    policy::{Level, judge},
    schema::Schema,
};

use crate::bar::timed;

/// What the engine is given to think, as the registry gives it.
const DEADLINE: Duration = Duration::from_millis(250);

/// The longest that reading and judging one pair took, in both content models.
pub fn longest() -> Duration {
    let mut longest = Duration::ZERO;
    for (name, old, new) in pairs() {
        let took = timed(|| {
            let read = |text: &str| Schema::read(text).parse();
            let (Ok(old), Ok(new)) = (read(&old), read(&new)) else { return };
            let started = Instant::now();
            let late = || started.elapsed() > DEADLINE;
            judge(
                &old,
                &new,
                Level::AdditionsOnly,
                ContentModel::Event,
                &Budget::until(u64::MAX, &late),
            );
        });
        println!("{name:34} {:7.0} ms, {} KiB", took.as_secs_f64() * 1e3, old.len() / 1024);
        longest = longest.max(took);
    }
    longest
}

fn pairs() -> Vec<(&'static str, String, String)> {
    let both = |name, make: &dyn Fn(&str) -> String| (name, make("string"), make("integer"));
    vec![
        both("15,000 properties", &|last| object(15_000, last)),
        both("3,000 required of 3,000", &|last| {
            let names: Vec<String> = (0..3_000).map(|number| format!("\"p{number}\"")).collect();
            object(3_000, last).replacen('{', &format!("{{\"required\":[{}],", names.join(",")), 1)
        }),
        both("an enum of 60,000 values", &|last| {
            let values: Vec<String> = (0..60_000).map(|number| format!("\"v{number}\"")).collect();
            format!(r#"{{"enum":[{},"{last}"]}}"#, values.join(","))
        }),
        both("20,000 branches", &|last| {
            let branch =
                |number: usize| format!(r#"{{"properties":{{"k":{{"const":{number}}}}}}}"#);
            let branches: Vec<String> = (0..20_000).map(branch).collect();
            format!(r#"{{"type":"{last}","oneOf":[{}]}}"#, branches.join(","))
        }),
        both("2,000 patterns", &|last| {
            let pattern = |number: usize| format!(r#""^p{number}[a-z]+$":{{"type":"{last}"}}"#);
            let patterns: Vec<String> = (0..2_000).map(pattern).collect();
            format!(r#"{{"patternProperties":{{{}}}}}"#, patterns.join(","))
        }),
        both("counters", &|last| {
            format!(r#"{{"type":"{last}","pattern":"^\\d{{1,10000}}\\w{{1,10000}}$"}}"#)
        }),
        both("a pattern that backtracks", &|last| {
            format!(
                r#"{{"properties":{{"a":{{"pattern":"^(a+)+(b|a)*(?=x)$","minLength":40}},"b":{{"type":"{last}"}}}}}}"#
            )
        }),
        both("numbers beyond reach", &|last| {
            format!(
                r#"{{"minimum":-1e400,"maximum":9007199254740993e300,"multipleOf":1e-300,"type":["{last}","number"]}}"#
            )
        }),
        both("oneOf, 60 deep", &|last| nested(60, r#"{"oneOf":[{"type":"null"},"#, last, "]}")),
        both("not, 120 deep", &|last| nested(120, r#"{"not":"#, last, "}")),
        both("references that double", &|last| doubling(60, last)),
        both("unevaluated beside 40 branches", &|last| {
            let branch = |number: usize| format!(r#"{{"properties":{{"k{number}":{{}}}}}}"#);
            let branches: Vec<String> = (0..40).map(branch).collect();
            format!(
                r#"{{"anyOf":[{}],"unevaluatedProperties":{{"type":"{last}"}}}}"#,
                branches.join(",")
            )
        }),
    ]
}

/// An object of so many properties, the last of which changes its type.
fn object(properties: usize, last: &str) -> String {
    let mut text = r#"{"type":"object","properties":{"#.to_owned();
    for number in 0..properties {
        let _ = write!(text, r#""p{number}":{{"type":"string","minLength":{}}},"#, number % 7);
    }
    text + &format!(r#""last":{{"type":"{last}"}}}}}}"#)
}

fn nested(depth: usize, open: &str, last: &str, close: &str) -> String {
    format!(r#"{}{{"type":"{last}"}}{}"#, open.repeat(depth), close.repeat(depth))
}

/// Every definition refers to the next one twice.
fn doubling(length: usize, last: &str) -> String {
    let mut text = r##"{"$ref":"#/$defs/d0","$defs":{"##.to_owned();
    for number in 0..length {
        let next = number + 1;
        let _ = write!(
            text,
            r##""d{number}":{{"anyOf":[{{"properties":{{"a":{{"$ref":"#/$defs/d{next}"}}}}}},{{"properties":{{"b":{{"$ref":"#/$defs/d{next}"}}}}}}]}},"##
        );
    }
    text + &format!(r#""d{length}":{{"type":"{last}"}}}}}}"#)
}
