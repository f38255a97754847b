//! Where an order stands, and which outcome moves it where.

use std::fmt;

use serde::Serialize;

use crate::retail::bounded_context::{Shape, shape};

/// Where an order stands. It is pending until it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Status {
    /// Taken; nobody has answered yet.
    Pending,
    /// Its stock is held.
    Reserved,
    /// It is paid.
    Paid,
    /// It is handed to a carrier: an end.
    Shipped,
    /// Its stock is not available: an end.
    Rejected,
    /// It could not be charged: an end.
    PaymentFailed,
}

impl Status {
    /// Whether nothing can move an order that stands here.
    pub fn is_end(self) -> bool {
        matches!(self, Status::Shipped | Status::Rejected | Status::PaymentFailed)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What another context found out about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Its stock is held.
    StockReserved,
    /// Its stock is not available.
    StockNotAvailable,
    /// It is paid.
    PaymentConfirmed,
    /// It could not be charged.
    PaymentFailed,
    /// It is handed to a carrier.
    ShipmentCreated,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 5] = [
        Outcome::StockReserved,
        Outcome::StockNotAvailable,
        Outcome::PaymentConfirmed,
        Outcome::PaymentFailed,
        Outcome::ShipmentCreated,
    ];

    /// The message that says it, in the version order management reads.
    pub const fn shape(self) -> Shape {
        match self {
            Outcome::StockReserved => shape("StockReserved", 2),
            Outcome::StockNotAvailable => shape("StockNotAvailable", 1),
            Outcome::PaymentConfirmed => shape("PaymentConfirmed", 2),
            Outcome::PaymentFailed => shape("PaymentFailed", 1),
            Outcome::ShipmentCreated => shape("ShipmentCreated", 1),
        }
    }

    /// Where an order stands that it can move.
    pub fn moves_from(self) -> Status {
        match self {
            Outcome::StockReserved | Outcome::StockNotAvailable => Status::Pending,
            Outcome::PaymentConfirmed | Outcome::PaymentFailed => Status::Reserved,
            Outcome::ShipmentCreated => Status::Paid,
        }
    }

    /// Where an order stands once it is known.
    pub fn moves_to(self) -> Status {
        match self {
            Outcome::StockReserved => Status::Reserved,
            Outcome::StockNotAvailable => Status::Rejected,
            Outcome::PaymentConfirmed => Status::Paid,
            Outcome::PaymentFailed => Status::PaymentFailed,
            Outcome::ShipmentCreated => Status::Shipped,
        }
    }

    /// The subject that has to come before it.
    pub fn needs(self) -> &'static str {
        match self {
            Outcome::StockReserved | Outcome::StockNotAvailable => "OrderPlaced",
            Outcome::PaymentConfirmed | Outcome::PaymentFailed => "StockReserved",
            Outcome::ShipmentCreated => "PaymentConfirmed",
        }
    }
}
