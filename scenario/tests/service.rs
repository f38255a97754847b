//! A bounded context over real sockets: it takes CloudEvents, tells its readers, acts once, and turns down what it must.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod plans;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};
use stele_evolution::version::Version;
use stele_scenario::retail::{Catalog, Opening, Registered, Retail, Step, Trace, What};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use self::plans::upcasts;

/// A message that left the shop for one of its sidecars.
#[derive(Debug)]
struct Sent {
    door: &'static str,
    name: String,
    headers: HeaderMap,
    /// The four bytes of a schema id before the body, if there are any.
    frame: Option<Bytes>,
    body: Value,
}

/// The open shop, with a recorder where its sidecars would stand.
struct Opened {
    retail: Retail,
    sent: mpsc::UnboundedReceiver<Sent>,
    steps: Arc<Mutex<Vec<Step>>>,
}

fn registered() -> Registered {
    let mut registered = Registered::at("http://registry");
    let catalog = Catalog::embedded().unwrap();
    let versions = catalog.subjects().iter().flat_map(|subject| {
        subject.editions.iter().map(|edition| (subject.about.subject.as_str(), edition.version))
    });
    for (index, (subject, version)) in versions.enumerate() {
        let id = u32::try_from(index + 1).unwrap().try_into().unwrap();
        registered.insert(subject, version, id);
    }
    registered
}

/// Stands where a sidecar would, gives `answers` first and takes everything after that.
async fn recorder(
    door: &'static str,
    told: mpsc::UnboundedSender<Sent>,
    answers: &[u16],
) -> String {
    let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let record = move |headers: HeaderMap, body: Bytes| async move {
        let name = headers["ce-type"].to_str().unwrap().to_owned();
        let frame = body.first().filter(|first| **first == 0).map(|_| body.slice(1..5));
        let json = if frame.is_some() { body.slice(5..) } else { body };
        let body = serde_json::from_slice(&json).unwrap();
        // The test may have seen enough.
        let _ = told.send(Sent { door, name, headers, frame, body });
        let answer = answers.lock().unwrap().pop_front().unwrap_or(202);
        StatusCode::from_u16(answer).unwrap()
    };
    let router = Router::new().route("/", post(record));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/")
}

async fn open() -> Opened {
    open_before(&[]).await
}

/// The shop, open before sidecars that first give these answers.
async fn open_before(answers: &[u16]) -> Opened {
    let (told, sent) = mpsc::unbounded_channel();
    let bound = Retail::bind().await.unwrap();
    let mut doors = BTreeMap::new();
    for sidecar in bound.plan() {
        doors.insert(sidecar.name, recorder(sidecar.name, told.clone(), answers).await);
    }
    let steps = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&steps);
    let trace = Trace::to(move |step| written.lock().unwrap().push(step.clone()));
    let hatches = BTreeMap::new();
    let registered = registered();
    let opening = Opening { doors, hatches, registered, upcasts: upcasts(), trace };
    let retail = bound.start(opening).unwrap();
    Opened { retail, sent, steps }
}

impl Opened {
    async fn post(&self, context: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let address = self.retail.address(context).unwrap();
        let mut request = reqwest::Client::new().post(format!("http://{address}/"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn next(&mut self) -> Sent {
        timeout(Duration::from_secs(10), self.sent.recv()).await.unwrap().unwrap()
    }

    fn steps(&self, what: What) -> Vec<String> {
        let steps = self.steps.lock().unwrap();
        steps
            .iter()
            .filter(|step| step.what == what)
            .map(|step| format!("{} {} {}", step.context, step.subject, step.written))
            .collect()
    }
}

const ORDER: &str = "5b3f0b3e-58d1-4c0f-9c39-6f0f5b7f2a11";

/// An order as inventory's own sidecar hands it over: version 1, written in 3.
fn order_placed(id: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ce-specversion", "1.0".into()),
        ("ce-id", id.into()),
        ("ce-source", "/retail/order-management".into()),
        ("ce-type", "OrderPlaced.v1".into()),
        ("ce-subject", ORDER.into()),
        ("ce-time", "2026-11-24T10:12:30Z".into()),
        ("ce-schemafrom", "3".into()),
        ("content-type", "application/json".into()),
    ]
}

fn reserve_stock(id: &str) -> Vec<(&'static str, String)> {
    let mut headers = order_placed(id);
    headers.retain(|(name, _)| *name != "ce-type" && *name != "ce-schemafrom");
    headers.push(("ce-type", "ReserveStock".into()));
    headers.push(("stele-stream", "reserve-stock.v1".into()));
    headers
}

fn borrowed<'h>(headers: &'h [(&'static str, String)]) -> Vec<(&'static str, &'h str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn example(subject: &str, version: u32, name: &str) -> Value {
    let catalog = Catalog::embedded().unwrap();
    let edition = catalog.subject(subject).unwrap().edition(version.try_into().unwrap()).unwrap();
    let (_, text) = edition.examples.iter().find(|(known, _)| *known == name).unwrap();
    let mut event: Value = serde_json::from_str(text).unwrap();
    for name in ["lines", "items"] {
        // The second article of the examples is sold out in the shop.
        event.get_mut(name).and_then(Value::as_array_mut).into_iter().for_each(|l| l.truncate(1));
    }
    event
}

#[tokio::test]
async fn what_was_stored_in_earlier_years_is_lifted_and_listed() {
    let opened = open().await;

    let address = opened.retail.address("order-management").unwrap();
    let orders: Value =
        reqwest::get(format!("http://{address}/orders")).await.unwrap().json().await.unwrap();

    assert_eq!(opened.steps(What::Recalled).len(), 8);
    let listed: Vec<_> = orders
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["number"], row["status"], row["storedIn"]))
        .collect();
    assert_eq!(
        listed,
        [
            r#""2021-000417" "Shipped" 1"#,
            r#""2021-000982" "Rejected" 1"#,
            r#""2023-014208" "Shipped" 2"#,
            r#""2024-003377" "PaymentFailed" 2"#,
        ]
    );
}

#[tokio::test]
async fn a_command_becomes_an_event_that_every_reader_is_sent() {
    let mut opened = open().await;
    let placed = example("OrderPlaced", 1, "consumer");
    let reserve = example("ReserveStock", 1, "one-order");

    let noted = opened.post("inventory", &borrowed(&order_placed("a")), &placed).await;
    let held = opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;
    let mut sent = [opened.next().await, opened.next().await];

    assert_eq!((noted.0, held.0), (204, 204));
    sent.sort_by_key(|sent| sent.door);
    assert_eq!((sent[0].door, sent[1].door), ("order-management", "payment"));
    for Sent { name, headers, frame, body, .. } in sent {
        let id = registered().id("StockReserved", Version::FIRST.next()).unwrap().number();
        assert_eq!(name, "StockReserved");
        assert_eq!(frame.unwrap(), id.to_be_bytes().as_slice());
        assert_eq!(headers["ce-subject"], ORDER);
        assert_eq!(body["items"], json!([{"sku": "TS-1001-M", "quantity": 2}]));
        assert_eq!(body["warehouse"]["code"], "BER1");
    }
}

#[tokio::test]
async fn a_delivery_that_fails_is_tried_again_until_it_is_taken() {
    let mut opened = open_before(&[503, 409, 404]).await;
    let placed = example("OrderPlaced", 1, "consumer");
    let reserve = example("ReserveStock", 1, "one-order");

    opened.post("inventory", &borrowed(&order_placed("a")), &placed).await;
    opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(opened.next().await.headers["ce-id"].clone());
    }

    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(opened.steps(What::Retried), ["inventory StockReserved 2"; 2]);
    assert!(opened.steps(What::Undelivered).is_empty());
}

#[tokio::test]
async fn a_delivery_that_is_refused_for_good_is_told_and_not_tried_again() {
    let mut opened = open_before(&[422]).await;
    let placed = example("OrderPlaced", 1, "consumer");
    let reserve = example("ReserveStock", 1, "one-order");

    opened.post("inventory", &borrowed(&order_placed("a")), &placed).await;
    opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;
    let _ = (opened.next().await, opened.next().await);

    let again = timeout(Duration::from_millis(300), opened.sent.recv()).await;
    assert!(again.is_err());
    assert_eq!(opened.steps(What::Undelivered), ["inventory StockReserved 2"; 2]);
}

#[tokio::test]
async fn a_message_that_comes_again_changes_nothing() {
    let mut opened = open().await;
    let placed = example("OrderPlaced", 1, "consumer");
    let reserve = example("ReserveStock", 1, "one-order");
    opened.post("inventory", &borrowed(&order_placed("a")), &placed).await;
    opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;
    let _ = (opened.next().await, opened.next().await);

    let same = opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;
    let renamed = opened.post("inventory", &borrowed(&reserve_stock("c")), &reserve).await;

    assert_eq!((same.0, renamed.0), (204, 204));
    assert_eq!(opened.steps(What::Ignored), ["inventory ReserveStock 1"; 2]);
    assert!(opened.sent.try_recv().is_err());
}

#[tokio::test]
async fn what_comes_too_early_is_asked_to_come_again() {
    let opened = open().await;
    let reserve = example("ReserveStock", 1, "one-order");

    let (status, problem) =
        opened.post("inventory", &borrowed(&reserve_stock("b")), &reserve).await;

    assert_eq!((status, &problem["code"]), (409, &json!("too_early")));
}

#[tokio::test]
async fn a_version_that_is_not_read_here_is_turned_down() {
    let opened = open().await;
    let mut headers = order_placed("a");
    headers.retain(|(name, _)| *name != "ce-type");
    headers.push(("ce-type", "OrderPlaced.v3".into()));

    let newer = opened.post("inventory", &borrowed(&headers), &json!({})).await;
    let empty = opened.post("inventory", &borrowed(&order_placed("b")), &json!({})).await;
    let bare = opened.post("inventory", &[], &json!({})).await;

    assert_eq!((newer.0, &newer.1["code"]), (422, &json!("not_read_here")));
    assert_eq!((empty.0, &empty.1["code"]), (422, &json!("unreadable_body")));
    assert_eq!((bare.0, &bare.1["code"]), (422, &json!("not_a_message")));
}

#[tokio::test]
async fn a_shop_without_a_sidecar_before_each_context_does_not_open() {
    let bound = Retail::bind().await.unwrap();
    let doors = BTreeMap::from([("inventory", "http://127.0.0.1:1/".to_owned())]);
    let opening = Opening {
        doors,
        hatches: BTreeMap::new(),
        registered: registered(),
        upcasts: upcasts(),
        trace: Trace::silent(),
    };

    let refused = bound.start(opening).err().unwrap();

    assert_eq!(refused.to_string(), "there is no sidecar before `order-management`");
}
