//! The messages of order management, as far as it reads and writes them itself.

use serde::{Deserialize, Serialize};

use crate::retail::{
    amount::Amount,
    bounded_context::{Shape, shape},
};

/// The command to take an order.
pub const PLACE_ORDER: Shape = shape("PlaceOrder", 1);
/// An order was taken: the version written now.
pub const ORDER_PLACED: Shape = shape("OrderPlaced", 3);
/// The command to hold stock: the version sent now, whatever inventory reads.
pub const RESERVE_STOCK: Shape = shape("ReserveStock", 2);
/// The command to charge an order.
pub const PROCESS_PAYMENT: Shape = shape("ProcessPayment", 1);
/// The command to send an order.
pub const CREATE_SHIPMENT: Shape = shape("CreateShipment", 1);

/// Asks for an order to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceOrder {
    /// The order.
    pub order_id: String,
    /// What is ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_message: Option<String>,
    /// Through which channel.
    pub channel: String,
    /// Who orders.
    pub customer: Customer,
    /// The currency of every price.
    pub currency: String,
    /// Gross or net.
    pub prices: String,
    /// What is ordered.
    pub lines: Vec<Line>,
    /// Where it is delivered.
    pub shipping_address: Address,
    /// When it is delivered.
    pub delivery: Delivery,
    /// How it is paid.
    pub payment_token: String,
}

/// An order was taken and is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// The order.
    pub id: String,
    /// The number the customer sees.
    pub order_number: String,
    /// When it was taken.
    pub placed_at: String,
    /// Through which channel.
    pub channel: String,
    /// Who ordered.
    pub customer: Customer,
    /// The currency of every price.
    pub currency: String,
    /// Gross or net.
    pub prices: String,
    /// The sum over all lines.
    pub total: Amount,
    /// What is ordered.
    pub lines: Vec<Line>,
    /// Where it is delivered.
    pub shipping_address: Address,
    /// When it is delivered.
    pub delivery: Delivery,
    /// How it is paid.
    pub payment_token: String,
    /// What to print on the card in the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_message: Option<String>,
}

/// Who orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The customer account.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// Where the confirmation is sent.
    pub email: String,
}

/// One article of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Which article.
    pub sku: String,
    /// What the customer saw it called.
    pub title: String,
    /// How many pieces.
    pub quantity: u32,
    /// The price of one piece.
    pub unit_price: Amount,
}

/// Where a parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Whose name stands on it.
    pub recipient: String,
    /// Street and house number.
    pub street: String,
    /// Town or city.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// The country.
    pub country: String,
}

/// When a parcel is welcome, as two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The first day.
    pub earliest: String,
    /// The last day.
    pub latest: String,
}

/// Asks inventory to hold stock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReserveStock<'a> {
    /// What the stock is held for.
    pub reservation: Reservation<'a>,
    /// When it was asked for.
    pub issued_at: String,
    /// What to hold.
    pub lines: Vec<Pieces<'a>>,
}

/// What stock is held for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation<'a> {
    /// The order.
    pub order_id: &'a str,
    /// How fast it is to leave the house.
    pub service: &'static str,
}

/// Some pieces of an article.
#[derive(Debug, Serialize)]
pub struct Pieces<'a> {
    /// Which article.
    pub sku: &'a str,
    /// How many.
    pub quantity: u32,
}

/// Asks payment to charge an order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessPayment<'a> {
    /// The charge.
    pub payment_id: String,
    /// The order.
    pub order_id: &'a str,
    /// Who pays.
    pub customer_id: &'a str,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: &'a str,
    /// By which means.
    pub payment_token: &'a str,
    /// When it was asked for.
    pub requested_at: String,
}

/// Asks shipping to send an order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateShipment<'a> {
    /// The shipment.
    pub shipment_id: String,
    /// The order.
    pub order_id: &'a str,
    /// Where it goes.
    pub address: &'a Address,
    /// How fast.
    pub service: &'static str,
    /// When it is welcome.
    pub delivery: &'a Delivery,
    /// What lies in it.
    pub contents: Vec<Pieces<'a>>,
    /// What to print on the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_message: Option<&'a str>,
}

/// What every outcome says, whatever else it says: which order it is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutOrder {
    /// The order.
    pub order_id: String,
}
