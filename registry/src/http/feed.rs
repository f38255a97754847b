//! `/v1/changes`: what happened after a place, now or within a while.

use std::time::Duration;

use axum::{extract::State, response::Response};

use super::{errors::NativeError, query::Params, reply};
use crate::{feed::PAGE, log::Position, registry::Registry};

/// The longest a request waits, in seconds.
const LONGEST: u64 = 60;

/// Answers at once where something happened after `after`, else waits `wait` seconds for it.
pub async fn changes(
    State(registry): State<Registry>,
    params: Params,
) -> Result<Response, NativeError> {
    let after = Position(params.read("after")?.unwrap_or(0));
    let wait = params.read::<u64>("wait")?.unwrap_or(0).min(LONGEST);
    let limit = params.read::<usize>("limit")?.unwrap_or(PAGE).clamp(1, PAGE);
    let changes = registry.feed().after(after, limit, Duration::from_secs(wait)).await?;
    Ok(reply::native(&changes))
}
