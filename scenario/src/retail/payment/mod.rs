//! Payment charges orders whose stock is held, and never an order twice.

pub mod messages;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::messages::{
    Charged, Failure, Method, PAYMENT_CONFIRMED, PAYMENT_FAILED, PROCESS_PAYMENT, PaymentConfirmed,
    PaymentFailed, ProcessPayment, STOCK_RESERVED, StockReserved,
};
use super::{
    amount::Amount,
    bounded_context::{
        BoundedContext, Draft, Refusal, Shape, Unreadable, Unwritable, Writing, body,
    },
    message::{Message, derived_id},
};

/// What payment knows: the orders whose stock is held, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payment {
    orders: BTreeMap<String, Charge>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Charge {
    Open { held_until: Option<Timestamp> },
    Closed,
}

/// What it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Stock is held.
    Note(StockReserved),
    /// Charge this order.
    Charge(ProcessPayment),
}

/// What happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order may be charged.
    Noted(StockReserved),
    /// An order is paid.
    Confirmed(PaymentConfirmed),
    /// An order could not be charged.
    Failed(PaymentFailed),
}

impl BoundedContext for Payment {
    const NAME: &'static str = "payment";
    const READS: &'static [Shape] = &[STOCK_RESERVED, PROCESS_PAYMENT];
    const STORES: &'static [Shape] = &[STOCK_RESERVED, PAYMENT_CONFIRMED, PAYMENT_FAILED];

    type Command = Command;
    type Event = Event;

    fn command(message: &Message) -> Result<Command, Unreadable> {
        match message {
            reserved if STOCK_RESERVED.fits(reserved) => Ok(Command::Note(body(reserved)?)),
            charge if PROCESS_PAYMENT.fits(charge) => Ok(Command::Charge(body(charge)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn decide(&self, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Note(reserved) if self.orders.contains_key(&reserved.order_id) => {
                Err(Refusal::Done { order: reserved.order_id })
            }
            Command::Note(reserved) => Ok(vec![Event::Noted(reserved)]),
            Command::Charge(charge) => self.charge(charge, now),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        let (order, charge) = match event {
            Event::Noted(StockReserved { order_id, reserved_until }) => {
                (order_id, Charge::Open { held_until: reserved_until.parse().ok() })
            }
            Event::Confirmed(PaymentConfirmed { order_id, .. })
            | Event::Failed(PaymentFailed { order_id, .. }) => (order_id, Charge::Closed),
        };
        self.orders.insert(order.clone(), charge);
        self
    }

    fn commands(&self, _event: &Event, _now: Timestamp) -> Result<Vec<Draft>, Unwritable> {
        Ok(Vec::new())
    }

    fn write(event: &Event) -> Result<Writing, Unwritable> {
        let draft = match event {
            Event::Noted(_) => return Ok(Writing::AsReceived),
            Event::Confirmed(paid) => Draft::of(PAYMENT_CONFIRMED, &paid.order_id, paid)?,
            Event::Failed(failed) => Draft::of(PAYMENT_FAILED, &failed.order_id, failed)?,
        };
        Ok(Writing::Own(draft))
    }

    fn read(message: &Message) -> Result<Event, Unreadable> {
        match message {
            reserved if STOCK_RESERVED.fits(reserved) => Ok(Event::Noted(body(reserved)?)),
            paid if PAYMENT_CONFIRMED.fits(paid) => Ok(Event::Confirmed(body(paid)?)),
            failed if PAYMENT_FAILED.fits(failed) => Ok(Event::Failed(body(failed)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn describe(event: &Event) -> String {
        match event {
            Event::Noted(_) => "may be charged".to_owned(),
            Event::Confirmed(PaymentConfirmed { charged, method, .. }) => {
                format!("{} {} by {}", charged.amount, charged.currency, method.name())
            }
            Event::Failed(PaymentFailed { amount, currency, reason, .. }) => {
                format!("{amount} {currency}: {}", reason.name())
            }
        }
    }
}

impl Payment {
    fn charge(&self, charge: ProcessPayment, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let ProcessPayment { payment_id, order_id: order, amount, currency, payment_token } =
            charge;
        match self.orders.get(&order) {
            None => return Err(Refusal::TooEarly { order, needs: "StockReserved" }),
            Some(Charge::Closed) => return Err(Refusal::Done { order }),
            Some(Charge::Open { held_until: Some(until) }) if *until < now => {
                let why = "is not held any more and must not be charged".to_owned();
                return Err(Refusal::Against { order, why });
            }
            Some(Charge::Open { .. }) => {}
        }
        let event = match authorize(&payment_token, amount) {
            Ok(method) => Event::Confirmed(PaymentConfirmed {
                authorization: authorization(&order),
                payment_id,
                order_id: order,
                charged: Charged { amount, currency },
                paid_at: now.to_string(),
                method,
            }),
            Err(reason) => Event::Failed(PaymentFailed {
                payment_id,
                order_id: order,
                amount,
                currency,
                failed_at: now.to_string(),
                reason,
                retryable: reason == Failure::CardDeclined,
            }),
        };
        Ok(vec![event])
    }
}

/// What the provider says to a charge. Its test tokens name their answer, as the test cards of real providers do.
fn authorize(token: &str, amount: Amount) -> Result<Method, Failure> {
    let means = token.strip_prefix("tok_").unwrap_or(token);
    let (method, limit) = match means.split('_').next() {
        Some("invoice") => (Method::Invoice, Amount::units(2_500)),
        Some("wallet") => (Method::Wallet, Amount::units(1_000)),
        Some("declined") => return Err(Failure::CardDeclined),
        Some("expired") => return Err(Failure::CardExpired),
        _ => (Method::Card, Amount::units(5_000)),
    };
    if amount > limit { Err(Failure::LimitExceeded) } else { Ok(method) }
}

/// The six characters by which the provider knows a charge.
fn authorization(order: &str) -> String {
    derived_id(order, "authorization")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(6)
        .collect::<String>()
        .to_uppercase()
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Method::Card => "card",
            Method::Wallet => "wallet",
            Method::Invoice => "invoice",
        }
    }
}

impl Failure {
    fn name(self) -> &'static str {
        match self {
            Failure::CardDeclined => "card declined",
            Failure::CardExpired => "card expired",
            Failure::LimitExceeded => "limit exceeded",
        }
    }
}
