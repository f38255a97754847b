//! A puller fetches the messages of a context that asks for them itself, and acknowledges what was acted on.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use tokio::time::sleep;

use super::{bounded_context::BoundedContext, service::Service};

/// How long one question waits for messages.
const WAIT_MS: u32 = 2000;
/// How long to wait after a question that had no answer, or messages that came too early.
const PAUSE: Duration = Duration::from_millis(50);

/// What a pull answers.
#[derive(Deserialize)]
struct Pulled {
    events: Vec<Given>,
    lease: Option<String>,
}

/// One message: its place, its stream, and the CloudEvent.
#[derive(Deserialize)]
struct Given {
    position: u64,
    #[serde(default)]
    stream: Option<String>,
    event: Box<RawValue>,
}

/// Pulls for as long as the shop is open.
pub(super) async fn pull<C: BoundedContext>(
    http: reqwest::Client,
    hatch: String,
    service: Arc<Service<C>>,
) {
    loop {
        if round(&http, &hatch, &service).await.is_none() {
            sleep(PAUSE).await;
        }
    }
}

/// One question, and everything that came of it; `None` where there was no answer, or not all could be acted on yet.
async fn round<C: BoundedContext>(
    http: &reqwest::Client,
    hatch: &str,
    service: &Service<C>,
) -> Option<()> {
    let question = json!({"max_events": 20, "wait_ms": WAIT_MS});
    let Pulled { events, lease } = ask(http, &format!("{hatch}/pull"), &question).await?;
    let lease = lease?;
    let (mut done, mut all) = (Vec::new(), true);
    for given in events {
        let acted = match unpacked(&given) {
            Some((headers, body)) => service.take(&headers, body),
            None => Ok(()),
        };
        match acted {
            Err(declined) if declined.is_too_early() => all = false,
            // What was turned down for good was said, and need not come again.
            _ => done.push(given.position),
        }
    }
    let ack = json!({"lease": lease, "positions": done, "release": true});
    let _: Value = ask(http, &format!("{hatch}/ack"), &ack).await?;
    all.then_some(())
}

async fn ask<T: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    url: &str,
    question: &Value,
) -> Option<T> {
    let answer = http.post(url).body(question.to_string()).send().await.ok()?;
    serde_json::from_slice(&answer.bytes().await.ok()?).ok()
}

/// A CloudEvent of the JSON format as one in binary mode, which is what the shop reads.
fn unpacked(given: &Given) -> Option<(HeaderMap, Bytes)> {
    let event: Map<String, Value> = serde_json::from_str(given.event.get()).ok()?;
    let mut headers = HeaderMap::new();
    let mut body = Bytes::new();
    for (name, value) in event {
        if name == "data" {
            body = value.to_string().into();
            continue;
        }
        let name =
            if name == "datacontenttype" { "content-type".into() } else { format!("ce-{name}") };
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(text).ok()?);
    }
    if let Some(stream) = &given.stream {
        headers.insert("stele-stream", HeaderValue::try_from(stream).ok()?);
    }
    Some((headers, body))
}
