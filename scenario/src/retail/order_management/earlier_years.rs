//! What order management has stored in earlier years: events in the versions of their time, byte for byte.

use bytes::Bytes;
use serde::{Deserialize, de::Error};
use serde_json::value::RawValue;
use stele_evolution::version::Version;

use super::Status;
use crate::retail::{message::Message, store::Stored};

/// One line a stored event.
const EVENTS: &str = include_str!("earlier_years.ndjson");

/// Where each of these orders ended.
pub const ENDS: [(&str, Status); 4] = [
    ("2021-000417", Status::Shipped),
    ("2021-000982", Status::Rejected),
    ("2023-014208", Status::Shipped),
    ("2024-003377", Status::PaymentFailed),
];

#[derive(Deserialize)]
struct Line<'t> {
    id: String,
    subject: String,
    version: Version,
    order: String,
    time: String,
    cause: String,
    #[serde(borrow)]
    body: &'t RawValue,
}

/// Reads the old store.
pub fn stored() -> Result<Vec<Stored>, serde_json::Error> {
    EVENTS.lines().map(read).collect()
}

fn read(line: &'static str) -> Result<Stored, serde_json::Error> {
    let Line { id, subject, version, order, time, cause, body } = serde_json::from_str(line)?;
    let time = time.parse().map_err(Error::custom)?;
    let body = Bytes::from_static(body.get().as_bytes());
    Ok(Stored { message: Message { id, subject, version, order, time, body }, cause })
}
