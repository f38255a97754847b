//! Tests of whole lenses, and what the tests of single operations share.

pub(super) mod checked;
mod document;
mod laws;
mod refused;
pub(super) mod typed;
mod unproven;
mod wrong;

use serde_json::json;

pub(super) use self::checked::{newer, older};
use super::*;

/// The lens of the specification, word for word.
pub(super) const WORKED: &str = r#"
lens: 1                       # format of this document
subject: OrderPlaced
from: 1                       # adjacent versions; the newer version owns the edge
to: 2
ops:
  - rename:  { from: /orderId, to: /id }
  - move:    { from: /name, to: /customer/name }              # makes parents
  - map:     { at: /status, pairs: { NEW: placed, PAID: paid, SENT: shipped } }
  - convert: { at: /total, to: string, format: decimal }
  - drop:    { at: /legacyFlag, restore: false }              # restore = value written on the way down
  - add:     { at: /currency, value: EUR }
  - each:    { at: /lines, ops: [ { rename: { from: /qty, to: /quantity } } ] }
accept_loss:                  # every loss the checker finds must be listed, or the lens is refused
  up:   [ /legacyFlag ]
  down: [ /currency ]
examples:                     # optional golden cases, run at registration and in CI
  - up:    { orderId: "7", name: Ada, status: NEW, total: 3, legacyFlag: true, lines: [{ qty: 1 }] }
    gives: { id: "7", customer: { name: Ada }, status: placed, total: "3", currency: EUR, lines: [{ quantity: 1 }] }
"#;

/// A lens of these operations.
pub(super) fn with(ops: &Value) -> Lens {
    let document = json!({"lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": ops});
    Lens::from_value(&document).unwrap()
}

fn crossed(crossing: Result<Crossing, OpError>) -> (Value, Vec<String>) {
    let crossing = crossing.unwrap();
    (crossing.event, crossing.losses.iter().map(Pointer::to_string).collect())
}

/// The event after the way up, and what was lost.
pub(super) fn up(lens: &Lens, event: &Value) -> (Value, Vec<String>) {
    crossed(lens.up(event))
}

/// The event after the way down, and what was lost.
pub(super) fn down(lens: &Lens, event: &Value) -> (Value, Vec<String>) {
    crossed(lens.down(event))
}

/// The older event becomes the newer and the newer the older, and nothing is lost.
#[track_caller]
pub(super) fn back_and_forth(lens: &Lens, older: &Value, newer: &Value) {
    for (crossing, expected) in [(lens.up(older), newer), (lens.down(newer), older)] {
        let (event, losses) = crossed(crossing);
        assert!(same(&event, expected), "{event} is not {expected}");
        assert_eq!(losses, Vec::<String>::new());
    }
}

/// What the error says.
pub(super) fn fails(crossing: Result<Crossing, OpError>) -> String {
    crossing.unwrap_err().to_string()
}

#[test]
fn the_worked_example_gives_what_it_says() {
    let lens = Lens::parse(WORKED).unwrap();

    let (event, losses) = up(
        &lens,
        &json!({
            "orderId": "7", "name": "Ada", "status": "NEW", "total": 3, "legacyFlag": true,
            "lines": [{"qty": 1}]
        }),
    );

    let expected = json!({
        "id": "7", "customer": {"name": "Ada"}, "status": "placed", "total": "3",
        "currency": "EUR", "lines": [{"quantity": 1}]
    });
    assert_eq!(event, expected);
    assert_eq!(losses, ["/legacyFlag"]);

    let (event, losses) = down(&lens, &expected);
    assert_eq!(
        event,
        json!({
            "orderId": "7", "name": "Ada", "status": "NEW", "total": 3, "legacyFlag": false,
            "lines": [{"qty": 1}]
        })
    );
    assert_eq!(losses, Vec::<String>::new());
}

#[test]
fn a_lens_survives_its_own_document() {
    let lens = Lens::parse(WORKED).unwrap();

    let again = Lens::from_value(&lens.to_value()).unwrap();

    assert_eq!(again, lens);
    assert_eq!(lens.to_value()["ops"][0], json!({"rename": {"from": "/orderId", "to": "/id"}}));
}

#[test]
fn losses_are_places_in_the_event_that_came_in() {
    let lens = with(&json!([
        {"rename": {"from": "/old", "to": "/new"}},
        {"move": {"from": "/new", "to": "/deep/er"}},
        {"drop": {"at": "/deep"}}
    ]));

    assert_eq!(up(&lens, &json!({"old": 1})).1, ["/deep"]);
}
