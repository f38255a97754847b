//! The subjects that the tests of this crate translate: real schemas, real lenses.

use bytes::Bytes;
use stele_api::selector::Selector;
use stele_client::{History, history::Known};
use stele_evolution::{
    containment::ContentModel,
    lens::{Assurance, Lens},
    plan::{Edge, Step},
    schema::Schema,
    version::Version,
};

use crate::{
    convention::{Convention, NamePattern},
    envelope::{Attributes, Envelope, Mode},
    route::{Input, Route},
};

const ORDER_1: &str = r#"{"type":"object","required":["orderId"],"properties":{
    "orderId":{"type":"string"},"total":{"type":"number"},"status":{"enum":["NEW","PAID"]}}}"#;
const ORDER_2: &str = r#"{"type":"object","required":["orderId"],"properties":{
    "orderId":{"type":"string"},"total":{"type":"number"},"status":{"enum":["NEW","PAID"]},
    "note":{"type":"string"}}}"#;
const ORDER_3: &str = r#"{"type":"object","required":["id"],"properties":{
    "id":{"type":"string"},"total":{"type":"number"},"status":{"enum":["placed","paid"]},
    "note":{"type":"string"},"currency":{"type":"string"}}}"#;
const ORDER_LENS: &str = "
lens: 1
subject: OrderPlaced
from: 2
to: 3
ops:
  - rename: { from: /orderId, to: /id }
  - map: { at: /status, pairs: { NEW: placed, PAID: paid } }
  - add: { at: /currency, value: EUR }
accept_loss: { down: [/currency] }
";
const STOCK_1: &str = r#"{"type":"object","additionalProperties":false,"properties":{
    "sku":{"type":"string"},"version":{"type":"integer"}}}"#;
const STOCK_2: &str = r#"{"type":"object","additionalProperties":false,"properties":{
    "sku":{"type":"string"},"version":{"type":"integer"},"warehouse":{"type":"string"}}}"#;

pub fn version(number: u32) -> Version {
    Version::try_from(number).unwrap()
}

pub fn history(subject: &str, steps: Vec<(&str, Option<Edge>, u32)>) -> History {
    let versions = steps.into_iter().zip(1..).map(|((schema, edge, id), number)| {
        let version = version(number);
        let release = format!("{number}.0.0").parse().unwrap();
        let schema = Schema::read(schema).parse().unwrap();
        let (id, fingerprint) = (id.to_string().parse().unwrap(), schema.fingerprint());
        (Known { version, release, id, fingerprint }, Step { version, schema, edge })
    });
    History::of(subject.parse().unwrap(), ContentModel::Event, versions.collect())
}

/// An addition, then a break with its lens. The ids are 11, 12, 13.
pub fn orders() -> History {
    let lens =
        Edge::Written { lens: Lens::parse(ORDER_LENS).unwrap(), assurance: Assurance::Proven };
    history(
        "OrderPlaced",
        vec![(ORDER_1, None, 11), (ORDER_2, Some(Edge::Addition), 12), (ORDER_3, Some(lens), 13)],
    )
}

/// Additions only. The ids are 21, 22.
pub fn stock() -> History {
    history("StockReserved", vec![(STOCK_1, None, 21), (STOCK_2, Some(Edge::Addition), 22)])
}

pub fn route(subject: &str, to: u32) -> Route {
    Route {
        subject: subject.parse().unwrap(),
        label: subject.into(),
        to: Selector::Number(version(to)),
        name: NamePattern::default().of(subject),
        conventions: Convention::usual(),
        out: None,
        consumer: None,
        input: Input::Valid,
    }
}

pub fn event(event_type: &str, data: &str) -> Envelope {
    let mut attributes = Attributes::default();
    for (name, text) in [
        ("specversion", "1.0"),
        ("id", "7"),
        ("source", "/shop"),
        ("type", event_type),
        ("time", "2026-11-24T13:45:00.123456789Z"),
    ] {
        attributes.set(name, text);
    }
    Envelope {
        mode: Mode::Binary,
        attributes,
        metadata: Attributes::default(),
        content_type: Some("application/json".into()),
        data: Bytes::copy_from_slice(data.as_bytes()),
        stream: None,
    }
}
