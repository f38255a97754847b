//! A sidecar that is killed again and again while events flow loses none, and keeps the order of every key.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Router, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::house::{House, listen, tenth_of};

/// How many senders there are, each with a key of its own.
const SENDERS: u64 = 32;
/// How many requests the sidecar has in flight.
const CONCURRENCY: u64 = 16;

/// What arrived, by key, in order.
type Got = Arc<Mutex<HashMap<String, Vec<u64>>>>;

fn remember(got: &Got, id: &str) {
    let (key, n) = id.rsplit_once('-').unwrap();
    got.lock().unwrap().entry(key.to_owned()).or_default().push(n.parse().unwrap());
}

/// Stores its events one after the other, each until it is taken; how often it had to try again.
async fn send(house: Arc<House>, sender: u64, events: u64, stored: Arc<AtomicU64>) -> u64 {
    let mut again = 0;
    for n in 0..events {
        let path = if sender.is_multiple_of(2) { "/queue/pushed" } else { "/queue/polled" };
        loop {
            match house.post(path, 3, &format!("key{sender}"), n).await {
                Some(answer) if answer.status == 202 => break,
                _ => {
                    again += 1;
                    sleep(Duration::from_millis(5)).await;
                }
            }
        }
        stored.fetch_add(1, SeqCst);
    }
    again
}

/// Pulls and acknowledges until it is told to stop; which events were acknowledged, and which came again after that.
async fn pull(house: Arc<House>, got: Got, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut acknowledged: Vec<String> = Vec::new();
    let mut came_again = Vec::new();
    while !stop.load(SeqCst) {
        let question = json!({"max_events": 50, "wait_ms": 200});
        let pulled = house.ask("/subscriptions/polled/pull", &question).await;
        let Some(pulled) = pulled.filter(|pulled| pulled.status == 200) else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let events = pulled.body["events"].as_array().unwrap().clone();
        let id = |event: &Value| {
            assert_eq!(event["event"]["type"], "Order.v1");
            event["event"]["id"].as_str().unwrap().to_owned()
        };
        for event in &events {
            remember(&got, &id(event));
        }
        if events.is_empty() {
            continue;
        }
        let ack = json!({"lease": pulled.body["lease"]});
        let acked = house.ask("/subscriptions/polled/ack", &ack).await;
        for event in &events {
            let place = format!("{} at {}", id(event), event["position"]);
            if acknowledged.contains(&place) {
                came_again.push(place.clone());
            }
            if acked.as_ref().is_some_and(|acked| acked.status == 200) {
                acknowledged.push(place);
            }
        }
    }
    came_again
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sidecar_killed_while_events_flow_loses_none_and_keeps_every_key_in_order() {
    let (kills, events) = (tenth_of(100) as u64, tenth_of(50_000) as u64 / SENDERS);
    let pushed = Got::default();
    let take = {
        let pushed = Arc::clone(&pushed);
        async move |headers: HeaderMap| {
            assert_eq!(headers["ce-type"], "Order.v1");
            remember(&pushed, headers["ce-id"].to_str().unwrap());
            StatusCode::NO_CONTENT
        }
    };
    let consumer = listen(Router::new().route("/", post(take))).await;
    let subscriptions = format!(
        "subscriptions:\n  - {{ name: pushed, consumer: '{consumer}', concurrency: {CONCURRENCY}, first_wait_ms: 5, longest_wait_ms: 100 }}\n  - {{ name: polled, mode: poll, lease_ms: 60000 }}\n"
    );
    let house = Arc::new(House::open(3, "1", &subscriptions).await);
    let (stored, polled, stop) =
        (Arc::<AtomicU64>::default(), Got::default(), Arc::<AtomicBool>::default());

    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| tokio::spawn(send(Arc::clone(&house), sender, events, Arc::clone(&stored))))
        .collect();
    let puller = tokio::spawn(pull(Arc::clone(&house), Arc::clone(&polled), Arc::clone(&stop)));
    for kill in 1..=kills {
        while stored.load(SeqCst) < events * SENDERS * kill / (kills + 1) {
            sleep(Duration::from_millis(2)).await;
        }
        house.kill();
        house.start();
    }
    let mut again = 0;
    for sender in senders {
        again += sender.await.unwrap();
    }
    house.emptied("pushed").await;
    house.emptied("polled").await;
    stop.store(true, SeqCst);
    let came_again = puller.await.unwrap();

    assert_eq!(came_again, Vec::<String>::new(), "what was acknowledged never comes again");
    let all: Vec<u64> = (0..events).collect();
    let mut duplicates = 0;
    for (got, is_pushed) in [(&pushed, true), (&polled, false)] {
        let got = got.lock().unwrap();
        assert_eq!(got.len() as u64, SENDERS / 2);
        for (key, got) in got.iter() {
            let mut first = got.clone();
            let mut seen = std::collections::HashSet::new();
            first.retain(|n| seen.insert(*n));
            assert_eq!(first, all, "{key}: every event, and each key in order");
            assert!(!is_pushed || got.is_sorted(), "{key}: pushed in order, duplicates included");
            if is_pushed {
                duplicates += (got.len() - first.len()) as u64;
            }
        }
    }
    assert!(duplicates <= again + kills * CONCURRENCY, "{duplicates} duplicates, {again} retries");
    let letters = house.get("/dead-letters").await;
    assert_eq!(letters.body["dead_letters"], json!([]));
}
