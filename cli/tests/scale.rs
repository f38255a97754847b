//! A repository of many subjects: what did not change costs next to nothing.
//!
//! `STELE_SUBJECTS=1000 cargo test --release -p stele-cli --test scale` measures what the documents say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use support::{Run, Workshop};

fn subjects() -> usize {
    std::env::var("STELE_SUBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

/// A schema of some fields, one more in every version.
fn schema(version: usize) -> String {
    let fields: Vec<String> = (0..8 + version)
        .map(|it| {
            format!("    \"field{it}\": {{\"type\": \"string\", \"description\": \"a field\"}}")
        })
        .collect();
    format!(
        "{{\n  \"type\": \"object\",\n  \"properties\": {{\n{}\n  }},\n  \"required\": [\"field0\"]\n}}\n",
        fields.join(",\n")
    )
}

fn timed(shop: &Workshop) -> (Run, Duration) {
    let start = Instant::now();
    let run = shop.stele(&["check"]);
    (run, start.elapsed())
}

#[test]
fn a_check_costs_what_changed() {
    let (shop, count) = (Workshop::new(), subjects());
    let path = |subject: usize, version: usize| {
        format!("schemas/context{}/Subject{subject}/{version}.json", subject % 20)
    };
    for subject in 0..count {
        for version in 1..=3 {
            shop.write(&path(subject, version), &schema(version));
        }
    }
    shop.commit();

    shop.write(&path(0, 4), &schema(4));
    let (one, took_one) = timed(&shop);
    for subject in 0..count {
        shop.write(&path(subject, 4), &schema(4));
    }
    let (all, took_all) = timed(&shop);

    println!("{count} subjects: 1 changed {took_one:?}, all changed {took_all:?}");
    assert_eq!((one.code, all.code), (0, 0), "{one:?}");
    let summary = format!("compatible: 1 compatible, {} unchanged", count - 1);
    assert!(one.out.contains(&summary), "{one:?}");
    assert!(all.out.contains(&format!("compatible: {count} compatible")), "{all:?}");
    // A debug build on a busy machine: far from the bar, and far below what reading everything would take.
    assert!(took_one < took_all, "{took_one:?} {took_all:?}");
}
