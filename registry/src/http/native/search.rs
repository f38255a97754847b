//! `/v1/search`: subjects by the words that people remember of them.

use axum::{Router, extract::State, routing::get};
use stele_api::{
    path::native as path,
    problem::{Code, Problem},
};

use super::{Answer, required};
use crate::{
    http::{gate::Asker, query::Params, reply},
    registry::Registry,
    search::Words,
};

/// The most hits in one answer.
const MOST: usize = 200;

/// The most hits where nobody says how many.
const USUAL: usize = 50;

pub(super) fn routes() -> Router<Registry> {
    Router::new().route(path::SEARCH.route(), get(search))
}

async fn search(
    State(registry): State<Registry>,
    Asker(principal): Asker,
    params: Params,
) -> Answer {
    let text = required(&params, "q")?;
    let words =
        Words::read(text).map_err(|error| Problem::new(Code::QueryInvalid, error.to_string()))?;
    let offset = params.read::<usize>("offset")?.unwrap_or(0);
    let limit = params.read::<usize>("limit")?.unwrap_or(USUAL).clamp(1, MOST);
    let (catalog, index) = (registry.catalog(), registry.index().clone());
    let found = registry
        .judges()
        .run(move |_| {
            let streams = catalog.streams().filter(|stream| principal.sees(stream.subject()));
            index.find(streams, &words, offset, limit)
        })
        .await?;
    Ok(reply::native(&found))
}
