//! The messages of payment: of what it reads, the parts that matter to it.

use serde::{Deserialize, Serialize};

use crate::retail::{
    amount::Amount,
    bounded_context::{Shape, shape},
};

/// Stock is held. Where it lies came with version 2 and does not matter here: payment reads version 1.
pub const STOCK_RESERVED: Shape = shape("StockReserved", 1);
/// The command to charge an order.
pub const PROCESS_PAYMENT: Shape = shape("ProcessPayment", 1);
/// An order is paid.
pub const PAYMENT_CONFIRMED: Shape = shape("PaymentConfirmed", 2);
/// An order could not be charged.
pub const PAYMENT_FAILED: Shape = shape("PaymentFailed", 1);

/// Stock is held for an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReserved {
    /// The order.
    pub order_id: String,
    /// Until when.
    pub reserved_until: String,
}

/// Asks for an order to be charged.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessPayment {
    /// The charge.
    pub payment_id: String,
    /// The order.
    pub order_id: String,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: String,
    /// By which means.
    pub payment_token: String,
}

/// An order is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentConfirmed {
    /// The charge.
    pub payment_id: String,
    /// The order.
    pub order_id: String,
    /// What the customer paid.
    pub charged: Charged,
    /// When.
    pub paid_at: String,
    /// By which means.
    pub method: Method,
    /// The code of the provider.
    pub authorization: String,
}

/// How much was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: String,
}

/// A means of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A card.
    Card,
    /// A wallet.
    Wallet,
    /// An invoice.
    Invoice,
}

/// An order could not be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The charge.
    pub payment_id: String,
    /// The order.
    pub order_id: String,
    /// How much was to be charged.
    pub amount: Amount,
    /// In which currency.
    pub currency: String,
    /// When.
    pub failed_at: String,
    /// Why.
    pub reason: Failure,
    /// Whether the same means can work another time.
    pub retryable: bool,
}

/// Why an order could not be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The bank says no.
    CardDeclined,
    /// The card is too old.
    CardExpired,
    /// It is more than this means may be used for.
    LimitExceeded,
}
