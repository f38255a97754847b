//! From the start to ready, with a warm cache of a thousand plans; and what a sidecar holds that does nothing.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use super::house::{House, Process};
use crate::{
    bar::{Bar, Effort, median},
    lens::shop,
};

/// How many subjects there are, each with two versions and so with one plan.
const SUBJECTS: usize = 1000;

pub async fn measure(effort: Effort) -> Vec<Bar> {
    let rounds = if effort == Effort::Quick { 3 } else { 9 };
    let house = Arc::new(House::open().await);
    let (old, ..) = shop::ten_operation_documents();
    let mut registering = JoinSet::new();
    for part in 0..8 {
        let (house, old) = (Arc::clone(&house), old.clone());
        registering.spawn(async move {
            for number in (part..SUBJECTS).step_by(8) {
                let mut first = old.clone();
                // Each is a schema of its own.
                first["title"] = json!(format!("Order {number}"));
                let mut second = first.clone();
                second["properties"]["remark"] = json!({"type": "string"});
                let subject = format!("Order{number}");
                house.register(&subject, &first, None).await;
                house.register(&subject, &second, None).await;
            }
        });
    }
    registering.join_all().await;
    let mut config = String::from("subjects:\n");
    for number in 0..SUBJECTS {
        let _ = writeln!(config, "  - {{ subject: Order{number}, to: 2 }}");
    }
    // The first start fills the cache.
    ready(&house.sidecar(&config)).await;

    let (mut times, mut resident) = (Vec::new(), 0.0_f64);
    for _ in 0..rounds {
        let start = Instant::now();
        let sidecar = house.sidecar(&config);
        ready(&sidecar).await;
        times.push(start.elapsed());
        resident = resident.max(sidecar.resident());
    }
    // What it asks the registry once it serves is no reason to grow, either.
    let sidecar = house.sidecar(&config);
    ready(&sidecar).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    resident = resident.max(sidecar.resident());
    drop(sidecar);
    let took = median(times);
    let idle = house.sidecar("subjects: [{ subject: Order1, to: 2 }]\n");
    ready(&idle).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let at_rest = idle.resident();
    println!(
        "start with {SUBJECTS} plans: {:.0} ms, {resident:.1} MiB; idle {at_rest:.1} MiB",
        took.as_secs_f64() * 1e3
    );
    vec![
        Bar::at_most("translator.start_seconds", took.as_secs_f64(), 1.0),
        Bar::at_most("translator.start_resident_mib", resident, 64.0),
        Bar::at_most("translator.idle_resident_mib", at_rest, 20.0),
    ]
}

/// Waits until it is ready.
async fn ready(sidecar: &Process) {
    let client = stele_client::http(stele_client::Proxy::Never).expect("a client");
    let url = format!("{}/readyz", sidecar.url);
    for _ in 0..60_000 {
        let answer = client.get(&url).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    unreachable!("it is never ready");
}
