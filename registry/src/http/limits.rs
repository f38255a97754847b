//! What a request may be: how large, of which media type, under which id.

use std::{future::poll_fn, pin::pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use serde::de::DeserializeOwned;
use stele_api::{
    dialect::MEDIA_TYPES,
    problem::{Code, Problem},
};
use tokio::time;

use super::{edge::RequestId, gate::Asker};
use crate::log::Origin;

/// The largest body taken.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// The largest body read to its end only to be refused: a caller that is still sending hears no answer.
const MAX_DRAINED: usize = 32 * 1024 * 1024;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The media types of a lens as people write it.
const YAML: [&str; 4] = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];

/// The body of a request, of a media type that is taken.
pub struct Payload {
    bytes: Bytes,
    yaml: bool,
}

impl Payload {
    /// Reads it as JSON of a certain shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.yaml {
            return Err(unsupported("YAML"));
        }
        serde_json::from_slice(&self.bytes).map_err(|error| {
            Problem::new(Code::BodyInvalid, format!("the body cannot be read: {error}"))
        })
    }

    /// The text of it.
    pub fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.bytes)
            .map_err(|_| Problem::new(Code::BodyInvalid, "the body is not UTF-8"))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether it says that it is YAML.
    pub fn is_yaml(&self) -> bool {
        self.yaml
    }
}

/// Why there is no payload.
pub struct Unreadable(pub Problem);

impl IntoResponse for Unreadable {
    /// Only the status; the face gives it its shape.
    fn into_response(self) -> Response {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST).into_response()
    }
}

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Unreadable;

    async fn from_request(request: Request, _: &S) -> Result<Self, Unreadable> {
        let media_type = media_type(request.headers());
        let bytes = time::timeout(PATIENCE, read(request.into_body()));
        let bytes = bytes.await.unwrap_or_else(|_| Err(too_slow())).map_err(Unreadable)?;
        let known =
            |taken: &[&str]| media_type.as_deref().is_some_and(|found| taken.contains(&found));
        let yaml = known(&YAML);
        // What a client names that has nothing to say is `application/octet-stream`.
        let taken = media_type.is_none()
            || yaml
            || known(&MEDIA_TYPES)
            || known(&["application/octet-stream", "application/cloudevents+json"]);
        if !taken {
            return Err(Unreadable(unsupported(&media_type.unwrap_or_default())));
        }
        Ok(Payload { bytes, yaml })
    }
}

fn unsupported(media_type: &str) -> Problem {
    Problem::new(Code::MediaTypeUnsupported, format!("a body of type `{media_type}` is not taken"))
        .hint("say `Content-Type: application/json`")
}

fn too_slow() -> Problem {
    let detail = format!("the body did not come within {} s", PATIENCE.as_secs());
    Problem::new(Code::BodyTimeout, detail)
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("?");
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new(Code::BodyTooLarge, format!("the body is larger than {MAX_BODY} bytes"));
    let mut body = pin!(body);
    let mut bytes = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame =
            frame.map_err(|_| Problem::new(Code::BodyInvalid, "the body ends before its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen > MAX_DRAINED {
            return Err(too_large());
        }
        if seen <= MAX_BODY {
            bytes.extend_from_slice(&data);
        }
    }
    if seen > MAX_BODY { Err(too_large()) } else { Ok(bytes.freeze()) }
}

/// The header in which somebody says why they ask.
const WHY: HeaderName = HeaderName::from_static("stele-why");

/// The longest sentence kept, in characters.
const LONGEST_WHY: usize = 1024;

/// Why somebody asks: a sentence that stands beside what happens. In the query, or in a header.
fn why(parts: &Parts) -> Option<String> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).unwrap_or_default().0;
    let asked = query.into_iter().find(|(name, _)| name == "why").map(|(_, why)| why);
    let said = || Some(parts.headers.get(WHY)?.to_str().ok()?.to_owned());
    let text = asked.or_else(said)?;
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_WHY).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// On whose word a request acts.
pub struct Caller(pub Origin);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let id = parts.extensions.get::<RequestId>();
        // A name from outside goes into the log, and so must be short.
        let request = id.map(|id| id.as_str().chars().take(128).collect()).unwrap_or_default();
        let who =
            parts.extensions.get::<Asker>().map(|Asker(principal)| principal.name().to_owned());
        let origin = Origin { who: who.unwrap_or_default(), request, why: why(parts) };
        Ok(Caller(origin))
    }
}
