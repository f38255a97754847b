//! Shipping hands paid orders to a carrier, in as many parcels as it takes.

pub mod messages;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::messages::{
    CREATE_SHIPMENT, CreateShipment, PAYMENT_CONFIRMED, PaymentConfirmed, Pieces, SHIPMENT_CREATED,
    Service, ShipmentCreated,
};
use super::{
    amount::Amount,
    bounded_context::{
        BoundedContext, Draft, Refusal, Shape, Unreadable, Unwritable, Writing, body,
    },
    message::{Message, derived_id},
};

/// How many pieces fit into one parcel.
const PIECES_IN_A_PARCEL: u32 = 4;
/// No parcel is worth more than this: a carrier pays no more for a lost one.
const WORTH_OF_A_PARCEL: Amount = Amount::units(500);

/// What shipping knows: the orders that are paid, and which of them have left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shipping {
    orders: BTreeMap<String, Order>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Order {
    Paid(Amount),
    Sent,
}

/// What it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An order is paid.
    Note(PaymentConfirmed),
    /// Send this order.
    Send(CreateShipment),
}

/// What happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order may leave.
    Noted(PaymentConfirmed),
    /// An order has left.
    Created(ShipmentCreated),
}

impl BoundedContext for Shipping {
    const NAME: &'static str = "shipping";
    const READS: &'static [Shape] = &[PAYMENT_CONFIRMED, CREATE_SHIPMENT];
    const STORES: &'static [Shape] = &[PAYMENT_CONFIRMED, SHIPMENT_CREATED];

    type Command = Command;
    type Event = Event;

    fn command(message: &Message) -> Result<Command, Unreadable> {
        match message {
            paid if PAYMENT_CONFIRMED.fits(paid) => Ok(Command::Note(body(paid)?)),
            send if CREATE_SHIPMENT.fits(send) => Ok(Command::Send(body(send)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn decide(&self, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Note(paid) if self.orders.contains_key(&paid.order_id) => {
                Err(Refusal::Done { order: paid.order_id })
            }
            Command::Note(paid) => Ok(vec![Event::Noted(paid)]),
            Command::Send(shipment) => self.send(shipment, now),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        let (order, known) = match event {
            Event::Noted(PaymentConfirmed { order_id, amount, .. }) => {
                (order_id, Order::Paid(*amount))
            }
            Event::Created(ShipmentCreated { order_id, .. }) => (order_id, Order::Sent),
        };
        self.orders.insert(order.clone(), known);
        self
    }

    fn commands(&self, _event: &Event, _now: Timestamp) -> Result<Vec<Draft>, Unwritable> {
        Ok(Vec::new())
    }

    fn write(event: &Event) -> Result<Writing, Unwritable> {
        match event {
            Event::Noted(_) => Ok(Writing::AsReceived),
            Event::Created(created) => {
                Ok(Writing::Own(Draft::of(SHIPMENT_CREATED, &created.order_id, created)?))
            }
        }
    }

    fn read(message: &Message) -> Result<Event, Unreadable> {
        match message {
            paid if PAYMENT_CONFIRMED.fits(paid) => Ok(Event::Noted(body(paid)?)),
            created if SHIPMENT_CREATED.fits(created) => Ok(Event::Created(body(created)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn describe(event: &Event) -> String {
        match event {
            Event::Noted(PaymentConfirmed { amount, currency, .. }) => {
                format!("may leave, worth {amount} {currency}")
            }
            Event::Created(ShipmentCreated { carrier, tracking_number, parcels, .. }) => {
                let unit = if *parcels == 1 { "parcel" } else { "parcels" };
                format!("{parcels} {unit} by {carrier}, {tracking_number}")
            }
        }
    }
}

impl Shipping {
    fn send(&self, shipment: CreateShipment, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let order = shipment.order_id;
        let worth = match self.orders.get(&order) {
            None => return Err(Refusal::TooEarly { order, needs: "PaymentConfirmed" }),
            Some(Order::Sent) => return Err(Refusal::Done { order }),
            Some(Order::Paid(worth)) => *worth,
        };
        Ok(vec![Event::Created(ShipmentCreated {
            schema_version: Some(SHIPMENT_CREATED.version),
            tracking_number: tracking_number(&shipment.shipment_id, &shipment.address.country),
            shipment_id: shipment.shipment_id,
            order_id: order,
            carrier: carrier(&shipment.address.country).to_owned(),
            created_at: now.to_string(),
            estimated_delivery: match shipment.service {
                Service::Express => shipment.delivery.earliest,
                Service::Standard => shipment.delivery.latest,
            },
            parcels: parcels(&shipment.contents, worth),
        })])
    }
}

/// As many parcels as pieces and worth ask for.
fn parcels(contents: &[Pieces], worth: Amount) -> u32 {
    let pieces: u32 = contents.iter().map(|pieces| pieces.quantity).sum();
    let by_pieces = pieces.div_ceil(PIECES_IN_A_PARCEL);
    let by_worth = (1..99).find(|count| worth <= WORTH_OF_A_PARCEL.times(*count)).unwrap_or(99);
    by_pieces.max(by_worth).clamp(1, 99)
}

fn carrier(country: &str) -> &'static str {
    match country {
        "DE" | "AT" => "dhl",
        "NL" | "BE" => "postnl",
        "FR" => "laposte",
        _ => "ups",
    }
}

/// A tracking number in the form of the Universal Postal Union (S10): letters, a serial number with its check digit, a
/// country.
fn tracking_number(shipment: &str, country: &str) -> String {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let serial: Vec<u32> = derived_id(shipment, "tracking")
        .chars()
        .filter_map(|character| Some(character.to_digit(16)? % 10))
        .take(WEIGHTS.len())
        .collect();
    let sum: u32 = serial.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    };
    let serial: String = serial.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect();
    format!("CX{serial}{check}{country}")
}
