//! A message of the shop: one event or command, in one version, about one order.

use bytes::Bytes;
use jiff::Timestamp;
use stele_evolution::version::Version;
use uuid::Uuid;

/// One message, as it is sent, received and stored. Its body is never re-written after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Tells this message from every other; a message sent again keeps it.
    pub id: String,
    /// The subject it is of.
    pub subject: String,
    /// The version its body is in.
    pub version: Version,
    /// The order it is about.
    pub order: String,
    /// When what it says happened.
    pub time: Timestamp,
    /// The body, as JSON text.
    pub body: Bytes,
}

/// The namespace of every id that is derived from an order.
const SHOP: Uuid = Uuid::from_u128(0x8d7f_3a52_0c1e_4f7b_9a36_5e2d_7c41_b0f8);

/// The id of the one thing named `what` that belongs to `order`: the same question always has the same answer, so that
/// doing something twice is doing it once.
pub fn derived_id(order: &str, what: &str) -> String {
    Uuid::new_v5(&SHOP, format!("{order}/{what}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_the_order_and_on_the_thing() {
        let id = derived_id("1", "payment");

        assert_eq!(id, derived_id("1", "payment"));
        assert_ne!(id, derived_id("1", "shipment"));
        assert_ne!(id, derived_id("2", "payment"));
    }
}
