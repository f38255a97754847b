//! The bytes of an event through a lens, both ways: no crash, what comes out can be read again, and the event as text and
//! the event as a value come out alike. The lens is what stands before the first zero byte, or one that is chosen by it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use stele_evolution::{
    containment::ContentModel,
    lens::{Assurance, Lens},
    plan::{Edge, Input, Plan, Step},
    raw::RawEvent,
    schema::Schema,
    version::Version,
};

/// Lenses with every operation, on names that a fuzzer finds.
static LENSES: LazyLock<Vec<Lens>> = LazyLock::new(|| {
    [
        "{lens: 1, subject: F, from: 1, to: 2, ops: [rename: {from: /a, to: /b}, add: {at: /c, value: {x: [1]}}, drop: {at: /d, restore: 1.50}]}",
        "{lens: 1, subject: F, from: 1, to: 2, ops: [move: {from: /a/b, to: /c/d}, copy: {from: /e, to: /f}]}",
        "{lens: 1, subject: F, from: 1, to: 2, ops: [convert: {at: /a, from: number, to: string, format: decimal}, convert: {at: /b, from: number, to: integer, scale: 2}]}",
        "{lens: 1, subject: F, from: 1, to: 2, ops: [split: {from: /a, into: [/b, /c], sep: ' ', missing: ''}, map: {at: /d, pairs: {x: y, z: w}}]}",
        "{lens: 1, subject: F, from: 1, to: 2, ops: [each: {at: /a, ops: [rename: {from: /b, to: /c}, absent_to_null: {at: /d}]}, wrap: {at: /e}]}",
        "{lens: 1, subject: F, from: 1, to: 2, ops: [head: {at: /a, empty: 0}, null_to: {at: /b, value: 0}]}",
    ]
    .iter()
    .filter_map(|text| Lens::parse(text).ok())
    .collect()
});

fn plans(lens: &Lens) -> Option<[Option<Plan>; 2]> {
    let schema = Schema::read("{}").parse().ok()?;
    let (one, two) = (Version::FIRST, Version::FIRST.next());
    let edge = Edge::Written { lens: lens.clone(), assurance: Assurance::Tested(1) };
    let steps = [
        Step { version: one, schema: schema.clone(), edge: None },
        Step { version: two, schema, edge: Some(edge) },
    ];
    let plan = |from, to| Plan::compose("F", &steps, from, to, ContentModel::Event).ok();
    Some([plan(one, two), plan(two, one)])
}

fuzz_target!(|data: &[u8]| {
    let Some(cut) = data.iter().position(|byte| *byte == 0) else { return };
    let (head, bytes) = (&data[..cut], &data[cut + 1..]);
    let own = std::str::from_utf8(head).ok().and_then(|text| Lens::parse(text).ok());
    let pick = head.first().copied().map_or(0, usize::from) % LENSES.len();
    let lens = own.as_ref().unwrap_or(&LENSES[pick]);
    let Ok(raw) = RawEvent::read(bytes) else { return };
    let Ok(value) = serde_json::from_slice(bytes) else {
        panic!("what is read as an event is JSON");
    };
    for plan in plans(lens).into_iter().flatten().flatten() {
        let texts = plan.translate_raw(&raw, Input::Unknown);
        let values = plan.translate(&value);
        match (texts, values) {
            (Ok(text), Ok(value)) => {
                assert!(RawEvent::read(text.event.as_bytes()).is_ok(), "{}", text.event);
                let read: serde_json::Value = serde_json::from_str(&text.event).unwrap();
                assert_eq!((read, text.losses), (value.event, value.losses));
            }
            (Err(_), Err(_)) => {}
            (text, value) => panic!("as text {text:?}, as a value {value:?}"),
        }
    }
});
