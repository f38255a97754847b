//! Load: connections that ask one thing after the other, as fast as they are answered or at a pace.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{Trouble, count, wire, wire::Wire};

/// What a connection asks, by its number and that of the request.
pub type Asks = Arc<dyn Fn(usize, usize) -> Vec<u8> + Send + Sync>;

/// Requests answered in a second, with so many connections that each ask again as soon as they are answered.
pub async fn rate(
    address: SocketAddr,
    connections: usize,
    round: usize,
    asks: &Asks,
    time: Duration,
) -> Result<f64, Trouble> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let asks = Arc::clone(asks);
        tasks.spawn(async move {
            let mut wire = Wire::open(address).await?;
            let mut answered = 0;
            while start.elapsed() < time {
                // No round asks what another has asked.
                wire.ask(&asks(number, round * 1_000_000 + answered)).await?;
                answered += 1;
            }
            Ok::<_, Trouble>(answered)
        });
    }
    let mut answered = 0;
    while let Some(one) = tasks.join_next().await {
        answered += one??;
    }
    Ok(count(answered) / start.elapsed().as_secs_f64())
}

/// The time that all but one in a hundred answers keep within, where each connection asks once in every `pause`.
pub async fn tail(
    address: SocketAddr,
    connections: usize,
    pause: Duration,
    asks: &Asks,
    time: Duration,
) -> Result<Duration, Trouble> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let asks = Arc::clone(asks);
        tasks.spawn(async move {
            let mut wire = Wire::open(address).await?;
            let mut times = Vec::new();
            let mut due = start + pause.mul_f64(count(number) / count(connections));
            while start.elapsed() < time {
                sleep_until(due).await;
                let asked = Instant::now();
                wire.ask(&asks(number, times.len())).await?;
                times.push(asked.elapsed());
                due = (due + pause).max(asked);
            }
            Ok::<_, Trouble>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(one) = tasks.join_next().await {
        times.extend(one??);
    }
    times.sort();
    Ok(times.get(times.len() * 99 / 100).copied().unwrap_or_default())
}

/// Registers a schema of one KB, and gives what is answered for it by its id.
pub async fn register_one(address: SocketAddr) -> Result<Vec<u8>, Trouble> {
    let mut wire = Wire::open(address).await?;
    let schema = json!({"type": "object", "title": "x".repeat(850)}).to_string();
    let body = json!({"schemaType": "JSON", "schema": schema}).to_string();
    wire.ask(&wire::post("/subjects/kept/versions", &body)).await?;
    Ok(wire.ask(&wire::get("/schemas/ids/1")).await?.to_vec())
}

/// The registration of a small schema that no other subject has.
pub fn registration(title: &str) -> String {
    let schema = json!({
        "type": "object",
        "title": title,
        "required": ["orderId"],
        "properties": {
            "orderId": {"type": "string", "minLength": 1},
            "total": {"type": "string"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        },
    });
    json!({"schemaType": "JSON", "schema": schema.to_string()}).to_string()
}
