//! What a consumer's answer means, and the one way in which events are posted to it.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{Response, Url};
use tokio::time::timeout;

use crate::{
    config::Deliver,
    envelope::{BATCH, Envelope, Mode, write_batch, write_http},
    fault::{Code, Fault},
};

/// The longest that a `Retry-After` is honoured.
pub const LONGEST_REST: Duration = Duration::from_hours(1);

/// How much of an answer is read so that its connection can be used again, and for how long.
const DRAINED: usize = 64 * 1024;
const DRAINING: Duration = Duration::from_millis(200);

/// What a consumer's answer means for the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The consumer has it.
    Done,
    /// Not now.
    Later {
        /// Not before that long, if it says so.
        after: Option<Duration>,
    },
    /// Never this event.
    Never,
    /// Nothing any more, of any event.
    Gone,
    /// Not in this content mode.
    OtherMode,
}

/// Judges an answer by its status; `now` is what a `Retry-After` with a date is compared with.
pub fn judge(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Verdict {
    match status.as_u16() {
        200..=299 => Verdict::Done,
        404 | 408 | 409 | 429 | 500..=599 => Verdict::Later { after: retry_after(headers, now) },
        410 => Verdict::Gone,
        415 => Verdict::OtherMode,
        300..=499 => Verdict::Never,
        _ => Verdict::Later { after: None },
    }
}

/// `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let after = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Duration::try_from(date.duration_since(now)).unwrap_or_default()
    };
    Some(after.min(LONGEST_REST))
}

/// The same event in the layout that its consumer is to get. A plain event has only one.
pub fn lay_out(mut envelope: Envelope, deliver: Deliver) -> Envelope {
    let mode = match (envelope.mode, deliver) {
        (Mode::Plain, _) | (_, Deliver::AsReceived) => return envelope,
        (_, Deliver::Binary) => Mode::Binary,
        (_, Deliver::Structured | Deliver::Batch(_)) => Mode::Structured,
    };
    if mode == Mode::Binary && envelope.content_type.is_none() && !envelope.data.is_empty() {
        // In structured mode JSON is what is meant where nothing is said; a header has to say it.
        envelope.content_type = Some("application/json".to_owned());
    }
    envelope.mode = mode;
    envelope
}

/// The content mode that a media type asks for, if it is one that says so.
pub fn judge_mode(essence: &str) -> Option<Deliver> {
    match essence {
        "application/cloudevents+json" => Some(Deliver::Structured),
        "application/json" => Some(Deliver::Binary),
        _ => None,
    }
}

/// Where one event, or several, are posted.
pub struct Post<'c> {
    /// The client that keeps the connections.
    pub http: &'c reqwest::Client,
    /// Where to; `{stream}` in its path is the stream of the event.
    pub url: &'c Url,
    /// How long it may take.
    pub timeout: Duration,
}

impl Post<'_> {
    /// Posts one event; the consumer's answer, with its body unread.
    pub async fn one(&self, envelope: &Envelope) -> Result<Response, Fault> {
        let (headers, body) = write_http(envelope)?;
        self.send(self.address(envelope.stream.as_deref())?, headers, body).await
    }

    /// Posts several events as one batch (`CloudEvents` HTTP binding, section 3.3).
    pub async fn batch(&self, envelopes: &[Envelope]) -> Result<Response, Fault> {
        let body = write_batch(envelopes.iter());
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(BATCH));
        let stream = envelopes.first().and_then(|envelope| envelope.stream.as_deref());
        self.send(self.address(stream)?, headers, body).await
    }

    async fn send(&self, url: Url, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
        let request = self.http.post(url).headers(headers).body(body).timeout(self.timeout);
        request.send().await.map_err(|error| undelivered(&error.without_url()))
    }

    fn address(&self, stream: Option<&str>) -> Result<Url, Fault> {
        // A URL keeps braces percent-encoded in its path.
        let text = self.url.as_str();
        if !text.contains("%7Bstream%7D") && !text.contains("{stream}") {
            return Ok(self.url.clone());
        }
        let unknown = || {
            Fault::new(
                Code::NoConsumer,
                "the consumer's address needs a stream, and the event has none",
            )
        };
        let stream = stream.ok_or_else(unknown)?;
        if leads_elsewhere(stream) {
            let detail = "the name of the stream is empty, or a step to another folder, and the consumer's address is made of it";
            return Err(Fault::new(Code::AttributeInvalid, detail));
        }
        let segment =
            percent_encoding::utf8_percent_encode(stream, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
                .replace("%2E", ".")
                .replace("%2D", "-")
                .replace("%5F", "_");
        let text = text.replace("%7Bstream%7D", &segment).replace("{stream}", &segment);
        Url::parse(&text).map_err(|_| unknown())
    }
}

/// Whether the name of a stream, as a part of a path, would lead out of its place: for this client, or for whatever
/// decodes the path on the way once more.
fn leads_elsewhere(stream: &str) -> bool {
    let mut name = stream.to_owned();
    loop {
        let mut steps = name.split(['/', '\\']);
        if name.is_empty() || steps.any(|step| matches!(step, "." | "..")) {
            return true;
        }
        match percent_encoding::percent_decode_str(&name).decode_utf8_lossy().into_owned() {
            decoded if decoded == name => return false,
            decoded => name = decoded,
        }
    }
}

/// Why nothing came back.
pub fn undelivered(error: &reqwest::Error) -> Fault {
    let code = if error.is_timeout() && !error.is_connect() {
        Code::ConsumerTimeout
    } else {
        Code::ConsumerUnreachable
    };
    Fault::new(code, stele_client::chain(error))
}

/// Reads the end of an answer that nobody needs, so that its connection can be used again; one that does not come to an
/// end is left.
pub async fn drain(mut response: Response) {
    let reading = async {
        let mut seen = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            seen += chunk.len();
            if seen > DRAINED {
                return;
            }
        }
    };
    // What was asked for has come already.
    let _ = timeout(DRAINING, reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry: Option<&'static str>) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static(retry));
        }
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        judge(StatusCode::from_u16(status).unwrap(), &headers, now)
    }

    fn address(url: &str, stream: &str) -> Result<String, Code> {
        let (http, url) = (reqwest::Client::new(), url.parse().unwrap());
        let post = Post { http: &http, url: &url, timeout: Duration::ZERO };
        post.address(Some(stream)).map(|url| url.to_string()).map_err(|fault| fault.code)
    }

    #[test]
    fn the_name_of_a_stream_is_one_step_of_a_path_and_leads_nowhere_else() {
        stele_client::http(stele_client::Proxy::Never).unwrap();
        let template = "http://127.0.0.1:9/events/{stream}/in";

        let at = |stream| address(template, stream);
        assert_eq!(at("orders.v2").unwrap(), "http://127.0.0.1:9/events/orders.v2/in");
        assert_eq!(at("a/b?c#d..e").unwrap(), "http://127.0.0.1:9/events/a%2Fb%3Fc%23d..e/in");
        assert_eq!(at("100%").unwrap(), "http://127.0.0.1:9/events/100%25/in");
        for stream in [
            "",
            ".",
            "..",
            "%2e%2e",
            "%2E",
            ".%2e",
            "%252e%252E",
            "../admin",
            "a/../b",
            "..\\admin",
            "%2e%2e%2fadmin",
            "a%5c..",
        ] {
            assert_eq!(at(stream), Err(Code::AttributeInvalid), "{stream}");
        }
        assert_eq!(address("http://127.0.0.1:9/in", "..").unwrap(), "http://127.0.0.1:9/in");
    }

    #[test]
    fn every_status_has_its_meaning() {
        let later = Verdict::Later { after: None };
        for (status, verdict) in [
            (200, Verdict::Done),
            (202, Verdict::Done),
            (204, Verdict::Done),
            (301, Verdict::Never),
            (307, Verdict::Never),
            (400, Verdict::Never),
            (401, Verdict::Never),
            (403, Verdict::Never),
            (404, later.clone()),
            (408, later.clone()),
            (409, later.clone()),
            (410, Verdict::Gone),
            (415, Verdict::OtherMode),
            (422, Verdict::Never),
            (429, later.clone()),
            (500, later.clone()),
            (503, later.clone()),
            (599, later),
        ] {
            assert_eq!(judged(status, None), verdict, "{status}");
        }
    }

    #[test]
    fn a_consumer_says_when_to_come_again() {
        let after = |text| match judged(503, Some(text)) {
            Verdict::Later { after } => after.map(|after| after.as_secs()),
            other => panic!("{other:?}"),
        };

        assert_eq!(after("7"), Some(7));
        assert_eq!(after("Tue, 24 Nov 2026 10:00:30 GMT"), Some(30));
        assert_eq!(after("Tue, 24 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(after("999999999"), Some(3600));
        assert_eq!(after("soon"), None);
    }
}
