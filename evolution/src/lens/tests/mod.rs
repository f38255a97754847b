//! Tests of whole lenses.

use serde_json::json;

use super::*;

/// The lens of the specification, word for word.
const WORKED: &str = r#"
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

#[test]
fn the_worked_example_gives_what_it_says() {
    let lens = Lens::parse(WORKED).unwrap();

    let up = lens
        .up(&json!({
            "orderId": "7", "name": "Ada", "status": "NEW", "total": 3, "legacyFlag": true,
            "lines": [{"qty": 1}]
        }))
        .unwrap();

    let expected = json!({
        "id": "7", "customer": {"name": "Ada"}, "status": "placed", "total": "3",
        "currency": "EUR", "lines": [{"quantity": 1}]
    });
    assert_eq!(up.event, expected);
    assert_eq!(up.losses, ["/legacyFlag".parse().unwrap()]);

    let down = lens.down(&up.event).unwrap();
    assert_eq!(
        down.event,
        json!({
            "orderId": "7", "name": "Ada", "status": "NEW", "total": 3, "legacyFlag": false,
            "lines": [{"qty": 1}]
        })
    );
    assert_eq!(down.losses, []);
}

#[test]
fn a_lens_survives_its_own_document() {
    let lens = Lens::parse(WORKED).unwrap();

    let again = Lens::from_value(&lens.to_value()).unwrap();

    assert_eq!(again.to_value(), lens.to_value());
}
