//! The messages of inventory: of what it reads, the parts that matter to it.

use serde::{Deserialize, Serialize};

use crate::retail::bounded_context::{Shape, shape};

/// An order was taken. Inventory was written in the first year of the shop and still reads version 1.
pub const ORDER_PLACED: Shape = shape("OrderPlaced", 1);
/// The command to hold stock, in version 1 as well.
pub const RESERVE_STOCK: Shape = shape("ReserveStock", 1);
/// An order could not be charged.
pub const PAYMENT_FAILED: Shape = shape("PaymentFailed", 1);
/// The shelves were counted: inventory's own event, told to nobody.
pub const STOCK_COUNTED: Shape = shape("StockCounted", 1);
/// Stock is held.
pub const STOCK_RESERVED: Shape = shape("StockReserved", 2);
/// Stock is missing.
pub const STOCK_NOT_AVAILABLE: Shape = shape("StockNotAvailable", 1);

/// An order was taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// The order.
    pub order_id: String,
    /// What is ordered.
    pub lines: Vec<OldPieces>,
    /// Where it is delivered.
    pub shipping_address: Address,
}

/// Where a parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Address {
    /// The country.
    pub country: String,
}

/// Asks for stock to be held.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReserveStock {
    /// The order.
    pub order_id: String,
    /// Who comes first.
    pub priority: Priority,
    /// What to hold.
    pub items: Vec<OldPieces>,
}

/// Who comes first when stock is scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Held for half an hour.
    Normal,
    /// Held for an hour.
    High,
}

/// Some pieces of an article, as version 1 says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OldPieces {
    /// Which article.
    pub sku: String,
    /// How many.
    pub qty: u32,
}

/// An order could not be charged.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The order.
    pub order_id: String,
}

/// The shelves were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCounted {
    /// Which article.
    pub sku: String,
    /// How many pieces are there.
    pub quantity: u32,
}

/// Stock is held for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReserved {
    /// The reservation.
    pub reservation_id: String,
    /// The order.
    pub order_id: String,
    /// Since when.
    pub reserved_at: String,
    /// Until when.
    pub reserved_until: String,
    /// What is held.
    pub items: Vec<Pieces>,
    /// From where it will be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<Warehouse>,
}

/// Some pieces of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pieces {
    /// Which article.
    pub sku: String,
    /// How many.
    pub quantity: u32,
}

/// Where stock lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    /// Its short name.
    pub code: String,
    /// Where it stands.
    pub country: String,
}

/// An order cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockNotAvailable {
    /// The order.
    pub order_id: String,
    /// When the shelves were looked at.
    pub checked_at: String,
    /// What is missing.
    pub shortages: Vec<Shortage>,
}

/// One article that is short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Which article.
    pub sku: String,
    /// How many pieces are wanted.
    pub requested: u32,
    /// How many pieces are free.
    pub available: u32,
}
