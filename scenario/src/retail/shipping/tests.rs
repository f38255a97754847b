//! What shipping decides: given events, when told something, then events.

use super::{
    messages::{Address, Delivery},
    *,
};

fn now() -> Timestamp {
    "2026-11-24T10:12:30Z".parse().unwrap()
}

fn given(events: &[Event]) -> Shipping {
    events.iter().fold(Shipping::default(), Shipping::evolve)
}

fn paid(amount: &str) -> Event {
    Event::Noted(PaymentConfirmed {
        order_id: "7".into(),
        amount: amount.parse().unwrap(),
        currency: "EUR".into(),
    })
}

fn send(service: Service, pieces: u32) -> Command {
    Command::Send(CreateShipment {
        shipment_id: "9a7c5e31-d2b4-4c6e-8f0a-1b3d5f7a9c2e".into(),
        order_id: "7".into(),
        address: Address { country: "NL".into() },
        service,
        delivery: Delivery { earliest: "2026-11-26".into(), latest: "2026-11-28".into() },
        contents: vec![Pieces { quantity: pieces }],
    })
}

fn created(state: &Shipping, command: Command) -> ShipmentCreated {
    match state.decide(command, now()).unwrap().as_slice() {
        [Event::Created(created)] => created.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_paid_order_is_handed_to_the_carrier_of_its_country() {
    let shipment = created(&given(&[paid("52.30")]), send(Service::Standard, 3));

    assert_eq!((shipment.carrier.as_str(), shipment.parcels), ("postnl", 1));
    assert_eq!(shipment.estimated_delivery, "2026-11-28");
    assert!(shipment.tracking_number.starts_with("CX") && shipment.tracking_number.ends_with("NL"));
    assert_eq!(shipment.tracking_number.len(), 13);
}

#[test]
fn express_arrives_on_the_first_day() {
    let shipment = created(&given(&[paid("52.30")]), send(Service::Express, 3));

    assert_eq!(shipment.estimated_delivery, "2026-11-26");
}

#[test]
fn pieces_and_worth_ask_for_parcels() {
    assert_eq!(created(&given(&[paid("52.30")]), send(Service::Standard, 9)).parcels, 3);
    assert_eq!(created(&given(&[paid("500.00")]), send(Service::Standard, 1)).parcels, 1);
    assert_eq!(created(&given(&[paid("1500.01")]), send(Service::Standard, 1)).parcels, 4);
}

#[test]
fn nothing_leaves_unpaid_or_twice() {
    let unpaid = given(&[]).decide(send(Service::Standard, 1), now());
    let sent = Event::Created(created(&given(&[paid("1.00")]), send(Service::Standard, 1)));
    let again = given(&[paid("1.00"), sent]).decide(send(Service::Standard, 1), now());

    assert_eq!(unpaid, Err(Refusal::TooEarly { order: "7".into(), needs: "PaymentConfirmed" }));
    assert!(matches!(again, Err(Refusal::Done { .. })));
}
