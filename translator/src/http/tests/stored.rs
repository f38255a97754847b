//! Stored push and poll, over HTTP and on a real queue.

use std::{collections::BTreeMap, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    config::{Config, Way},
    poll::Desk,
    push::Pusher,
    queue::{Incoming, Queue},
};

/// A sidecar with a queue.
pub(super) struct House {
    pub url: Url,
    pub queue: Queue,
    stop: watch::Sender<bool>,
    tasks: tokio::task::JoinSet<()>,
    directory: Option<TempDir>,
}

impl House {
    /// Opens one with these subscriptions, as `translator.yaml` writes them.
    pub async fn open(subscriptions: &str) -> House {
        let directory = tempfile::tempdir().unwrap();
        let mut house = House::at(directory.path(), subscriptions).await;
        house.directory = Some(directory);
        house
    }

    pub async fn at(directory: &Path, subscriptions: &str) -> House {
        let text = format!(
            "subjects: [{{ subject: OrderPlaced, to: 1 }}]\nsubscriptions:\n{subscriptions}"
        );
        let subscriptions = Config::parse(&text).unwrap().subscriptions;
        let bounds: Vec<_> =
            subscriptions.iter().map(|one| (one.name.clone(), one.bound)).collect();
        let queue = Queue::open(directory, &bounds).unwrap();
        let routes = Routes::Named(vec![Arc::new(route("OrderPlaced", 1))]);
        let plans = Arc::new(Plans::fixed(routes, vec![orders()]));
        let http = stele_client::http(stele_client::Proxy::Never).unwrap();
        let (stop, stopping) = watch::channel(false);
        let mut tasks = tokio::task::JoinSet::new();
        let (mut pushed, mut polled) = (BTreeMap::new(), BTreeMap::new());
        for subscription in subscriptions {
            let name = subscription.name.clone();
            match subscription.way.clone() {
                Way::Push(push) => {
                    let (queue, plans) = (queue.clone(), Arc::clone(&plans));
                    let opened = Pusher::open(subscription, push, queue, plans, http.clone());
                    let (way, one) = opened.await.unwrap();
                    tasks.spawn(one.run(stopping.clone()));
                    pushed.insert(name, way);
                }
                Way::Poll { lease } => {
                    let (queue, plans) = (queue.clone(), Arc::clone(&plans));
                    let desk = Desk::open(subscription, lease, queue, plans).await.unwrap();
                    polled.insert(name, Arc::new(desk));
                }
            }
        }
        let stored = Some(Stored { queue: queue.clone(), pushed, polled });
        let (limits, deliver) = (Limits::default(), Deliver::AsReceived);
        let sidecar = Sidecar::new(plans, http, limits, deliver, stored, stopping);
        let url = listen(sidecar.router()).await;
        House { url, queue, stop, tasks, directory: None }
    }

    /// Stores an event of a key.
    pub async fn store(&self, subscription: &str, id: &str, key: &str) -> u16 {
        let url = self.url.join(&format!("queue/{subscription}")).unwrap();
        let request = post_event(&url, "OrderPlaced.v3", ORDER_V3);
        let request = request.header("ce-partitionkey", key).header("x-event", id);
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let request = Client::builder().no_proxy().build().unwrap();
        let request = request.post(self.url.join(path).unwrap()).body(body.to_string());
        answered(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = Client::builder().no_proxy().build().unwrap();
        answered(request.get(self.url.join(path).unwrap())).await.1
    }

    /// Waits until a subscription holds so many events.
    pub async fn holds(&self, subscription: &str, events: u64) {
        for _ in 0..500 {
            if self.queue.fill(subscription).unwrap().events == events {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`{subscription}` holds {:?}", self.queue.fill(subscription));
    }

    pub async fn close(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.queue.close();
        drop(self.directory);
    }
}

async fn answered(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

fn places(pulled: &Value) -> Vec<u64> {
    let events = pulled["events"].as_array().unwrap();
    events.iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_stored_event_is_taken_and_delivered_in_its_consumers_version() {
    let (url, got) = consumer().await;
    let house = House::open(&format!("  - {{ name: shelf, consumer: '{url}' }}")).await;

    let taken = house.store("shelf", "1", "a").await;
    house.holds("shelf", 0).await;

    assert_eq!(taken, 202);
    let (headers, body) = got.lock().unwrap().remove(0);
    assert_eq!(body, r#"{"orderId":"o-1","total":1.10}"#);
    assert_eq!(
        (&headers["ce-type"], &headers["traceparent"]),
        (&"OrderPlaced.v1".parse().unwrap(), &"00-1-2-01".parse().unwrap())
    );
    let metrics =
        reqwest::get(house.url.join("metrics").unwrap()).await.unwrap().text().await.unwrap();
    assert!(
        metrics
            .contains(r#"translator_deliveries_total{subscription="shelf",outcome="delivered"} 1"#),
        "{metrics}"
    );
    assert!(
        metrics.contains(r#"translator_version_seen_total{subject="OrderPlaced",version="3"} 1"#)
    );
}

#[tokio::test]
async fn what_waits_when_it_stops_is_delivered_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let dead = House::at(
        directory.path(),
        &format!("  - {{ name: shelf, consumer: 'http://{free}/', first_wait_ms: 1 }}"),
    )
    .await;
    assert_eq!(dead.store("shelf", "1", "a").await, 202);
    dead.close().await;

    let (url, got) = consumer().await;
    let house = House::at(
        directory.path(),
        &format!("  - {{ name: shelf, consumer: '{url}', first_wait_ms: 1 }}"),
    )
    .await;
    house.holds("shelf", 0).await;

    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_consumer_pulls_acknowledges_and_rewinds() {
    let house = House::open("  - { name: audit, mode: poll, lease_ms: 60000 }").await;
    for key in ["a", "b", "a"] {
        house.store("audit", key, key).await;
    }

    let (_, pulled) = house.ask("subscriptions/audit/pull", json!({"max_events": 10})).await;
    let all = places(&pulled);
    assert_eq!((all.len(), &pulled["cursor"]), (3, &json!(0)));
    assert_eq!(pulled["events"][0]["event"]["type"], "OrderPlaced.v1");
    assert_eq!(
        pulled["events"][0]["event"]["data"],
        serde_json::from_str::<Value>(r#"{"orderId":"o-1","total":1.10}"#).unwrap()
    );
    assert_eq!(pulled["events"][0]["attempt"], 1);
    assert_eq!(pulled["events"][0]["headers"]["traceparent"], "00-1-2-01");

    let nothing = house.ask("subscriptions/audit/pull", json!({})).await;
    assert_eq!(nothing.1["events"], json!([]), "everything is on the lease");

    // Only up to the lowest that is not acknowledged.
    let lease = pulled["lease"].clone();
    let ack = json!({"lease": lease, "positions": [all[1]]});
    assert_eq!(house.ask("subscriptions/audit/ack", ack).await, (200, json!({"cursor": 0})));
    let ack = json!({"lease": lease});
    assert_eq!(
        house.ask("subscriptions/audit/ack", ack.clone()).await,
        (200, json!({"cursor": all[2]}))
    );
    let ended = house.ask("subscriptions/audit/ack", ack).await;
    assert_eq!((ended.0, &ended.1["code"]), (409, &json!("lease_ended")));

    let back = house.ask("subscriptions/audit/rewind", json!({"to": all[0]})).await;
    assert_eq!(back, (200, json!({"cursor": all[0]})));
    let (_, again) = house.ask("subscriptions/audit/pull", json!({})).await;
    assert_eq!(places(&again), all[1..]);
}

#[tokio::test]
async fn what_is_acknowledged_twice_in_one_breath_is_acknowledged_once() {
    let house = House::open("  - { name: audit, mode: poll }").await;
    for key in ["a", "b", "c"] {
        house.store("audit", key, key).await;
    }
    let (_, pulled) = house.ask("subscriptions/audit/pull", json!({})).await;
    let first = places(&pulled)[0];

    let ack = json!({"lease": pulled["lease"], "positions": [first, first]});
    assert_eq!(house.ask("subscriptions/audit/ack", ack).await, (200, json!({"cursor": first})));

    let bytes = house.queue.fill("audit").unwrap().bytes;
    let standing = house.queue.standing("audit").await.unwrap().unwrap();
    assert_eq!(house.queue.fill("audit").unwrap().events, 2);
    assert_eq!(bytes, standing.waiting_bytes);
    let metrics = reqwest::get(house.url.join("metrics").unwrap()).await.unwrap();
    let counted = r#"translator_deliveries_total{subscription="audit",outcome="acknowledged"} 1"#;
    assert!(metrics.text().await.unwrap().contains(counted));
}

#[tokio::test]
async fn an_expired_lease_gives_its_events_out_again_and_says_so() {
    let house = House::open("  - { name: audit, mode: poll, lease_ms: 50, max_attempts: 2 }").await;
    house.store("audit", "1", "a").await;

    let (_, first) = house.ask("subscriptions/audit/pull", json!({})).await;
    let (_, second) = house.ask("subscriptions/audit/pull", json!({"wait_ms": 5000})).await;
    let late = house.ask("subscriptions/audit/ack", json!({"lease": first["lease"]})).await;
    let (_, third) = house.ask("subscriptions/audit/pull", json!({"wait_ms": 300})).await;

    assert_eq!(places(&first), places(&second));
    assert_eq!(second["events"][0]["attempt"], 2);
    assert_eq!(late.0, 409);
    assert_eq!(third["events"], json!([]), "it has become a dead letter");
    let letters = house.get("dead-letters").await;
    assert_eq!(letters["dead_letters"][0]["fault"]["code"], "never_acknowledged");
}

#[tokio::test]
async fn a_pull_waits_for_what_comes() {
    let house = House::open("  - { name: audit, mode: poll }").await;

    let (pulled, ()) =
        tokio::join!(house.ask("subscriptions/audit/pull", json!({"wait_ms": 10000})), async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            house.store("audit", "1", "a").await;
        });

    assert_eq!(places(&pulled.1).len(), 1);
}

#[tokio::test]
async fn a_pull_sees_past_any_number_of_events_that_are_held() {
    let house = House::open("  - { name: audit, mode: poll }").await;
    let event = |version: u32| {
        let body = format!(
            r#"{{"specversion":"1.0","id":"1","source":"/s","type":"OrderPlaced.v{version}","data":{ORDER_V3}}}"#
        );
        let head = [("content-type".to_owned(), "application/cloudevents+json".to_owned())];
        Incoming::of(None, head.to_vec().into(), body.into())
    };
    let events = (0..3000).map(|_| event(9)).chain([event(3)]).collect();
    let stored = house.queue.store("audit", events).await.unwrap();

    let pulling = house.ask("subscriptions/audit/pull", json!({"max_events": 1}));
    let (_, pulled) = tokio::time::timeout(Duration::from_secs(30), pulling).await.unwrap();

    assert_eq!(places(&pulled), stored[3000..]);
    assert_eq!(pulled["cursor"], 0);
}

#[tokio::test]
async fn a_full_queue_turns_away_and_says_when_to_come_again() {
    let house = House::open("  - { name: audit, mode: poll, max_events: 2 }").await;
    let stored = [house.store("audit", "1", "a").await, house.store("audit", "2", "a").await];

    let url = house.url.join("queue/audit").unwrap();
    let full = problem_of(post_event(&url, "OrderPlaced.v3", ORDER_V3)).await;
    let (_, pulled) = house.ask("subscriptions/audit/pull", json!({"max_events": 1})).await;
    house.ask("subscriptions/audit/ack", json!({"lease": pulled["lease"]})).await;

    assert_eq!(stored, [202, 202]);
    assert_eq!(full, (429, "queue_full".into(), Some("1".into())));
    assert_eq!(house.store("audit", "3", "a").await, 202);
}

#[tokio::test]
async fn a_dead_letter_is_the_original_and_comes_again_on_demand() {
    let (url, got) = consumer().await;
    let house = House::open(&format!("  - {{ name: shelf, consumer: '{url}' }}")).await;
    let queue = house.url.join("queue/shelf").unwrap();
    let spoiled = r#"{"id": 1,   "total": 1.10}"#;
    let request = post_event(&queue, "OrderPlaced.v3", spoiled).header("authorization", "Bearer x");
    request.send().await.unwrap();
    house.holds("shelf", 0).await;

    let listed = house.get("dead-letters?subscription=shelf").await;
    let shown = house.get("dead-letters/1").await;

    let fault = &listed["dead_letters"][0]["fault"];
    assert_eq!(
        (&fault["class"], &fault["code"]),
        (&json!("invalid_input"), &json!("invalid_input"))
    );
    assert_eq!(
        (&fault["from"], &fault["to"], &fault["attempt"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!((&fault["pointer"], &shown["original"]), (&json!("/id"), &json!(spoiled)));
    assert!(fault["plan"].is_string() && fault["first_seen"].is_string(), "{fault}");
    assert_eq!(shown["headers"]["ce-type"], "OrderPlaced.v3");
    assert_eq!(shown["headers"]["authorization"], Value::Null, "credentials are not kept");
    assert!(got.lock().unwrap().is_empty(), "never delivered as if it were translated");

    assert_eq!(house.ask("dead-letters/1/redrive", Value::Null).await.0, 200);
    house.holds("shelf", 0).await;
    let again = house.get("dead-letters").await;
    assert_eq!(again["dead_letters"][0]["id"], 2, "still invalid");
    let dropped = Client::builder().no_proxy().build().unwrap();
    let dropped = answered(dropped.delete(house.url.join("dead-letters/2").unwrap())).await;
    assert_eq!(dropped.0, 204);
    assert_eq!(house.get("dead-letters").await["dead_letters"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_asked_is_a_problem_with_a_code() {
    let house = House::open("  - { name: audit, mode: poll }").await;
    let code = async |path: &str, body: Value| {
        let (status, problem) = house.ask(path, body).await;
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    };

    assert_eq!(code("queue/nobody", json!({})).await, (404, "subscription_not_found".into()));
    assert_eq!(
        code("subscriptions/nobody/pull", json!({})).await,
        (404, "subscription_not_found".into())
    );
    assert_eq!(
        code("subscriptions/audit/pull", json!({"max": 1})).await,
        (400, "request_invalid".into())
    );
    assert_eq!(code("subscriptions/audit/resume", json!({})).await, (409, "not_pushed".into()));
    assert_eq!(
        code("dead-letters/7/redrive", json!({})).await,
        (404, "dead_letter_not_found".into())
    );
    let unreadable = post_event(&house.url.join("queue/audit").unwrap(), "", "{}");
    assert_eq!(problem_of(unreadable).await.1, "not_a_cloudevent");
}
