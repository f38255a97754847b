//! The least that could pass for a registry: axum with two handlers and nothing around them.
//!
//! One answers the same bytes every time. The other parses, compiles the schema with `jsonschema`, and answers once a row
//! like the registry's own is on disk, with as many others in one transaction as wait.

use std::{net::SocketAddr, path::Path, thread};

use axum::{
    Router,
    body::Bytes,
    extract::{Path as Place, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use super::Trouble;

/// The most rows of one transaction, as in the registry.
const BATCH: usize = 512;

type Row = (String, oneshot::Sender<i64>);

#[derive(Clone)]
struct Bare {
    kept: Bytes,
    rows: mpsc::Sender<Row>,
}

/// Serves, and answers `kept` for every id.
pub async fn serve(path: &Path, kept: Vec<u8>) -> Result<SocketAddr, Trouble> {
    let rows = writer(path)?;
    let router = Router::new()
        .route("/schemas/ids/{id}", get(by_id))
        .route("/subjects/{subject}/versions", post(register))
        .with_state(Bare { kept: kept.into(), rows });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // Without it the figure is that of a timer.
        drop(stream.set_nodelay(true));
    });
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(address)
}

async fn by_id(State(bare): State<Bare>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bare.kept).into_response()
}

async fn register(
    State(bare): State<Bare>,
    Place(subject): Place<String>,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let body: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let text = body["schema"].as_str().ok_or(StatusCode::BAD_REQUEST)?;
    let schema: Value = serde_json::from_str(text).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    jsonschema::validator_for(&schema).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let row = json!({"subject": subject, "version": 1, "release": "1.0.0", "id": 1,
        "fingerprint": "0".repeat(64), "schemaType": "JSON", "schema": schema, "addition": false, "forced": false});
    let (answer, answered) = oneshot::channel();
    let gone = |_| StatusCode::SERVICE_UNAVAILABLE;
    bare.rows.send((row.to_string(), answer)).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let id = answered.await.map_err(gone)?;
    let shown =
        json!({"subject": subject, "version": 1, "id": id, "schemaType": "JSON", "schema": text});
    Ok(([(header::CONTENT_TYPE, "application/json")], shown.to_string()).into_response())
}

/// The thread that writes; it ends when nobody is left to send rows.
fn writer(path: &Path) -> Result<mpsc::Sender<Row>, Trouble> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE log (sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, who TEXT NOT NULL, request TEXT NOT NULL,
         kind TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL, why TEXT) STRICT",
    )?;
    let (sender, mut receiver) = mpsc::channel::<Row>(4096);
    thread::Builder::new().name("bare-writer".to_owned()).spawn(move || {
        let mut next = 1;
        while let Some(first) = receiver.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(row) = receiver.try_recv()
            {
                batch.push(row);
            }
            // Those who wait are told by the end of their channel.
            if write(&mut connection, next, &batch).is_err() {
                continue;
            }
            for (_, answer) in batch {
                // Whoever asked may be gone.
                let _ = answer.send(next);
                next += 1;
            }
        }
    })?;
    Ok(sender)
}

fn write(connection: &mut Connection, first: i64, rows: &[Row]) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction
            .prepare_cached("INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        for (sequence, (data, _)) in (first..).zip(rows) {
            let (time, request) =
                ("2026-01-01T00:00:00.000000000Z", "0f2b7d64-8b27-4a6e-9f0e-6d0f5d3f8a11");
            insert.execute(params![
                sequence,
                time,
                "anonymous",
                request,
                "schema_registered",
                2,
                data,
                None::<String>
            ])?;
        }
    }
    transaction.commit()
}
