//! The pipe, beside a loop that parses every line and writes it again.

use std::{hint::black_box, io::Write as _, sync::Arc};

use serde_json::Value;
use stele_api::selector::Selector;
use stele_client::{History, history::Known};
use stele_evolution::{
    containment::ContentModel,
    lens::{Assurance, Lens},
    plan::{Edge, Step},
    schema::Schema,
    version::Version,
};
use stele_translator::{
    convention::{Convention, NamePattern},
    pipe::{self, Piping},
    plans::Plans,
    route::{Input, Route, Routes},
};
use tokio::runtime::Runtime;

use crate::{
    bar::{Bar, Effort, in_turns},
    lens::shop,
};

/// How many lines one round has.
const LINES: u16 = 4_000;

pub fn measure(effort: Effort) -> Vec<Bar> {
    let rounds = if effort == Effort::Quick { 9 } else { 41 };
    let lines = format!("{}\n", shop::event()).repeat(LINES.into());
    let value = || {
        let mut out = Vec::with_capacity(lines.len());
        for line in lines.lines() {
            let value: Value = serde_json::from_str(black_box(line)).unwrap_or_default();
            let _ = writeln!(out, "{value}");
        }
        black_box(out);
    };
    let ratio = |name: &str, goal: f64, input: Input| {
        let (plans, runtime) = (plans(input), Runtime::new().expect("a runtime"));
        let piping =
            Piping { plans: &plans, runtime: runtime.handle(), max_line: 1 << 20, stream: None };
        let piped = || {
            let (mut out, mut dead) = (Vec::with_capacity(lines.len()), Vec::new());
            let summary = pipe::run(&piping, lines.as_bytes(), &mut out, &mut dead);
            let summary = summary.expect("lines in memory can be read");
            assert_eq!(summary.translated, u64::from(LINES), "every event crosses");
            black_box(out);
        };
        let (ours, theirs) = in_turns(rounds, piped, value);
        let each = |time: std::time::Duration| f64::from(LINES) / time.as_secs_f64();
        println!("pipe {name}: {:.0} events/s; value {:.0}", each(ours), each(theirs));
        Bar::at_least(
            format!("translator.pipe_{name}"),
            theirs.as_secs_f64() / ours.as_secs_f64(),
            goal,
        )
    };
    vec![
        ratio("unvalidated_to_value", 1.3, Input::Trust),
        ratio("validated_to_value", 0.75, Input::Valid),
    ]
}

/// From version 1 to 2 by ten operations, proved.
fn plans(input: Input) -> Plans {
    let (old, new, mut lens) = shop::ten_operation_documents();
    for (name, value) in [("lens", 1), ("from", 1), ("to", 2)] {
        lens[name] = value.into();
    }
    lens["subject"] = "Order".into();
    let lens = Lens::from_value(&lens).expect("a lens of the bench");
    let edges = [None, Some(Edge::Written { lens, assurance: Assurance::Proven })];
    let versions =
        [old, new].into_iter().zip(edges).zip(1_u32..).map(|((schema, edge), number)| {
            let schema = Schema::read(&schema.to_string()).parse().expect("a schema of the bench");
            let version = Version::try_from(number).expect("a version");
            let known = Known {
                version,
                release: format!("{number}.0.0").parse().expect("a release"),
                id: number.to_string().parse().expect("an id"),
                fingerprint: schema.fingerprint(),
            };
            (known, Step { version, schema, edge })
        });
    let subject: stele_api::subject::Subject = "Order".parse().expect("a subject");
    let history = History::of(subject.clone(), ContentModel::Event, versions.collect());
    let route = Route {
        label: "Order".into(),
        name: NamePattern::default().of("Order"),
        to: Selector::Latest,
        conventions: Convention::usual(),
        out: None,
        consumer: None,
        input,
        subject,
    };
    let routes = Routes::Given { route: Arc::new(route), from: Some(Version::FIRST) };
    Plans::fixed(routes, vec![history])
}
