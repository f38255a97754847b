use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{http::HeaderMap, response::IntoResponse as _, routing::post};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};

use super::*;
use crate::{
    config::Limits,
    route::{Route, Routes},
    shop::{orders, route},
};

mod consumers;
mod stored;

const ORDER_V3: &str = r#"{"id":"o-1","total":1.10}"#;

/// What the consumer got: attributes by header, and the body.
type Got = Arc<Mutex<Vec<(HeaderMap, String)>>>;

async fn listen(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url.parse().unwrap()
}

/// A consumer that remembers what it got and answers 201.
async fn consumer() -> (Url, Got) {
    let got = Got::default();
    let remember = Arc::clone(&got);
    let take = async move |headers: HeaderMap, body: String| {
        remember.lock().unwrap().push((headers, body));
        (StatusCode::CREATED, [("x-shelf", "7")], "taken")
    };
    (listen(Router::new().route("/", post(take))).await, got)
}

async fn sidecar(consumer: Option<Url>, max_in_flight: usize) -> Url {
    let limits = Limits {
        max_in_flight: NonZeroUsize::new(max_in_flight).unwrap(),
        max_body: 1000,
        consumer_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    let routes = Routes::Named(vec![Arc::new(Route { consumer, ..route("OrderPlaced", 1) })]);
    let plans = Arc::new(Plans::fixed(routes, vec![orders()]));
    let http = stele_client::http(stele_client::Proxy::Never).unwrap();
    let stopping = never_stopping();
    let deliver = Deliver::AsReceived;
    listen(Sidecar::new(plans, http, limits, deliver, None, stopping).router()).await
}

/// What says that nothing stops; a sender that is gone would say that it does.
fn never_stopping() -> watch::Receiver<bool> {
    Box::leak(Box::new(watch::Sender::new(false))).subscribe()
}

fn post_event(url: &Url, event_type: &str, data: &str) -> RequestBuilder {
    let _ = stele_client::http(stele_client::Proxy::Never);
    Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url.clone())
        .header("ce-specversion", "1.0")
        .header("ce-id", "7")
        .header("ce-source", "/shop/%E2%82%AC")
        .header("ce-type", event_type)
        .header("content-type", "application/json")
        .header("traceparent", "00-1-2-01")
        .body(data.to_owned())
}

async fn problem_of(request: RequestBuilder) -> (u16, String, Option<String>) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    (status, problem["code"].as_str().unwrap().to_owned(), retry)
}

#[tokio::test]
async fn the_consumer_gets_its_version_and_the_sender_its_answer() {
    let (url, got) = consumer().await;
    let sidecar = sidecar(Some(url), 8).await;

    let answer = post_event(&sidecar, "OrderPlaced.v3", ORDER_V3).send().await.unwrap();

    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()["x-shelf"], "7");
    assert_eq!(answer.text().await.unwrap(), "taken");
    let (headers, body) = got.lock().unwrap().remove(0);
    assert_eq!(body, r#"{"orderId":"o-1","total":1.10}"#);
    assert_eq!(headers["ce-type"], "OrderPlaced.v1");
    assert_eq!(headers["ce-source"], "/shop/%E2%82%AC");
    assert_eq!(headers["ce-schemafrom"], "3");
    assert_eq!(headers["traceparent"], "00-1-2-01");
    assert_eq!(headers["content-type"], "application/json");
}

#[tokio::test]
async fn a_structured_event_leaves_structured() {
    let (url, got) = consumer().await;
    let sidecar = sidecar(Some(url), 8).await;
    let event = format!(
        r#"{{"specversion":"1.0","id":"7","source":"/s","type":"OrderPlaced.v3","data":{ORDER_V3}}}"#
    );

    let request = Client::builder().no_proxy().build().unwrap().post(sidecar).body(event);
    let request = request.header("content-type", "application/cloudevents+json; charset=utf-8");
    let answer = request.send().await.unwrap();

    assert_eq!(answer.status(), StatusCode::CREATED);
    let (headers, body) = got.lock().unwrap().remove(0);
    assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["type"], "OrderPlaced.v1");
    assert_eq!(event["data"]["orderId"], "o-1");
}

#[tokio::test]
async fn a_fault_never_reaches_the_consumer() {
    let (url, got) = consumer().await;
    let sidecar = sidecar(Some(url), 8).await;
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(5_000_000));

    let invalid = problem_of(post_event(&sidecar, "OrderPlaced.v3", r#"{"id":1}"#)).await;
    let unknown = problem_of(post_event(&sidecar, "OrderPlaced.v9", ORDER_V3)).await;
    let large = problem_of(post_event(&sidecar, "OrderPlaced.v3", &long)).await;

    assert_eq!(invalid, (422, "invalid_input".into(), None));
    assert_eq!(unknown, (503, "unknown_version".into(), Some("1".into())));
    assert_eq!(large, (413, "too_large".into(), None));
    assert!(got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_may_have_its_event_back() {
    let sidecar = sidecar(None, 8).await;
    let translate = sidecar.join("translate").unwrap();

    let answer = post_event(&translate, "OrderPlaced.v3", ORDER_V3).send().await.unwrap();
    let unsent = problem_of(post_event(&sidecar, "OrderPlaced.v3", ORDER_V3)).await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["ce-type"], "OrderPlaced.v1");
    assert_eq!(answer.text().await.unwrap(), r#"{"orderId":"o-1","total":1.10}"#);
    assert_eq!(unsent, (422, "no_consumer".into(), None));
}

#[tokio::test]
async fn a_consumer_that_is_gone_or_slow_is_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = sidecar(Some(format!("http://{free}/").parse().unwrap()), 8).await;
    let never = Router::new().route("/", post(std::future::pending::<()>));
    let slow = sidecar(Some(listen(never).await), 8).await;

    let gone = problem_of(post_event(&gone, "OrderPlaced.v3", ORDER_V3)).await;
    let slow = problem_of(post_event(&slow, "OrderPlaced.v3", ORDER_V3)).await;

    assert_eq!(gone, (502, "consumer_unreachable".into(), None));
    assert_eq!(slow, (504, "consumer_timeout".into(), None));
}

#[tokio::test]
async fn more_than_may_be_in_flight_is_turned_away_and_probes_are_not() {
    let entered = Arc::new(Notify::new());
    let signal = Arc::clone(&entered);
    let never = Router::new().route(
        "/",
        post(async move || {
            signal.notify_one();
            std::future::pending::<()>().await;
        }),
    );
    let sidecar = sidecar(Some(listen(never).await), 1).await;
    let first = tokio::spawn(post_event(&sidecar, "OrderPlaced.v3", ORDER_V3).send());
    entered.notified().await;

    let second = problem_of(post_event(&sidecar, "OrderPlaced.v3", ORDER_V3)).await;
    let ready = reqwest::get(sidecar.join("readyz").unwrap()).await.unwrap();

    assert_eq!(second, (429, "too_busy".into(), Some("1".into())));
    assert_eq!(ready.status(), StatusCode::OK);
    let metrics = async || {
        let metrics = reqwest::get(sidecar.join("metrics").unwrap()).await.unwrap();
        metrics.text().await.unwrap()
    };
    assert!(metrics().await.contains("translator_in_flight 1\n"));
    first.abort();
    // A sender that hangs up is in flight no more.
    while !metrics().await.contains("translator_in_flight 0\n") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn any_other_path_or_method_is_a_problem_too() {
    let sidecar = sidecar(None, 8).await;

    let path = problem_of(post_event(&sidecar.join("nowhere").unwrap(), "a", "{}")).await;
    let method = problem_of(Client::builder().no_proxy().build().unwrap().get(sidecar)).await;

    assert_eq!((path.0, &*path.1), (404, "not_found"));
    assert_eq!((method.0, &*method.1), (405, "method_not_allowed"));
}

#[tokio::test]
async fn a_batch_is_translated_whole_and_leaves_one_by_one_unless_somebody_opted_in() {
    let (url, got) = consumer().await;
    let sidecar = sidecar(Some(url), 8).await;
    let batch = |second: &str| {
        let one = |id: &str, data: &str| {
            format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"OrderPlaced.v3","data":{data}}}"#
            )
        };
        format!("[{},{}]", one("1", ORDER_V3), one("2", second))
    };
    let send = |url: &Url, body: String| {
        Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(url.clone())
            .header("content-type", "application/cloudevents-batch+json; charset=utf-8")
            .body(body)
    };

    let spoiled = problem_of(send(&sidecar, batch(r#"{"id":1}"#))).await;
    assert_eq!((spoiled.0, got.lock().unwrap().len()), (422, 0), "all or none");

    let taken = send(&sidecar, batch(r#"{"id":"o-2"}"#)).send().await.unwrap();
    assert_eq!((taken.status(), got.lock().unwrap().len()), (StatusCode::CREATED, 2));

    let translate = sidecar.join("translate").unwrap();
    let answer = send(&translate, batch(r#"{"id":"o-2"}"#)).send().await.unwrap();
    let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let events: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(content_type, "application/cloudevents-batch+json; charset=utf-8");
    assert_eq!(events[1]["data"], serde_json::json!({"orderId": "o-2"}));
}

#[tokio::test]
async fn the_answer_is_in_the_mode_that_is_asked_for() {
    let sidecar = sidecar(None, 8).await.join("translate").unwrap();

    let request = post_event(&sidecar, "OrderPlaced.v3", ORDER_V3);
    let structured = request.header("accept", "application/cloudevents+json").send().await.unwrap();

    assert_eq!(structured.headers()["content-type"], "application/cloudevents+json; charset=utf-8");
    let event: Value = serde_json::from_str(&structured.text().await.unwrap()).unwrap();
    assert_eq!(
        (&event["source"], &event["data"]["orderId"]),
        (&"/shop/\u{20ac}".into(), &"o-1".into())
    );
}

#[tokio::test]
async fn a_batch_has_a_bound_and_its_headers_count_for_each_of_its_events() {
    let routes = Routes::Named(vec![Arc::new(route("OrderPlaced", 1))]);
    let plans = Arc::new(Plans::fixed(routes, vec![orders()]));
    let http = stele_client::http(stele_client::Proxy::Never).unwrap();
    let limits = Limits { max_in_flight_bytes: 1024 * 1024, ..Limits::default() };
    let (deliver, stopping) = (Deliver::AsReceived, never_stopping());
    let sidecar = Sidecar::new(plans, http, limits, deliver, None, stopping);
    let url = listen(sidecar.router()).await.join("translate").unwrap();
    let send = |count: usize, header: usize| {
        let event = format!(
            r#"{{"specversion":"1.0","id":"1","source":"/s","type":"OrderPlaced.v3","data":{ORDER_V3}}}"#
        );
        Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(url.clone())
            .header("content-type", "application/cloudevents-batch+json")
            .header("x-long", "x".repeat(header))
            .body(format!("[{}]", vec![event; count].join(",")))
    };

    assert_eq!(send(1000, 0).send().await.unwrap().status(), 200);
    assert_eq!(problem_of(send(1001, 0)).await, (413, "too_large".into(), None));
    // 100 times 20 KB is more than may be in flight; one time is not.
    assert_eq!(problem_of(send(100, 20_000)).await, (413, "too_large".into(), None));
    assert_eq!(send(1, 20_000).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn headers_count_as_bytes_in_flight() {
    let plans = Arc::new(Plans::fixed(Routes::Named(Vec::new()), Vec::new()));
    let http = stele_client::http(stele_client::Proxy::Never).unwrap();
    let limits = Limits { max_in_flight_bytes: 1024 * 1024, ..Limits::default() };
    let (deliver, stopping) = (Deliver::AsReceived, never_stopping());
    let sidecar = Sidecar::new(plans, http, limits, deliver, None, stopping);
    let sized = |header: usize| {
        let request = axum::http::Request::post("/").header("content-length", "10");
        let request = request.header("x-long", "x".repeat(header));
        sidecar.size(&request.body(axum::body::Body::empty()).unwrap())
    };

    assert_eq!((sized(0), sized(100 * 1024)), (1, 101));
    assert_eq!(sized(9 * 1024 * 1024), 1024, "never more than there is, or it never came in");
}
