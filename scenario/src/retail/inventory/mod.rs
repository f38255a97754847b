//! Inventory holds stock for orders, or says what is missing.
//!
//! It reads every order as it is placed (version 1 is all it has ever learnt) and holds no more than was ordered. When
//! an order cannot be charged, its stock is free again.

pub mod messages;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use self::messages::{
    ORDER_PLACED, OldPieces, OrderPlaced, PAYMENT_FAILED, PaymentFailed, Pieces, Priority,
    RESERVE_STOCK, ReserveStock, STOCK_COUNTED, STOCK_NOT_AVAILABLE, STOCK_RESERVED, Shortage,
    StockCounted, StockNotAvailable, StockReserved, Warehouse,
};
use super::{
    bounded_context::{
        BoundedContext, Draft, Refusal, Shape, Unreadable, Unwritable, Writing, body,
    },
    message::{Message, derived_id},
};

/// What inventory knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Pieces that nobody holds, by article.
    free: BTreeMap<String, u32>,
    orders: BTreeMap<String, Order>,
}

/// What it knows of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Order {
    ordered: Vec<OldPieces>,
    country: String,
    answer: Option<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Held(Vec<Pieces>),
    Short,
    Released,
}

/// What it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An order was taken.
    Note(OrderPlaced),
    /// Hold this stock.
    Reserve(ReserveStock),
    /// An order could not be charged.
    Release(PaymentFailed),
}

/// What happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The shelves were counted.
    Counted(StockCounted),
    /// An order was noted.
    Noted(OrderPlaced),
    /// Stock is held.
    Reserved(StockReserved),
    /// Stock is missing.
    NotAvailable(StockNotAvailable),
    /// Stock is free again.
    Released(PaymentFailed),
}

impl BoundedContext for Inventory {
    const NAME: &'static str = "inventory";
    const READS: &'static [Shape] = &[ORDER_PLACED, RESERVE_STOCK, PAYMENT_FAILED];
    const STORES: &'static [Shape] =
        &[STOCK_COUNTED, ORDER_PLACED, STOCK_RESERVED, STOCK_NOT_AVAILABLE, PAYMENT_FAILED];

    type Command = Command;
    type Event = Event;

    fn command(message: &Message) -> Result<Command, Unreadable> {
        match message {
            placed if ORDER_PLACED.fits(placed) => Ok(Command::Note(body(placed)?)),
            reserve if RESERVE_STOCK.fits(reserve) => Ok(Command::Reserve(body(reserve)?)),
            failed if PAYMENT_FAILED.fits(failed) => Ok(Command::Release(body(failed)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn decide(&self, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Note(placed) if self.orders.contains_key(&placed.order_id) => {
                Err(Refusal::Done { order: placed.order_id })
            }
            Command::Note(placed) => Ok(vec![Event::Noted(placed)]),
            Command::Reserve(reserve) => self.reserve(reserve, now),
            Command::Release(failed) => self.release(failed),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Counted(StockCounted { sku, quantity }) => {
                self.free.insert(sku.clone(), *quantity);
            }
            Event::Noted(OrderPlaced { order_id, lines, shipping_address }) => {
                let country = shipping_address.country.clone();
                let order = Order { ordered: lines.clone(), country, answer: None };
                self.orders.insert(order_id.clone(), order);
            }
            Event::Reserved(StockReserved { order_id, items, .. }) => {
                for Pieces { sku, quantity } in items {
                    let free = self.free.entry(sku.clone()).or_default();
                    *free = free.saturating_sub(*quantity);
                }
                self.answer(order_id, Answer::Held(items.clone()));
            }
            Event::NotAvailable(StockNotAvailable { order_id, .. }) => {
                self.answer(order_id, Answer::Short);
            }
            Event::Released(PaymentFailed { order_id }) => {
                if let Some(Answer::Held(items)) = self.answer(order_id, Answer::Released) {
                    for Pieces { sku, quantity } in items {
                        let free = self.free.entry(sku).or_default();
                        *free = free.saturating_add(quantity);
                    }
                }
            }
        }
        self
    }

    fn commands(&self, _event: &Event, _now: Timestamp) -> Result<Vec<Draft>, Unwritable> {
        Ok(Vec::new())
    }

    fn write(event: &Event) -> Result<Writing, Unwritable> {
        let draft = match event {
            Event::Counted(counted) => Draft::of(STOCK_COUNTED, &counted.sku, counted)?,
            Event::Reserved(reserved) => Draft::of(STOCK_RESERVED, &reserved.order_id, reserved)?,
            Event::NotAvailable(missing) => {
                Draft::of(STOCK_NOT_AVAILABLE, &missing.order_id, missing)?
            }
            Event::Noted(_) | Event::Released(_) => return Ok(Writing::AsReceived),
        };
        Ok(Writing::Own(draft))
    }

    fn read(message: &Message) -> Result<Event, Unreadable> {
        match message {
            counted if STOCK_COUNTED.fits(counted) => Ok(Event::Counted(body(counted)?)),
            placed if ORDER_PLACED.fits(placed) => Ok(Event::Noted(body(placed)?)),
            reserved if STOCK_RESERVED.fits(reserved) => Ok(Event::Reserved(body(reserved)?)),
            missing if STOCK_NOT_AVAILABLE.fits(missing) => Ok(Event::NotAvailable(body(missing)?)),
            failed if PAYMENT_FAILED.fits(failed) => Ok(Event::Released(body(failed)?)),
            other => Err(Unreadable::shape_of(other)),
        }
    }

    fn describe(event: &Event) -> String {
        match event {
            Event::Counted(StockCounted { sku, quantity }) => format!("{quantity} x {sku}"),
            Event::Noted(OrderPlaced { lines, .. }) => {
                let pieces: u32 = lines.iter().map(|line| line.qty).sum();
                format!("noted, wants {pieces}")
            }
            Event::Reserved(StockReserved { warehouse, .. }) => match warehouse {
                Some(warehouse) => format!("held at {}", warehouse.code),
                None => "held".to_owned(),
            },
            Event::NotAvailable(StockNotAvailable { shortages, .. }) => shortages
                .iter()
                .map(|Shortage { sku, requested, available }| {
                    format!("{sku}: {available} of {requested}")
                })
                .collect::<Vec<_>>()
                .join(", "),
            Event::Released(_) => "stock is free again".to_owned(),
        }
    }
}

impl Inventory {
    /// How many pieces of an article nobody holds.
    pub fn free(&self, sku: &str) -> u32 {
        self.free.get(sku).copied().unwrap_or(0)
    }

    fn reserve(&self, reserve: ReserveStock, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let ReserveStock { order_id: order, priority, items } = reserve;
        let Some(noted) = self.orders.get(&order) else {
            return Err(Refusal::TooEarly { order, needs: "OrderPlaced" });
        };
        if noted.answer.is_some() {
            return Err(Refusal::Done { order });
        }
        let wanted = by_article(&items);
        let ordered = by_article(&noted.ordered);
        let too_much =
            wanted.iter().find(|(sku, qty)| **qty > ordered.get(*sku).copied().unwrap_or(0));
        if let Some((sku, _)) = too_much {
            return Err(Refusal::Against { why: format!("has fewer pieces of `{sku}`"), order });
        }
        let shortages: Vec<Shortage> = wanted
            .iter()
            .filter(|(sku, requested)| self.free(sku) < **requested)
            .map(|(sku, requested)| Shortage {
                sku: (*sku).to_owned(),
                requested: *requested,
                available: self.free(sku),
            })
            .collect();
        if !shortages.is_empty() {
            let checked_at = now.to_string();
            return Ok(vec![Event::NotAvailable(StockNotAvailable {
                order_id: order,
                checked_at,
                shortages,
            })]);
        }
        Ok(vec![Event::Reserved(StockReserved {
            reservation_id: derived_id(&order, "reservation"),
            reserved_at: now.to_string(),
            reserved_until: now.saturating_add(held_for(priority)).unwrap_or(now).to_string(),
            items: wanted
                .into_iter()
                .map(|(sku, quantity)| Pieces { sku: sku.to_owned(), quantity })
                .collect(),
            warehouse: Some(warehouse(&noted.country)),
            order_id: order,
        })])
    }

    fn release(&self, failed: PaymentFailed) -> Result<Vec<Event>, Refusal> {
        let order = failed.order_id.clone();
        match self.orders.get(&order).and_then(|noted| noted.answer.as_ref()) {
            Some(Answer::Held(_)) => Ok(vec![Event::Released(failed)]),
            Some(Answer::Short | Answer::Released) => Err(Refusal::Done { order }),
            None => Err(Refusal::TooEarly { order, needs: "ReserveStock" }),
        }
    }

    /// Keeps the answer given to an order; the one before it, if any.
    fn answer(&mut self, order: &str, answer: Answer) -> Option<Answer> {
        self.orders.get_mut(order)?.answer.replace(answer)
    }
}

fn by_article(items: &[OldPieces]) -> BTreeMap<&str, u32> {
    let mut pieces = BTreeMap::new();
    for OldPieces { sku, qty } in items {
        *pieces.entry(sku.as_str()).or_default() += qty;
    }
    pieces
}

fn held_for(priority: Priority) -> SignedDuration {
    match priority {
        Priority::Normal => SignedDuration::from_mins(30),
        Priority::High => SignedDuration::from_mins(60),
    }
}

/// The house nearest to where an order goes.
fn warehouse(country: &str) -> Warehouse {
    let (code, country) = match country {
        "NL" | "BE" => ("AMS2", "NL"),
        "FR" | "ES" => ("LYS1", "FR"),
        _ => ("BER1", "DE"),
    };
    Warehouse { code: code.to_owned(), country: country.to_owned() }
}
