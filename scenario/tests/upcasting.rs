//! What order management stored in earlier years is lifted before it is folded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod plans;

use std::collections::BTreeMap;

use stele_evolution::schema::{Schema, read_value};
use stele_scenario::retail::{
    Catalog, Upcasts,
    bounded_context::BoundedContext,
    order_management::{OrderManagement, Status, earlier_years, order_list::OrderList},
};

use self::plans::upcasts;

#[test]
fn the_old_store_holds_every_version_of_its_time_and_all_of_it_is_valid() {
    let catalog = Catalog::embedded().unwrap();
    let mut seen: BTreeMap<(String, u32), usize> = BTreeMap::new();

    for stored in earlier_years::stored().unwrap() {
        let message = stored.message;
        let edition = catalog.subject(&message.subject).unwrap().edition(message.version).unwrap();
        let schema = Schema::read(edition.schema).parse().unwrap();
        let event = read_value(std::str::from_utf8(&message.body).unwrap()).unwrap();
        assert_eq!(schema.validate(&event), Ok(()), "{} {}", message.subject, message.version);
        *seen.entry((message.subject, message.version.number())).or_default() += 1;
    }

    let seen: Vec<_> =
        seen.iter().map(|((name, v), times)| format!("{name} {v}: {times}")).collect();
    assert_eq!(
        seen,
        [
            "OrderPlaced 1: 2",
            "OrderPlaced 2: 2",
            "PaymentConfirmed 1: 2",
            "PaymentFailed 1: 1",
            "ShipmentCreated 1: 2",
            "StockNotAvailable 1: 1",
            "StockReserved 1: 2",
            "StockReserved 2: 1",
        ]
    );
}

#[test]
fn old_orders_stand_in_the_state_and_in_the_list_where_they_ended() {
    let upcasts = upcasts();
    let mut state = OrderManagement::default();
    let mut list = OrderList::default();

    for stored in earlier_years::stored().unwrap() {
        let lifted = upcasts.lift(&stored.message, OrderManagement::STORES).unwrap();
        let batch = message_says(&stored.message.body, "settlementBatch");
        assert_eq!(lifted.lost, u32::from(batch), "{}", stored.message.subject);
        let event = OrderManagement::read(&lifted.message).unwrap();
        state = state.evolve(&event);
        list = list.after(&event, stored.message.version);
    }

    let rows: Vec<(&str, Status, u32)> =
        list.rows().map(|row| (row.number.as_str(), row.status, row.stored_in.number())).collect();
    assert_eq!(
        rows,
        [
            ("2021-000417", Status::Shipped, 1),
            ("2021-000982", Status::Rejected, 1),
            ("2023-014208", Status::Shipped, 2),
            ("2024-003377", Status::PaymentFailed, 2),
        ]
    );
    assert_eq!(
        earlier_years::ENDS.to_vec(),
        rows.iter().map(|(n, s, _)| (*n, *s)).collect::<Vec<_>>()
    );
    for row in list.rows() {
        assert_eq!(state.status(&row.order), Some(row.status));
    }
}

fn message_says(body: &[u8], name: &str) -> bool {
    String::from_utf8_lossy(body).contains(name)
}

#[test]
fn the_store_keeps_the_bytes_it_was_given() {
    let stored = earlier_years::stored().unwrap();

    let first = std::str::from_utf8(&stored[0].message.body).unwrap();

    assert!(first.starts_with(r#"{"orderId": "c0680c07-"#), "{first}");
    assert!(
        stored
            .iter()
            .any(|stored| String::from_utf8_lossy(&stored.message.body).contains("Joyeux Noël"))
    );
}

#[test]
fn without_a_plan_an_old_event_is_not_read() {
    let stored = earlier_years::stored().unwrap();

    let refused = Upcasts::default().lift(&stored[0].message, OrderManagement::STORES);

    assert!(refused.is_err());
}
