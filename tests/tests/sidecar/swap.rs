//! Plans change under load: every event is carried by one plan, and none is refused meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use reqwest::Method;
use tokio::time::sleep;

use crate::house::{House, SUBJECT, lens, register, tenth_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_are_swapped_under_load_and_every_event_carries_one() {
    let house = Arc::new(House::open(3, "3", "").await);
    let stop = Arc::<AtomicBool>::default();
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let (house, stop) = (Arc::clone(&house), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut seen: Vec<(String, String)> = Vec::new();
                for n in 0.. {
                    if stop.load(SeqCst) {
                        break;
                    }
                    let url = format!("{}/translate", house.url);
                    let request = house
                        .client
                        .post(url)
                        .header("content-type", "application/json")
                        .header("ce-specversion", "1.0")
                        .header("ce-id", n.to_string())
                        .header("ce-source", "/test")
                        .header("ce-type", format!("{SUBJECT}.v2"))
                        .body(format!(r#"{{"id":"{sender}","n":{n}}}"#));
                    let answer = request.send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    let plan = answer.headers()["ce-translation"].to_str().unwrap().to_owned();
                    let event: serde_json::Value =
                        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
                    seen.push((plan, event["currency"].as_str().unwrap().to_owned()));
                }
                seen
            })
        })
        .collect();

    let currencies = ["CHF", "SEK", "NOK", "EUR"];
    let swaps = tenth_of(200);
    for swap in 0..swaps {
        let path = format!("/v1/subjects/{SUBJECT}/lenses/2/3");
        let document = lens(currencies[swap % currencies.len()]).to_string();
        let put = house.registry.send(Method::PUT, &path, document).await;
        assert!(put.status < 300, "{put:?}");
        sleep(Duration::from_millis(100)).await;
    }
    stop.store(true, SeqCst);

    let mut by_plan: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sender in senders {
        for (plan, currency) in sender.await.unwrap() {
            by_plan.entry(plan).or_default().insert(currency);
        }
    }
    assert!(by_plan.len() >= currencies.len(), "the plans were swapped: {by_plan:?}");
    assert!(
        by_plan.values().all(|carried| carried.len() == 1),
        "one plan, one result: {by_plan:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_version_is_taken_up_without_a_restart() {
    let house = House::open(2, "latest", "").await;
    assert_eq!(house.post("/translate", 1, "a", 1).await.unwrap().body["id"], "a");

    register(&house.registry, 3).await;

    for _ in 0..200 {
        if house.post("/translate", 1, "a", 1).await.unwrap().body["orderId"] == "a" {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("version 3 is never taken up");
}
