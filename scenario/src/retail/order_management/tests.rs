//! What order management decides: given events, when told something, then events.

use jiff::{Timestamp, civil::date};
use serde_json::{Value, json};

use super::{order_list::OrderList, *};
use crate::retail::orders::wishes;

fn now() -> Timestamp {
    "2026-11-24T10:12:30Z".parse().unwrap()
}

fn wish() -> PlaceOrder {
    wishes(7, date(2026, 11, 24)).unwrap().remove(0).order
}

fn given(events: &[Event]) -> OrderManagement {
    events.iter().fold(OrderManagement::default(), OrderManagement::evolve)
}

fn placed() -> Event {
    let order = Command::Place(Box::new(wish()));
    given(&[]).decide(order, now()).unwrap().remove(0)
}

fn moved(outcome: Outcome) -> Event {
    Event::Moved(outcome, wish().order_id)
}

fn hear(outcome: Outcome) -> Command {
    Command::Hear(outcome, wish().order_id)
}

/// The one command that follows once `event` is the last of what happened.
fn command_after(events: &[Event]) -> Option<(Shape, Value)> {
    let last = events.last().unwrap();
    let mut drafts = given(events).commands(last, now()).unwrap();
    let draft = drafts.pop()?;
    assert!(drafts.is_empty());
    Some((draft.shape, serde_json::from_slice(&draft.body).unwrap()))
}

#[test]
fn an_order_is_pending_with_its_total_and_the_next_number() {
    let earlier =
        OrderPlaced { id: "1".into(), order_number: "2024-003377".into(), ..unboxed(placed()) };

    let mut order = wish();
    order.lines.truncate(1);
    order.lines[0].quantity = 3;
    order.lines[0].unit_price = "19.90".parse().unwrap();
    let state = given(&[Event::Placed(Box::new(earlier))]);
    let events = state.decide(Command::Place(Box::new(order.clone())), now()).unwrap();

    let placed = unboxed(events[0].clone());
    assert_eq!(events.len(), 1);
    assert_eq!(placed.order_number, "2026-003378");
    assert_eq!(placed.total.to_string(), "59.70");
    assert_eq!(placed.placed_at, "2026-11-24T10:12:30Z");
    assert_eq!(state.evolve(&events[0]).status(&order.order_id), Some(Status::Pending));
}

fn unboxed(event: Event) -> OrderPlaced {
    match event {
        Event::Placed(placed) => *placed,
        Event::Moved(..) => panic!("no order was placed"),
    }
}

#[test]
fn the_same_order_is_taken_once() {
    let again = given(&[placed()]).decide(Command::Place(Box::new(wish())), now());

    assert_eq!(again, Err(Refusal::Done { order: wish().order_id }));
}

#[test]
fn an_order_against_the_rules_is_not_taken() {
    let mut nothing = wish();
    nothing.lines.clear();
    let mut backwards = wish();
    backwards.delivery =
        messages::Delivery { earliest: "2026-12-02".into(), latest: "2026-12-01".into() };

    for order in [nothing, backwards] {
        let refused = given(&[]).decide(Command::Place(Box::new(order)), now());

        assert!(matches!(refused, Err(Refusal::Against { .. })));
    }
}

#[test]
fn every_outcome_moves_an_order_along_one_of_three_ways() {
    use Outcome::{
        PaymentConfirmed, PaymentFailed, ShipmentCreated, StockNotAvailable, StockReserved,
    };
    let ways: [(&[Outcome], Status); 3] = [
        (&[StockReserved, PaymentConfirmed, ShipmentCreated], Status::Shipped),
        (&[StockNotAvailable], Status::Rejected),
        (&[StockReserved, PaymentFailed], Status::PaymentFailed),
    ];
    for (way, end) in ways {
        let mut events = vec![placed()];
        for outcome in way {
            let new = given(&events).decide(hear(*outcome), now());

            assert_eq!(new, Ok(vec![moved(*outcome)]));
            events.push(moved(*outcome));
        }
        let state = given(&events);
        assert_eq!(state.status(&wish().order_id), Some(end));
        for outcome in Outcome::ALL {
            let after_the_end = state.decide(hear(outcome), now());

            assert!(matches!(after_the_end, Err(Refusal::Done { .. })), "{outcome:?} after {end}");
        }
    }
}

#[test]
fn an_outcome_that_comes_too_early_waits_for_what_comes_first() {
    let order = wish().order_id;

    let unknown = given(&[]).decide(hear(Outcome::StockReserved), now());
    let unheld = given(&[placed()]).decide(hear(Outcome::PaymentConfirmed), now());

    assert_eq!(unknown, Err(Refusal::TooEarly { order: order.clone(), needs: "OrderPlaced" }));
    assert_eq!(unheld, Err(Refusal::TooEarly { order, needs: "StockReserved" }));
}

#[test]
fn stock_is_asked_for_then_payment_then_shipment() {
    let total = unboxed(placed()).total.to_string();
    let mut events = vec![placed()];

    let (reserve, stock) = command_after(&events).unwrap();
    events.push(moved(Outcome::StockReserved));
    let (charge, payment) = command_after(&events).unwrap();
    events.push(moved(Outcome::PaymentConfirmed));
    let (send, shipment) = command_after(&events).unwrap();
    events.push(moved(Outcome::ShipmentCreated));

    assert_eq!((reserve, charge, send), (RESERVE_STOCK, PROCESS_PAYMENT, CREATE_SHIPMENT));
    assert_eq!(stock["reservation"]["orderId"], json!(wish().order_id));
    assert_eq!(payment["amount"], json!(total));
    assert_eq!(shipment["address"], serde_json::to_value(wish().shipping_address).unwrap());
    assert_eq!(command_after(&events), None);
}

#[test]
fn a_single_day_is_express() {
    let mut order = unboxed(placed());
    order.delivery.latest.clone_from(&order.delivery.earliest);
    let express = Event::Placed(Box::new(order));

    let (_, stock) = command_after(&[express]).unwrap();

    assert_eq!(stock["reservation"]["service"], "express");
}

#[test]
fn the_order_list_shows_where_every_order_stands() {
    let version = |number: u32| number.try_into().unwrap();
    let another =
        OrderPlaced { id: "1".into(), order_number: "2021-000417".into(), ..unboxed(placed()) };

    let list = OrderList::default()
        .after(&placed(), version(3))
        .after(&moved(Outcome::StockReserved), version(2))
        .after(&Event::Placed(Box::new(another)), version(1))
        .after(&Event::Moved(Outcome::StockNotAvailable, "1".into()), version(1));

    let rows: Vec<_> = list
        .rows()
        .map(|row| format!("{} {} stored in {}", row.number, row.status, row.stored_in))
        .collect();
    assert_eq!(rows, ["2021-000417 Rejected stored in 1", "2026-000001 Reserved stored in 3"]);
    assert_eq!(list.row(&wish().order_id).unwrap().status, Status::Reserved);
    assert!(list.row("2").is_none());
}
