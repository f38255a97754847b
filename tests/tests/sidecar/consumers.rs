//! Consumers that are slow, dead or come back: nothing is lost, and waiting costs no memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::post};
use tokio::time::sleep;

use crate::house::{House, free_port, listen, tenth_of};

/// The most memory a sidecar may hold, whatever its consumers do.
const MOST: u64 = 64 * 1024 * 1024;

async fn store(house: &Arc<House>, path: &'static str, events: usize) {
    let senders: Vec<_> = (0..16_u64)
        .map(|sender| {
            let (house, events) = (Arc::clone(house), events as u64 / 16);
            tokio::spawn(async move {
                for n in 0..events {
                    // Padded to about a kilobyte by the key.
                    let key = format!("{sender}-{n}-{}", "x".repeat(900));
                    assert_eq!(house.post(path, 3, &key, n).await.unwrap().status, 202);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_is_dead_or_slow_costs_no_memory_and_gets_everything_in_the_end() {
    let dead = free_port();
    let slow = async || {
        sleep(Duration::from_millis(100)).await;
        StatusCode::OK
    };
    let slow = listen(Router::new().route("/", post(slow))).await;
    let subscriptions = format!(
        "subscriptions:\n  - {{ name: dead, consumer: 'http://127.0.0.1:{dead}/', first_wait_ms: 10, longest_wait_ms: 500 }}\n  - {{ name: slow, consumer: '{slow}', concurrency: 1 }}\n"
    );
    let house = Arc::new(House::open(3, "1", &subscriptions).await);
    let events = tenth_of(20_000);

    store(&house, "/queue/dead", events).await;
    store(&house, "/queue/slow", events).await;
    for _ in 0..20 {
        assert!(house.resident() <= MOST, "{} bytes", house.resident());
        sleep(Duration::from_millis(50)).await;
    }

    // It comes back to life.
    let count = Arc::<AtomicU64>::default();
    let counted = Arc::clone(&count);
    let take = async move || {
        counted.fetch_add(1, SeqCst);
        StatusCode::OK
    };
    let router = Router::new().route("/", post(take));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", dead)).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    house.emptied("dead").await;

    assert_eq!(count.load(SeqCst), (events / 16 * 16) as u64, "each once");
    assert!(house.resident() <= MOST, "{} bytes", house.resident());
    assert!(house.stop() < Duration::from_secs(5), "a slow consumer does not hold it up");
}
