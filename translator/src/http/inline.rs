//! Inline push: an event comes by POST, is translated, is sent on to the consumer, and the consumer's answer goes back.
//! Nothing is stored: the sender's retry is the durability. Or the translated event itself is the answer.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use reqwest::Url;

use super::{
    Sidecar,
    load::{Brought, Load},
};
use crate::{
    config::Deliver,
    delivery::{Post, judge_mode, lay_out, undelivered},
    envelope::{BATCH, Envelope, essence, is_forwarded, write_batch, write_http},
    fault::{Code, Fault},
    translate::Translation,
};

/// The largest answer of a consumer that is passed on, in bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// `POST /`: translate, send on, answer as the consumer did.
pub(super) async fn forward(
    State(sidecar): State<Arc<Sidecar>>,
    request: Request,
) -> Result<Response, Fault> {
    sidecar.forward(request, None).await
}

/// `POST /streams/{stream}`: the same, of an event that came on a stream.
pub(super) async fn forward_stream(
    State(sidecar): State<Arc<Sidecar>>,
    Path(stream): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    sidecar.forward(request, Some(&stream)).await
}

/// `POST /translate`: the translated event is the answer, in the content mode that is asked for.
pub(super) async fn reply(
    State(sidecar): State<Arc<Sidecar>>,
    request: Request,
) -> Result<Response, Fault> {
    sidecar.reply(request, None).await
}

/// `POST /translate/{stream}`: the same, of an event that came on a stream.
pub(super) async fn reply_stream(
    State(sidecar): State<Arc<Sidecar>>,
    Path(stream): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    sidecar.reply(request, Some(&stream)).await
}

impl Sidecar {
    async fn forward(&self, request: Request, stream: Option<&str>) -> Result<Response, Fault> {
        match self.load(request, stream).await.map_err(|fault| self.counted(fault))? {
            Load::One(brought) => {
                let translation = self.translate(brought.envelope()).await?;
                self.deliver(translation).await
            }
            Load::Batch(events, _room) => {
                self.deliver_all(self.translate_all(&events).await?).await
            }
        }
    }

    async fn reply(&self, request: Request, stream: Option<&str>) -> Result<Response, Fault> {
        let wanted = wanted(request.headers());
        match self.load(request, stream).await.map_err(|fault| self.counted(fault))? {
            Load::One(brought) => {
                let envelope = self.translate(brought.envelope()).await?.envelope;
                let (headers, body) = write_http(&lay_out(envelope, wanted))?;
                Ok((headers, body).into_response())
            }
            Load::Batch(events, _room) => {
                let translations = self.translate_all(&events).await?;
                let events = translations.iter().map(|translation| &translation.envelope);
                Ok(([(header::CONTENT_TYPE, BATCH)], write_batch(events)).into_response())
            }
        }
    }

    async fn translate(&self, read: Result<Envelope, Fault>) -> Result<Translation, Fault> {
        let envelope = read.map_err(|fault| self.counted(fault))?;
        self.plans.translate(&envelope).await
    }

    /// All or none: a fault of one is the answer for the batch, and says which.
    async fn translate_all(&self, brought: &[Brought]) -> Result<Vec<Translation>, Fault> {
        let mut translations = Vec::with_capacity(brought.len());
        for (index, one) in brought.iter().enumerate() {
            let translated = self.translate(one.envelope()).await;
            translations.push(translated.map_err(|fault| {
                let detail = format!("event {index} of the batch: {}", fault.detail);
                Fault { detail, ..fault }
            })?);
        }
        Ok(translations)
    }

    /// Sends a translated event to its consumer; the consumer's answer.
    async fn deliver(&self, translation: Translation) -> Result<Response, Fault> {
        let Translation { route, from, to, envelope } = translation;
        let place = |fault: Fault| self.counted(fault.of(&route.subject).between(from, to));
        let url = route.consumer.as_ref().ok_or_else(no_consumer).map_err(place)?;
        let envelope = lay_out(envelope, self.deliver);
        let answer = self.post(url).one(&envelope).await.map_err(place)?;
        self.pass_on(answer).await.map_err(place)
    }

    /// Sends the events of a batch on: as a batch where the consumer takes that, else one by one until one is not taken.
    async fn deliver_all(&self, translations: Vec<Translation>) -> Result<Response, Fault> {
        let url =
            |translation: &Translation| translation.route.consumer.clone().ok_or_else(no_consumer);
        if let (Deliver::Batch(_), Some(first)) = (self.deliver, translations.first()) {
            let first = url(first)?;
            let all_same =
                translations.iter().all(|other| other.route.consumer.as_ref() == Some(&first));
            if all_same {
                let envelopes: Vec<Envelope> = translations
                    .into_iter()
                    .map(|translation| lay_out(translation.envelope, self.deliver))
                    .collect();
                return self.pass_on(self.post(&first).batch(&envelopes).await?).await;
            }
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        for translation in translations {
            response = self.deliver(translation).await?;
            if !response.status().is_success() {
                break;
            }
        }
        Ok(response)
    }

    fn post<'c>(&'c self, url: &'c Url) -> Post<'c> {
        Post { http: &self.http, url, timeout: self.limits.consumer_timeout }
    }

    /// The consumer's answer as the sender gets it.
    async fn pass_on(&self, answer: reqwest::Response) -> Result<Response, Fault> {
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            let kept =
                |name: &HeaderName| *name == header::CONTENT_TYPE || is_forwarded(name.as_str());
            headers.extend(
                answer
                    .headers()
                    .iter()
                    .filter(|(name, _)| kept(name))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        let body = whole(answer).await?;
        response.body(Body::from(body)).map_err(|_| {
            Fault::new(Code::ConsumerUnreachable, "the consumer's answer cannot be passed on")
        })
    }
}

/// The body of a consumer's answer, as far as anybody would want to see it.
async fn whole(mut answer: reqwest::Response) -> Result<Bytes, Fault> {
    let mut body = BytesMut::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| undelivered(&error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_ANSWER {
            let detail = format!("the consumer's answer is larger than {MAX_ANSWER} bytes");
            return Err(Fault::new(Code::ConsumerUnreachable, detail));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn no_consumer() -> Fault {
    Fault::new(Code::NoConsumer, "the subject has no consumer configured")
}

/// The content mode that an `Accept` asks for; what it does not name leaves as it came.
fn wanted(headers: &HeaderMap) -> Deliver {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let mut kinds = accepted.unwrap_or_default().split(',').map(essence);
    kinds.find_map(|kind| judge_mode(&kind)).unwrap_or_default()
}
