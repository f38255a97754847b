//! Consumers of every kind behind stored push: the delivery table, on real sockets.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{stored::House, *};

/// A consumer that answers by script: the n-th request gets the n-th answer, all further the last. What it got is kept.
async fn scripted(answers: &'static [u16]) -> (Url, Arc<Mutex<Vec<(u16, String, String)>>>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let (remember, count) = (Arc::clone(&got), Arc::new(AtomicU32::new(0)));
    let take = async move |headers: HeaderMap, _: String| {
        let index = usize::try_from(count.fetch_add(1, SeqCst)).unwrap();
        let answer = *answers.get(index).or(answers.last()).unwrap();
        let text =
            |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let id = text("x-event");
        remember.lock().unwrap().push((answer, id, text("content-type")));
        let location = [("location", "http://127.0.0.1:1/elsewhere")];
        (StatusCode::from_u16(answer).unwrap(), location).into_response()
    };
    (listen(Router::new().route("/", post(take))).await, got)
}

fn shelf(url: &Url, more: &str) -> String {
    format!("  - {{ name: shelf, consumer: '{url}', first_wait_ms: 1, longest_wait_ms: 20{more} }}")
}

/// The file of a queue, for somebody else who uses it.
fn beside(directory: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(directory.join("queue.db")).unwrap()
}

fn count<T>(got: &Mutex<Vec<T>>) -> usize {
    got.lock().unwrap().len()
}

async fn codes(house: &House) -> Vec<String> {
    let letters = house.get("dead-letters").await;
    let letters = letters["dead_letters"].as_array().unwrap();
    letters.iter().map(|letter| letter["fault"]["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_may_pass_is_tried_again_until_it_has_passed() {
    let (url, got) = scripted(&[404, 408, 409, 429, 500, 503, 200]).await;
    let house = House::open(&shelf(&url, "")).await;

    house.store("shelf", "1", "a").await;
    house.holds("shelf", 0).await;

    let answers: Vec<u16> = got.lock().unwrap().iter().map(|(answer, ..)| *answer).collect();
    assert_eq!(answers, [404, 408, 409, 429, 500, 503, 200]);
    assert!(codes(&house).await.is_empty());
}

#[tokio::test]
async fn what_will_not_pass_is_a_dead_letter_at_once() {
    for status in [&[301][..], &[307], &[400], &[401], &[403], &[422]] {
        let (url, got) = scripted(status.to_vec().leak()).await;
        let house = House::open(&shelf(&url, "")).await;

        house.store("shelf", "1", "a").await;
        house.holds("shelf", 0).await;

        assert_eq!(got.lock().unwrap().len(), 1, "{status:?}");
        assert_eq!(codes(&house).await, ["consumer_refused"]);
    }
}

#[tokio::test]
async fn a_consumer_that_is_gone_stops_its_subscription_and_nothing_is_lost() {
    let (url, got) = scripted(&[410, 200]).await;
    let house = House::open(&shelf(&url, "")).await;
    house.store("shelf", "1", "a").await;
    for _ in 0..500 {
        if house.get("subscriptions/shelf").await["stopped"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    house.store("shelf", "2", "a").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((got.lock().unwrap().len(), house.queue.fill("shelf").unwrap().events), (1, 2));

    assert_eq!(house.ask("subscriptions/shelf/resume", Value::Null).await.0, 200);
    house.holds("shelf", 0).await;
    let ids: Vec<String> = got.lock().unwrap().iter().map(|(_, id, _)| id.clone()).collect();
    assert_eq!(ids, ["1", "1", "2"]);
}

#[tokio::test]
async fn a_mode_that_is_refused_is_switched_once_and_for_all_that_follow() {
    let (url, got) = scripted(&[415, 200, 200]).await;
    let house = House::open(&shelf(&url, "")).await;
    house.store("shelf", "1", "a").await;
    house.store("shelf", "2", "a").await;
    house.holds("shelf", 0).await;

    let kinds: Vec<String> = got.lock().unwrap().iter().map(|(_, _, kind)| kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            "application/json",
            "application/cloudevents+json; charset=utf-8",
            "application/cloudevents+json; charset=utf-8",
        ]
    );

    let (url, got) = scripted(&[415]).await;
    let house = House::open(&shelf(&url, "")).await;
    house.store("shelf", "1", "a").await;
    house.holds("shelf", 0).await;
    assert_eq!((count(&got), codes(&house).await), (2, vec!["consumer_refused".to_owned()]));
}

#[tokio::test]
async fn an_event_that_is_exhausted_dies_or_blocks_only_its_key() {
    let (url, got) = scripted(&[500]).await;
    let house = House::open(&shelf(&url, ", max_attempts: 3")).await;
    house.store("shelf", "1", "a").await;
    house.holds("shelf", 0).await;
    assert_eq!((count(&got), codes(&house).await), (3, vec!["consumer_failing".to_owned()]));

    // One key fails on and on, the other flows.
    let take = async move |headers: HeaderMap| {
        if headers["ce-partitionkey"] == "a" { StatusCode::CONFLICT } else { StatusCode::OK }
    };
    let url = listen(Router::new().route("/", post(take))).await;
    let house = House::open(&shelf(&url, ", max_attempts: 3, on_exhausted: block")).await;
    for key in ["a", "b", "a", "b", "b"] {
        house.store("shelf", key, key).await;
    }
    house.holds("shelf", 2).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(codes(&house).await.is_empty());
    assert_eq!(house.queue.fill("shelf").unwrap().events, 2);
}

#[tokio::test]
async fn a_consumer_that_talks_garbage_or_never_ends_loses_nothing() {
    // The first three answers are no HTTP, or end too early; then come answers whose bodies never end.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let answer = match number {
                    0 => "\x00\x01\x02 garbage",
                    1 => "HTTP/1.1 2",
                    2 => "",
                    _ => "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nabc",
                };
                let _ = stream.write_all(answer.as_bytes()).await;
                if number > 2 {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    let house = House::open(&shelf(&url, ", timeout_ms: 2000")).await;

    for id in ["1", "2", "3"] {
        house.store("shelf", id, "a").await;
    }

    house.holds("shelf", 0).await;
    assert!(codes(&house).await.is_empty());
}

#[tokio::test]
async fn a_consumer_that_never_answers_is_given_up_in_time_and_tried_again() {
    let first = Arc::new(AtomicU32::new(0));
    let take = async move || {
        if first.fetch_add(1, SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        StatusCode::OK
    };
    let url = listen(Router::new().route("/", post(take))).await;
    let house = House::open(&shelf(&url, ", timeout_ms: 100")).await;

    house.store("shelf", "1", "a").await;

    house.holds("shelf", 0).await;
}

#[tokio::test]
async fn a_flapping_consumer_gets_every_event_of_a_key_in_order() {
    let got: Arc<Mutex<BTreeMap<String, Vec<u32>>>> = Arc::default();
    let (remember, count) = (Arc::clone(&got), Arc::new(AtomicU32::new(0)));
    let take = async move |headers: HeaderMap| {
        if count.fetch_add(1, SeqCst) % 3 == 0 {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        let mut got = remember.lock().unwrap();
        got.entry(text("ce-partitionkey")).or_default().push(text("x-event").parse().unwrap());
        StatusCode::OK
    };
    let url = listen(Router::new().route("/", post(take))).await;
    let house = House::open(&shelf(&url, "")).await;

    for number in 0..60 {
        house.store("shelf", &number.to_string(), &format!("key-{}", number % 7)).await;
    }
    house.holds("shelf", 0).await;

    let got = got.lock().unwrap();
    assert_eq!(got.values().map(Vec::len).sum::<usize>(), 60);
    assert!(got.values().all(|events| events.is_sorted()), "{got:?}");
}

#[tokio::test]
async fn batches_are_sent_where_somebody_opted_in_and_one_bad_event_does_not_spoil_the_rest() {
    let got: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let remember = Arc::clone(&got);
    let take = async move |headers: HeaderMap, body: String| {
        let kind = headers["content-type"].to_str().unwrap().to_owned();
        let body: Value = serde_json::from_str(&body).unwrap();
        let count = body.as_array().map_or(1, Vec::len);
        remember.lock().unwrap().push((kind, count));
        let is_bad = body.to_string().contains("bad");
        if is_bad { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    };
    let url = listen(Router::new().route("/", post(take))).await;
    // Stored before anybody delivers, so that there is a batch.
    let directory = tempfile::tempdir().unwrap();
    let waiting = House::at(directory.path(), "  - { name: shelf, mode: poll }").await;
    for id in ["a", "b", "bad"] {
        waiting.store("shelf", id, id).await;
    }
    waiting.close().await;

    let house = House::at(directory.path(), &shelf(&url, ", deliver: { batch: 10 }")).await;
    house.holds("shelf", 0).await;

    assert_eq!(codes(&house).await, ["consumer_refused"]);
    let mut counts: Vec<usize> = got.lock().unwrap().iter().map(|(_, count)| *count).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 1, 1, 3]);
    assert_eq!(got.lock().unwrap()[0].0, "application/cloudevents-batch+json; charset=utf-8");
    let letter = house.get("dead-letters/1").await;
    assert_eq!(letter["key"], json!("bad"));
}

#[tokio::test]
async fn an_event_that_has_nowhere_to_go_is_a_dead_letter_at_once() {
    let (url, got) = scripted(&[200]).await;
    let shelf = |more: &str| {
        format!("  - {{ name: shelf, consumer: '{url}{{stream}}', on_exhausted: block{more} }}")
    };
    for more in ["", ", deliver: { batch: 10 }"] {
        let house = House::open(&shelf(more)).await;

        // Their address is made of a stream, and they came on none.
        house.store("shelf", "1", "a").await;
        house.store("shelf", "2", "b").await;
        house.holds("shelf", 0).await;

        assert_eq!(codes(&house).await, ["no_consumer", "no_consumer"]);
    }
    assert_eq!(count(&got), 0);
}

#[tokio::test]
async fn a_consumer_of_batches_says_when_to_come_again_too() {
    let at: Arc<Mutex<Vec<std::time::Instant>>> = Arc::default();
    let remember = Arc::clone(&at);
    let take = async move || {
        let mut at = remember.lock().unwrap();
        at.push(std::time::Instant::now());
        let status = if at.len() == 1 { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        (status, [("retry-after", "1")])
    };
    let url = listen(Router::new().route("/", post(take))).await;
    // Stored before anybody delivers, so that there is a batch.
    let directory = tempfile::tempdir().unwrap();
    let waiting = House::at(directory.path(), "  - { name: shelf, mode: poll }").await;
    for id in ["a", "b"] {
        waiting.store("shelf", id, id).await;
    }
    waiting.close().await;

    let house = House::at(directory.path(), &shelf(&url, ", deliver: { batch: 10 }")).await;
    house.holds("shelf", 0).await;

    let at = at.lock().unwrap();
    assert!(at[1] - at[0] >= Duration::from_millis(900), "{:?}", at[1] - at[0]);
}

#[tokio::test]
async fn what_the_disk_did_not_take_before_a_rewind_counts_no_more_after_it() {
    let (asked, answers) = (Arc::new(AtomicU32::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (counted, wait) = (Arc::clone(&asked), Arc::clone(&answers));
    let take = async move || {
        counted.fetch_add(1, SeqCst);
        wait.acquire().await.unwrap().forget();
    };
    let url = listen(Router::new().route("/", post(take))).await;
    let directory = tempfile::tempdir().unwrap();
    let house = House::at(directory.path(), &shelf(&url, ", keep_s: 60")).await;
    let is_asked = async |times: u32| {
        for _ in 0..1000 {
            if asked.load(SeqCst) >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("asked {} times", asked.load(SeqCst));
    };
    house.store("shelf", "1", "a").await;
    is_asked(1).await;

    // The file is in use for as long as a writer waits for it: the delivery is not recorded.
    let other = beside(directory.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    answers.add_permits(1);
    tokio::time::sleep(Duration::from_millis(2500)).await;
    other.execute_batch("ROLLBACK").unwrap();
    let back = house.ask("subscriptions/shelf/rewind", json!({"to": 0})).await;
    assert_eq!(back, (200, json!({"cursor": 0})));

    // It is on its way again; nobody has it until the consumer says so.
    is_asked(2).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(house.queue.fill("shelf").unwrap().events, 1);
    answers.add_permits(1);
    house.holds("shelf", 0).await;
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test]
async fn a_stop_that_is_not_recorded_at_once_leaves_the_count_of_what_waits_right() {
    let take = async move |headers: HeaderMap| match headers.get("x-event") {
        Some(id) if id == "1" => StatusCode::OK,
        Some(id) if id == "2" => StatusCode::GONE,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        None => StatusCode::BAD_REQUEST,
    };
    let url = listen(Router::new().route("/", post(take))).await;
    // Stored before anybody delivers, so that one goes well and one does not in the same batch.
    let directory = tempfile::tempdir().unwrap();
    let waiting = House::at(directory.path(), "  - { name: shelf, mode: poll }").await;
    for id in ["1", "2", "3"] {
        waiting.store("shelf", id, id).await;
    }
    waiting.close().await;
    let other = beside(directory.path());
    other
        .execute_batch(
            "CREATE TRIGGER refused BEFORE UPDATE OF stopped ON subscription
             BEGIN SELECT RAISE(FAIL, 'the disk is as it is'); END",
        )
        .unwrap();

    let house = House::at(directory.path(), &shelf(&url, ", deliver: { batch: 2 }")).await;
    // Long enough for two further attempts to record it.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    other.execute_batch("DROP TRIGGER refused").unwrap();
    while !house.get("subscriptions/shelf").await["stopped"].is_string() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    house.holds("shelf", 2).await;
}

#[tokio::test]
async fn a_consumer_that_wants_to_rest_rests_over_a_restart_too() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let take = async move || {
        counted.fetch_add(1, SeqCst);
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "60")])
    };
    let url = listen(Router::new().route("/", post(take))).await;
    let directory = tempfile::tempdir().unwrap();
    let house = House::at(directory.path(), &shelf(&url, "")).await;
    house.store("shelf", "1", "a").await;
    while asked.load(SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.close().await;

    let _house = House::at(directory.path(), &shelf(&url, "")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    assert_eq!(asked.load(SeqCst), 1);
}
