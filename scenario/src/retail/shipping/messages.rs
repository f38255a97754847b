//! The messages of shipping: of what it reads, the parts that matter to it.

use serde::{Deserialize, Serialize};

use crate::retail::{
    amount::Amount,
    bounded_context::{Shape, shape},
};

/// An order is paid. Shipping still reads version 1, with the amount at the top.
pub const PAYMENT_CONFIRMED: Shape = shape("PaymentConfirmed", 1);
/// The command to send an order.
pub const CREATE_SHIPMENT: Shape = shape("CreateShipment", 1);
/// An order is handed to a carrier.
pub const SHIPMENT_CREATED: Shape = shape("ShipmentCreated", 1);

/// An order is paid.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentConfirmed {
    /// The order.
    pub order_id: String,
    /// How much was paid: what the parcels are worth.
    pub amount: Amount,
    /// In which currency.
    pub currency: String,
}

/// Asks for an order to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateShipment {
    /// The shipment.
    pub shipment_id: String,
    /// The order.
    pub order_id: String,
    /// Where it goes.
    pub address: Address,
    /// How fast.
    pub service: Service,
    /// When it is welcome.
    pub delivery: Delivery,
    /// What lies in it.
    pub contents: Vec<Pieces>,
}

/// Where a parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Address {
    /// The country.
    pub country: String,
}

/// How fast a parcel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Within the days that are welcome.
    Standard,
    /// On the first of them.
    Express,
}

/// When a parcel is welcome.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delivery {
    /// The first day.
    pub earliest: String,
    /// The last day.
    pub latest: String,
}

/// Some pieces of an article.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pieces {
    /// How many.
    pub quantity: u32,
}

/// An order is handed to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCreated {
    /// The version of the event: shipping says it in the event itself. What was stored in earlier years does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<u32>,
    /// The shipment.
    pub shipment_id: String,
    /// The order.
    pub order_id: String,
    /// Who carries it.
    pub carrier: String,
    /// What the customer follows it by.
    pub tracking_number: String,
    /// When it was handed over.
    pub created_at: String,
    /// The day it is expected.
    pub estimated_delivery: String,
    /// How many parcels.
    pub parcels: u32,
}
