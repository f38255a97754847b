//! Inline push, beside a forwarder that does nothing but forward, to the same consumer.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    house::{House, Process},
    load::{Figures, hammer, middle, request},
};
use crate::{
    bar::{Bar, Effort},
    lens::shop,
};

pub async fn measure(effort: Effort) -> Vec<Bar> {
    let (rounds, time) = match effort {
        Effort::Quick => (3, Duration::from_secs(1)),
        Effort::Full => (9, Duration::from_secs(4)),
    };
    let house = House::open().await;
    let (mut old, mut new, mut lens) = shop::ten_operation_documents();
    // What is moved into the customer makes none: a registry checks that for every event that may come.
    for schema in [&mut old, &mut new] {
        let required = schema["required"].as_array_mut();
        if let Some(required) = required.filter(|names| !names.contains(&json!("customer"))) {
            required.push(json!("customer"));
        }
    }
    let mut added = old.clone();
    // Anything may stand there: a reader takes every event of the version before as it is.
    added["properties"]["remark"] = json!(true);
    house.register("Passed", &old, None).await;
    house.register("Passed", &added, None).await;
    for (name, value) in
        [("lens", json!(1)), ("subject", json!("Carried")), ("from", json!(1)), ("to", json!(2))]
    {
        lens[name] = value;
    }
    house.register("Carried", &old, None).await;
    house.register("Carried", &new, Some(lens)).await;
    let passed = "Passed".parse().expect("a subject");
    let newest = stele_api::selector::Selector::Latest;
    let oldest = "1".parse().expect("a version");
    let plan = house.client.plan(&passed, &oldest, &newest).await.expect("a plan");
    let is_pass = serde_json::to_value(plan.class).ok() == Some(Value::from("pass"));
    println!("the plan that should pass: {:?}", plan.class);

    let sink = Process::start("stele-bench", &["sink"]);
    let forwarder = Process::start("stele-bench", &["forwarder", "--to", &sink.url]);
    let config = format!(
        "consumer: {}\nsubjects: [{{ subject: Passed, to: 2 }}, {{ subject: Carried, to: 2 }}]\n",
        sink.url
    );
    let sidecar = house.sidecar(&config);
    let event = shop::event();
    let (bare_at, bare) = request(&forwarder.url, "/", "Passed.v1", &event);
    let (host, pass) = request(&sidecar.url, "/", "Passed.v1", &event);
    let (_, carry) = request(&sidecar.url, "/", "Carried.v1", &event);
    let mut figures: [Vec<Figures>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=rounds {
        let taken = [
            hammer(&bare_at, &bare, 204, time).await,
            hammer(&host, &pass, 204, time).await,
            hammer(&host, &carry, 204, time).await,
        ];
        // The first only warms up.
        if round > 0 {
            for (all, one) in figures.iter_mut().zip(taken) {
                all.push(one);
            }
        }
    }
    let [ceiling, passed, carried] = figures.map(middle);
    for (name, figures) in [("forwarder", ceiling), ("pass", passed), ("ten ops", carried)] {
        println!("inline {name:10} {:.0} req/s, p99 {:.2} ms", figures.rate, figures.p99 * 1e3);
    }
    let or_nothing = |value: f64| if is_pass { value } else { f64::NAN };
    vec![
        Bar::at_least(
            "translator.inline_pass_to_forwarder",
            or_nothing(passed.rate / ceiling.rate),
            0.85,
        ),
        Bar::at_most(
            "translator.inline_pass_p99_to_forwarder",
            or_nothing(passed.p99 / ceiling.p99),
            1.3,
        ),
        Bar::at_least("translator.inline_ten_ops_to_forwarder", carried.rate / ceiling.rate, 0.70),
    ]
}
