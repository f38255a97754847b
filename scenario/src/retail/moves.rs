//! Moves are what changes in the middle of the day: shipping begins to publish the next version of its event.
//!
//! What it stores stays in the version its core understands; only what it tells others moves on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use serde_json::Value;

use super::{
    bounded_context::{Shape, Unwritable, shape},
    message::Message,
    shipping::messages::SHIPMENT_CREATED,
};

/// What shipping publishes from the middle of the day on.
pub const NEXT_SHIPMENT_CREATED: Shape = shape("ShipmentCreated", 2);

/// Whether anything has moved on. Clones speak of the same shop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves(Arc<AtomicBool>);

impl Moves {
    /// Shipping has registered its next version, and publishes it from now on.
    pub fn shipping_moves_on(&self) {
        self.0.store(true, Relaxed);
    }

    /// A message as others are told it.
    pub fn published(&self, message: Message) -> Result<Message, Unwritable> {
        if !self.0.load(Relaxed) || !SHIPMENT_CREATED.fits(&message) {
            return Ok(message);
        }
        let unwritable = |cause| Unwritable { subject: SHIPMENT_CREATED.subject, cause };
        let mut event: Value = serde_json::from_slice(&message.body).map_err(unwritable)?;
        if let Some(members) = event.as_object_mut() {
            members.insert("schemaVersion".to_owned(), NEXT_SHIPMENT_CREATED.version.into());
            let number = members.remove("trackingNumber").unwrap_or_default();
            members.insert("tracking".to_owned(), serde_json::json!({"number": number}));
            let expected = members.remove("estimatedDelivery").unwrap_or_default();
            members.insert("expectedOn".to_owned(), expected);
        }
        let body = serde_json::to_vec(&event).map_err(unwritable)?.into();
        Ok(Message { version: NEXT_SHIPMENT_CREATED.version(), body, ..message })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn only_what_shipping_tells_moves_on_and_only_once_it_does() {
        let moves = Moves::default();
        let message = Message {
            id: "a".into(),
            subject: "ShipmentCreated".into(),
            version: SHIPMENT_CREATED.version(),
            order: "7".into(),
            time: Timestamp::UNIX_EPOCH,
            body: Bytes::from_static(
                br#"{"schemaVersion":1,"trackingNumber":"X","estimatedDelivery":"2026-11-26"}"#,
            ),
        };
        assert_eq!(moves.published(message.clone()).unwrap(), message);

        moves.shipping_moves_on();
        let published = moves.published(message).unwrap();

        assert_eq!(published.version.number(), 2);
        assert_eq!(
            published.body,
            r#"{"expectedOn":"2026-11-26","schemaVersion":2,"tracking":{"number":"X"}}"#
        );
    }
}
