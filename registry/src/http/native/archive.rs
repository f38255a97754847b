//! `/v1/export`, `/v1/import` and `/v1/backup`: the whole log, out and in.

use std::{fs::File, io::Read as _, pin::pin};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::stream;
use stele_api::{
    path::native as path,
    problem::{Code, Problem},
};
use tokio::{task, time};

use super::Answer;
use crate::{
    archive::{self, Import, ImportError},
    failure::Failure,
    http::reply,
    log::Position,
    registry::Registry,
};

/// The longest line taken.
const LINE: usize = 16 * 1024 * 1024;

/// How much of a file is sent at a time.
const PIECE: usize = 256 * 1024;

/// How long a body that is taken in may say nothing.
const PATIENCE: time::Duration = time::Duration::from_secs(30);

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::EXPORT.route(), get(export))
        .route(path::IMPORT.route(), post(import).layer(DefaultBodyLimit::disable()))
        .route(path::BACKUP.route(), get(backup))
}

/// Lines of JSON: first how many events follow, then each.
async fn export(State(registry): State<Registry>) -> Answer {
    let end = registry.feed().position();
    let head =
        archive::head(end).map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let start = (registry, Position::START, Some(head));
    let lines = stream::try_unfold(start, move |(registry, after, head)| async move {
        if let Some(head) = head {
            return Ok(Some((Bytes::from(head), (registry, after, None))));
        }
        let left = usize::try_from(end.0 - after.0).unwrap_or(usize::MAX);
        let page = registry.feed().recorded(after, left.min(500)).await?;
        let Some(last) = page.last() else { return Ok(None) };
        let after = last.sequence;
        let lines = page.iter().map(archive::line).collect::<Result<String, _>>();
        let lines = lines.map_err(|error| Failure::Log(error.into()))?;
        Ok::<_, Failure>(Some((Bytes::from(lines), (registry, after, None))))
    });
    let mut response = Response::new(Body::from_stream(lines));
    let media_type = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

/// What was exported, into a registry in which nothing has happened; all of it, or nothing.
async fn import(State(registry): State<Registry>, request: Request) -> Answer {
    let mut body = pin!(request.into_body());
    let (mut import, mut rest) = (Import::default(), Vec::new());
    loop {
        let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context));
        let frame = time::timeout(PATIENCE, frame)
            .await
            .map_err(|_| Problem::new(Code::BodyTimeout, "the body says nothing for long"))?;
        let Some(frame) = frame else { break };
        let frame =
            frame.map_err(|_| Problem::new(Code::BodyInvalid, "the body ends before its end"))?;
        let Ok(piece) = frame.into_data() else { continue };
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            rest.extend_from_slice(part);
            if rest.len() > LINE {
                return Err(Problem::new(Code::BodyTooLarge, "a line is too long").into());
            }
            if part.ends_with(b"\n") {
                import.line(&rest)?;
                rest.clear();
            }
        }
    }
    import.line(&rest)?;
    let events = import.finish()?;
    let done = registry.import(events).await?;
    Ok(reply::native(&serde_json::json!({"events": done.catalog.position().0})))
}

/// The file of the log, as it is at one moment.
async fn backup(State(registry): State<Registry>) -> Answer {
    let file = registry.archive().backup().await?;
    let length = file.metadata().map(|file| file.len()).unwrap_or_default();
    let pieces = stream::try_unfold(file, |file| async move {
        task::spawn_blocking(move || piece(file)).await.map_err(std::io::Error::other)?
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.sqlite3")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"stele.db\""),
        ),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn piece(mut file: File) -> Result<Option<(Bytes, File)>, std::io::Error> {
    let mut piece = vec![0; PIECE];
    let length = file.read(&mut piece)?;
    piece.truncate(length);
    Ok((length > 0).then(|| (Bytes::from(piece), file)))
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        Problem::new(Code::BodyInvalid, error.to_string())
            .hint("send what `GET /v1/export` answered, from its first line to its last")
    }
}
