//! `/v1/export`, `/v1/import` and `/v1/backup`: the whole log, out and in.

use std::{
    fs::File,
    io::Read as _,
    pin::{Pin, pin},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
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
    log::{LogError, Position},
    refusal::Refusal,
    registry::Registry,
    writer::Done,
};

/// How much of a file is sent at a time.
const PIECE: usize = 256 * 1024;

/// How much of a body that is not taken is read to its end.
const DRAINED: usize = 32 * 1024 * 1024;

/// How long an answer waits that is about to break off.
const BREATH: time::Duration = time::Duration::from_millis(100);

/// How long a body that is taken in may say nothing.
const PATIENCE: time::Duration = time::Duration::from_secs(30);

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::EXPORT.route(), get(export))
        .route(path::IMPORT.route(), post(import).layer(DefaultBodyLimit::disable()))
        .route(path::BACKUP.route(), get(backup))
}

/// Lines of JSON: first how many events follow, then each, then that this was all. Where the log cannot be read to its
/// end, the last line says so, and the answer breaks off.
async fn export(State(registry): State<Registry>) -> Answer {
    let end = registry.feed().position();
    let head =
        archive::head(end).map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let start = Exporting::Lines(registry, Position::START);
    let rest = stream::try_unfold(start, move |state| async move {
        match state {
            Exporting::Lines(registry, after) => match lines(&registry, after, end).await {
                Ok(None) => Ok(None),
                Ok(Some((lines, after))) => {
                    Ok(Some((Bytes::from(lines), Exporting::Lines(registry, after))))
                }
                Err(failure) => {
                    let error = &failure as &dyn std::error::Error;
                    tracing::error!(error, "an export breaks off");
                    let line = archive::failed(Problem::from(failure.clone()).detail.clone());
                    let line = line.map_err(|_| failure.clone())?;
                    Ok(Some((Bytes::from(line), Exporting::Failed(failure))))
                }
            },
            Exporting::Failed(failure) => {
                // What was written is on its way before the connection ends.
                time::sleep(BREATH).await;
                Err(failure)
            }
        }
    });
    let head = stream::iter([Ok(Bytes::from(head))]);
    let mut response = Response::new(Body::from_stream(head.chain(rest)));
    let media_type = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

/// How far an export has come.
enum Exporting {
    /// To a place; past the end once the last line was written.
    Lines(Registry, Position),
    /// To where the log cannot be read.
    Failed(Failure),
}

/// The lines after a place, and the place they lead to; nothing once all were written.
async fn lines(
    registry: &Registry,
    after: Position,
    end: Position,
) -> Result<Option<(String, Position)>, Failure> {
    if after > end {
        return Ok(None);
    }
    let unwritten = |error: serde_json::Error| {
        let kind = "the end of an export".to_owned();
        Failure::Log(LogError::Event { sequence: end, kind, cause: error.into() }.into())
    };
    if after == end {
        // What comes after it is lost; that must not look like the end.
        return match registry.damage() {
            Some(why) => Err(Failure::Log(Arc::clone(why))),
            None => Ok(Some((archive::tail(end).map_err(unwritten)?, end.next()))),
        };
    }
    let left = usize::try_from(end.0 - after.0).unwrap_or(usize::MAX);
    let page = registry.feed().recorded(after, left.min(500)).await?;
    let last = page.last().map_or(end, |recorded| recorded.sequence);
    let lines = page.iter().map(archive::line).collect::<Result<String, _>>();
    Ok(Some((lines.map_err(|error| Failure::Log(error.into()))?, last)))
}

/// What was exported, into a registry in which nothing has happened; all of it, or nothing.
async fn import(State(registry): State<Registry>, request: Request) -> Answer {
    let mut body = pin!(request.into_body());
    let taken = taken_in(&registry, body.as_mut()).await;
    if taken.is_err() {
        // A caller that is still sending hears no answer.
        let mut drained = 0;
        while drained < DRAINED
            && let Ok(Some(piece)) = next(body.as_mut()).await
        {
            drained += piece.len();
        }
    }
    let done = taken?;
    Ok(reply::native(&serde_json::json!({"events": done.catalog.position().0})))
}

async fn taken_in(registry: &Registry, mut body: Pin<&mut Body>) -> Result<Done, Problem> {
    let known = registry.catalog();
    if known.position() != Position::START {
        return Err(Refusal::NotEmpty(known.position()).into());
    }
    let _turn = registry.archive().takes()?;
    let mut import = Import::new(&known, registry.archive().most(), Timestamp::now());
    while let Some(piece) = next(body.as_mut()).await? {
        // Every schema is read, which takes a while.
        let held = task::spawn_blocking(move || import.piece(&piece).map(|()| import));
        import = held.await.map_err(|_| Failure::Broken)??;
    }
    let log =
        task::spawn_blocking(move || import.finish()).await.map_err(|_| Failure::Broken)??;
    Ok(registry.import(log).await?)
}

/// The next piece of a body; nothing at its end.
async fn next(mut body: Pin<&mut Body>) -> Result<Option<Bytes>, Problem> {
    loop {
        let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context));
        let frame = time::timeout(PATIENCE, frame)
            .await
            .map_err(|_| Problem::new(Code::BodyTimeout, "the body says nothing for long"))?;
        let Some(frame) = frame else { return Ok(None) };
        let frame =
            frame.map_err(|_| Problem::new(Code::BodyInvalid, "the body ends before its end"))?;
        if let Ok(piece) = frame.into_data() {
            return Ok(Some(piece));
        }
    }
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
        let detail = error.to_string();
        match error {
            ImportError::Head | ImportError::Line { .. } => {
                Problem::new(Code::ImportInvalid, detail).hint(
                    "nothing was taken in: send what `GET /v1/export` answered, unchanged, from its first line to its last",
                )
            }
            ImportError::Incomplete { .. } => Problem::new(Code::ImportIncomplete, detail).hint(
                "the export was cut off: nothing was taken in; export again, and look whether that ends without an error",
            ),
            ImportError::Long(_) => Problem::new(Code::BodyTooLarge, detail),
            ImportError::Large(_) => Problem::new(Code::BodyTooLarge, detail)
                .hint("start the registry with a greater --max-import"),
        }
    }
}
