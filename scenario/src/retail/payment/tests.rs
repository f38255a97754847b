//! What payment decides: given events, when told something, then events.

use super::*;

fn now() -> Timestamp {
    "2026-11-24T10:12:30Z".parse().unwrap()
}

fn given(events: &[Event]) -> Payment {
    events.iter().fold(Payment::default(), Payment::evolve)
}

fn held_until(until: &str) -> Event {
    Event::Noted(StockReserved { order_id: "7".into(), reserved_until: until.into() })
}

fn charge(token: &str, amount: &str) -> Command {
    Command::Charge(ProcessPayment {
        payment_id: "p".into(),
        order_id: "7".into(),
        amount: amount.parse().unwrap(),
        currency: "EUR".into(),
        payment_token: token.into(),
    })
}

#[test]
fn a_held_order_is_charged_by_the_means_of_its_token() {
    let state = given(&[held_until("2026-11-24T10:42:30Z")]);
    for (token, method) in [
        ("tok_visa_4242", Method::Card),
        ("tok_wallet_77ab", Method::Wallet),
        ("tok_invoice_0093", Method::Invoice),
    ] {
        let events = state.decide(charge(token, "52.30"), now()).unwrap();

        let [Event::Confirmed(paid)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((paid.method, paid.charged.amount.to_string()), (method, "52.30".to_owned()));
        assert_eq!(paid.authorization.len(), 6);
    }
}

#[test]
fn every_failure_says_why_and_whether_trying_again_helps() {
    let state = given(&[held_until("2026-11-24T10:42:30Z")]);
    for (token, amount, reason, retryable) in [
        ("tok_declined_0002", "52.30", Failure::CardDeclined, true),
        ("tok_expired_0069", "52.30", Failure::CardExpired, false),
        ("tok_invoice_0093", "2500.01", Failure::LimitExceeded, false),
        ("tok_wallet_77ab", "1000.01", Failure::LimitExceeded, false),
        ("tok_visa_4242", "5000.01", Failure::LimitExceeded, false),
    ] {
        let events = state.decide(charge(token, amount), now()).unwrap();

        let [Event::Failed(failed)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((failed.reason, failed.retryable), (reason, retryable), "{token}");
    }
}

#[test]
fn a_limit_may_be_reached() {
    let state = given(&[held_until("2026-11-24T10:42:30Z")]);

    let events = state.decide(charge("tok_wallet_77ab", "1000.00"), now()).unwrap();

    assert!(matches!(events.as_slice(), [Event::Confirmed(_)]));
}

#[test]
fn what_is_not_held_is_not_charged() {
    let unknown = given(&[]).decide(charge("tok_visa_4242", "1.00"), now());
    let late = given(&[held_until("2026-11-24T10:12:29Z")]);
    let late = late.decide(charge("tok_visa_4242", "1.00"), now());

    assert_eq!(unknown, Err(Refusal::TooEarly { order: "7".into(), needs: "StockReserved" }));
    assert!(matches!(late, Err(Refusal::Against { .. })));
}

#[test]
fn nobody_pays_twice() {
    let mut state = given(&[held_until("2026-11-24T10:42:30Z")]);
    let paid = state.decide(charge("tok_visa_4242", "1.00"), now()).unwrap();
    state = paid.iter().fold(state, Payment::evolve);

    let again = state.decide(charge("tok_visa_4242", "1.00"), now());
    let held_again = match held_until("2026-11-24T11:00:00Z") {
        Event::Noted(reserved) => state.decide(Command::Note(reserved), now()),
        other => panic!("{other:?}"),
    };

    assert!(matches!(again, Err(Refusal::Done { .. })));
    assert!(matches!(held_again, Err(Refusal::Done { .. })));
}
