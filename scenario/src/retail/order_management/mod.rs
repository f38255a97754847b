//! Order management takes orders, asks the others to do their part, and keeps where every order stands.
//!
//! Its store goes back to the first years of the shop: it holds `OrderPlaced` in versions 1, 2 and 3. The core knows
//! version 3 only; older events are lifted when they are read.

pub mod earlier_years;
pub mod messages;
pub mod order_list;
mod status;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use self::messages::{
    AboutOrder, CREATE_SHIPMENT, CreateShipment, ORDER_PLACED, OrderPlaced, PLACE_ORDER,
    PROCESS_PAYMENT, Pieces, PlaceOrder, ProcessPayment, RESERVE_STOCK, Reservation, ReserveStock,
};
pub use self::status::{Outcome, Status};
use super::{
    bounded_context::{
        BoundedContext, Draft, Refusal, Shape, Unreadable, Unwritable, Writing, body,
    },
    message::{Message, derived_id},
};

/// What order management knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderManagement {
    orders: BTreeMap<String, Order>,
    /// The last running number given out.
    last_number: u32,
}

/// What it knows of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Order {
    status: Status,
    placed: OrderPlaced,
}

/// What it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Take this order.
    Place(Box<PlaceOrder>),
    /// Another context found something out about an order.
    Hear(Outcome, String),
}

/// What happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order was taken.
    Placed(Box<OrderPlaced>),
    /// An order moved.
    Moved(Outcome, String),
}

impl BoundedContext for OrderManagement {
    const NAME: &'static str = "order-management";
    const READS: &'static [Shape] = &[
        PLACE_ORDER,
        Outcome::StockReserved.shape(),
        Outcome::StockNotAvailable.shape(),
        Outcome::PaymentConfirmed.shape(),
        Outcome::PaymentFailed.shape(),
        Outcome::ShipmentCreated.shape(),
    ];
    const STORES: &'static [Shape] = &[
        ORDER_PLACED,
        Outcome::StockReserved.shape(),
        Outcome::StockNotAvailable.shape(),
        Outcome::PaymentConfirmed.shape(),
        Outcome::PaymentFailed.shape(),
        Outcome::ShipmentCreated.shape(),
    ];

    type Command = Command;
    type Event = Event;

    fn command(message: &Message) -> Result<Command, Unreadable> {
        if PLACE_ORDER.fits(message) {
            return Ok(Command::Place(Box::new(body(message)?)));
        }
        let (outcome, order) = heard(message)?;
        Ok(Command::Hear(outcome, order))
    }

    fn decide(&self, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Place(order) => self.place(*order, now),
            Command::Hear(outcome, order) => self.hear(outcome, order),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Placed(placed) => {
                self.last_number = self.last_number.max(running_number(&placed.order_number));
                let order = Order { status: Status::Pending, placed: OrderPlaced::clone(placed) };
                self.orders.insert(placed.id.clone(), order);
            }
            Event::Moved(outcome, id) => {
                if let Some(order) = self.orders.get_mut(id) {
                    order.status = outcome.moves_to();
                }
            }
        }
        self
    }

    fn commands(&self, event: &Event, now: Timestamp) -> Result<Vec<Draft>, Unwritable> {
        let id = match event {
            Event::Placed(placed) => &placed.id,
            Event::Moved(_, order) => order,
        };
        let Some(Order { placed, .. }) = self.orders.get(id) else { return Ok(Vec::new()) };
        let command = match event {
            Event::Placed(_) => {
                Draft::of(RESERVE_STOCK, id, &ReserveStock::for_order(placed, now))?
            }
            Event::Moved(Outcome::StockReserved, _) => {
                Draft::of(PROCESS_PAYMENT, id, &ProcessPayment::for_order(placed, now))?
            }
            Event::Moved(Outcome::PaymentConfirmed, _) => {
                Draft::of(CREATE_SHIPMENT, id, &CreateShipment::for_order(placed))?
            }
            Event::Moved(..) => return Ok(Vec::new()),
        };
        Ok(vec![command])
    }

    fn write(event: &Event) -> Result<Writing, Unwritable> {
        match event {
            Event::Placed(placed) => Ok(Writing::Own(Draft::of(ORDER_PLACED, &placed.id, placed)?)),
            Event::Moved(..) => Ok(Writing::AsReceived),
        }
    }

    fn read(message: &Message) -> Result<Event, Unreadable> {
        if ORDER_PLACED.fits(message) {
            return Ok(Event::Placed(Box::new(body(message)?)));
        }
        let (outcome, order) = heard(message)?;
        Ok(Event::Moved(outcome, order))
    }

    fn describe(event: &Event) -> String {
        match event {
            Event::Placed(placed) => {
                let OrderPlaced { order_number, total, currency, channel, .. } = &**placed;
                format!("{order_number}, {total} {currency}, {channel}: Pending")
            }
            Event::Moved(outcome, _) => outcome.moves_to().to_string(),
        }
    }
}

impl OrderManagement {
    /// Where an order stands.
    pub fn status(&self, order: &str) -> Option<Status> {
        Some(self.orders.get(order)?.status)
    }

    fn place(&self, order: PlaceOrder, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.orders.contains_key(&order.order_id) {
            return Err(Refusal::Done { order: order.order_id });
        }
        let against =
            |why: &str| Refusal::Against { order: order.order_id.clone(), why: why.into() };
        if order.lines.is_empty() {
            return Err(against("has no lines"));
        }
        if order.delivery.latest < order.delivery.earliest {
            return Err(against("ends its delivery before it begins"));
        }
        let year = TimeZone::UTC.to_datetime(now).year();
        Ok(vec![Event::Placed(Box::new(OrderPlaced {
            total: order.lines.iter().map(|line| line.unit_price.times(line.quantity)).sum(),
            order_number: format!("{year:04}-{:06}", self.last_number.saturating_add(1)),
            placed_at: now.to_string(),
            id: order.order_id,
            channel: order.channel,
            customer: order.customer,
            currency: order.currency,
            prices: order.prices,
            lines: order.lines,
            shipping_address: order.shipping_address,
            delivery: order.delivery,
            payment_token: order.payment_token,
            gift_message: order.gift_message,
        }))])
    }

    fn hear(&self, outcome: Outcome, order: String) -> Result<Vec<Event>, Refusal> {
        let Some(status) = self.status(&order) else {
            return Err(Refusal::TooEarly { order, needs: "OrderPlaced" });
        };
        if status == outcome.moves_from() {
            Ok(vec![Event::Moved(outcome, order)])
        } else if status.is_end() || status > outcome.moves_from() {
            Err(Refusal::Done { order })
        } else {
            Err(Refusal::TooEarly { order, needs: outcome.needs() })
        }
    }
}

impl<'a> ReserveStock<'a> {
    fn for_order(order: &'a OrderPlaced, now: Timestamp) -> Self {
        ReserveStock {
            reservation: Reservation { order_id: &order.id, service: service(order) },
            issued_at: now.to_string(),
            lines: pieces(order),
        }
    }
}

impl<'a> ProcessPayment<'a> {
    fn for_order(order: &'a OrderPlaced, now: Timestamp) -> Self {
        ProcessPayment {
            payment_id: derived_id(&order.id, "payment"),
            order_id: &order.id,
            customer_id: &order.customer.id,
            amount: order.total,
            currency: &order.currency,
            payment_token: &order.payment_token,
            requested_at: now.to_string(),
        }
    }
}

impl<'a> CreateShipment<'a> {
    fn for_order(order: &'a OrderPlaced) -> Self {
        CreateShipment {
            shipment_id: derived_id(&order.id, "shipment"),
            order_id: &order.id,
            address: &order.shipping_address,
            service: service(order),
            delivery: &order.delivery,
            contents: pieces(order),
            gift_message: order.gift_message.as_deref(),
        }
    }
}

/// A customer who names a single day gets the fast service.
fn service(order: &OrderPlaced) -> &'static str {
    if order.delivery.earliest == order.delivery.latest { "express" } else { "standard" }
}

fn pieces(order: &OrderPlaced) -> Vec<Pieces<'_>> {
    order.lines.iter().map(|line| Pieces { sku: &line.sku, quantity: line.quantity }).collect()
}

/// The running number in an order number such as `2026-030551`.
fn running_number(order_number: &str) -> u32 {
    order_number.split_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

fn heard(message: &Message) -> Result<(Outcome, String), Unreadable> {
    let outcome = Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.shape().fits(message))
        .ok_or_else(|| Unreadable::shape_of(message))?;
    let AboutOrder { order_id } = body(message)?;
    Ok((outcome, order_id))
}
