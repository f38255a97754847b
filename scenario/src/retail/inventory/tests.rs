//! What inventory decides: given events, when told something, then events.

use super::{messages::Address, *};

fn now() -> Timestamp {
    "2026-11-24T10:12:30Z".parse().unwrap()
}

fn given(events: &[Event]) -> Inventory {
    events.iter().fold(Inventory::default(), Inventory::evolve)
}

fn counted(sku: &str, quantity: u32) -> Event {
    Event::Counted(StockCounted { sku: sku.into(), quantity })
}

fn items(items: &[(&str, u32)]) -> Vec<OldPieces> {
    items.iter().map(|(sku, qty)| OldPieces { sku: (*sku).into(), qty: *qty }).collect()
}

fn noted(order: &str, lines: &[(&str, u32)]) -> Event {
    Event::Noted(OrderPlaced {
        order_id: order.into(),
        lines: items(lines),
        shipping_address: Address { country: "FR".into() },
    })
}

fn reserve(order: &str, wanted: &[(&str, u32)]) -> Command {
    Command::Reserve(ReserveStock {
        order_id: order.into(),
        priority: Priority::Normal,
        items: items(wanted),
    })
}

fn failed(order: &str) -> PaymentFailed {
    PaymentFailed { order_id: order.into() }
}

#[test]
fn stock_that_is_there_is_held_near_to_where_it_goes() {
    let state = given(&[counted("TS-1001-M", 5), noted("7", &[("TS-1001-M", 2)])]);

    let events = state.decide(reserve("7", &[("TS-1001-M", 2)]), now()).unwrap();

    let [Event::Reserved(reserved)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(reserved.items, [Pieces { sku: "TS-1001-M".into(), quantity: 2 }]);
    assert_eq!(reserved.reserved_until, "2026-11-24T10:42:30Z");
    assert_eq!(reserved.warehouse.as_ref().unwrap().code, "LYS1");
    assert_eq!(state.evolve(&events[0]).free("TS-1001-M"), 3);
}

#[test]
fn every_article_that_is_short_is_named_and_nothing_is_held() {
    let wanted = [("MU-2040", 1), ("TS-1001-M", 2), ("KB-7301-DE", 4)];
    let state = given(&[counted("TS-1001-M", 5), counted("KB-7301-DE", 3), noted("7", &wanted)]);

    let events = state.decide(reserve("7", &wanted), now()).unwrap();

    let [Event::NotAvailable(missing)] = events.as_slice() else { panic!("{events:?}") };
    let said: Vec<_> =
        missing.shortages.iter().map(|s| (s.sku.as_str(), s.requested, s.available)).collect();
    assert_eq!(said, [("KB-7301-DE", 4, 3), ("MU-2040", 1, 0)]);
    assert_eq!(state.evolve(&events[0]).free("TS-1001-M"), 5);
}

#[test]
fn the_same_article_on_two_lines_counts_once_together() {
    let wanted = [("TS-1001-M", 2), ("TS-1001-M", 2)];
    let state = given(&[counted("TS-1001-M", 3), noted("7", &wanted)]);

    let events = state.decide(reserve("7", &wanted), now()).unwrap();

    assert!(matches!(events.as_slice(), [Event::NotAvailable(_)]));
}

#[test]
fn no_more_is_held_than_was_ordered() {
    let state = given(&[counted("TS-1001-M", 5), noted("7", &[("TS-1001-M", 2)])]);

    let refused = state.decide(reserve("7", &[("TS-1001-M", 3)]), now());

    assert!(matches!(refused, Err(Refusal::Against { .. })));
}

#[test]
fn an_order_nobody_told_of_has_to_wait() {
    let refused =
        given(&[counted("TS-1001-M", 5)]).decide(reserve("7", &[("TS-1001-M", 1)]), now());

    assert_eq!(refused, Err(Refusal::TooEarly { order: "7".into(), needs: "OrderPlaced" }));
}

#[test]
fn an_order_is_answered_once() {
    let line = [("TS-1001-M", 1)];
    let before = [counted("TS-1001-M", 5), noted("7", &line)];
    let reserved = given(&before).decide(reserve("7", &line), now()).unwrap();

    let state = reserved.iter().fold(given(&before), Inventory::evolve);

    assert!(matches!(state.decide(reserve("7", &line), now()), Err(Refusal::Done { .. })));
}

#[test]
fn the_stock_of_an_unpaid_order_is_free_again_once() {
    let line = [("TS-1001-M", 2)];
    let mut state = given(&[counted("TS-1001-M", 5), noted("7", &line)]);
    state = state.decide(reserve("7", &line), now()).unwrap().iter().fold(state, Inventory::evolve);

    let events = state.decide(Command::Release(failed("7")), now()).unwrap();
    state = events.iter().fold(state, Inventory::evolve);

    assert_eq!(events, [Event::Released(failed("7"))]);
    assert_eq!(state.free("TS-1001-M"), 5);
    assert!(matches!(
        state.decide(Command::Release(failed("7")), now()),
        Err(Refusal::Done { .. })
    ));
}
