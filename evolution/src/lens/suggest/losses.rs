//! The losses a proposed lens has, found by running it.

use serde_json::{Value, json};

use crate::{
    containment::ContentModel,
    lens::{Direction, Lens, check::Way, sample},
    pointer::Pointer,
    schema::Schema,
};

/// How many events of each version are tried.
const TRIED: usize = 200;

/// What `accept_loss` has to list for the lens, if anything.
pub(super) fn accepted(
    document: &Value,
    older: &Schema,
    newer: &Schema,
    model: ContentModel,
) -> Option<Value> {
    let lens = Lens::from_value(document).ok()?;
    let up = Way { lens: &lens, direction: Direction::Up, source: older, target: newer, model };
    let down = Way { lens: &lens, direction: Direction::Down, source: newer, target: older, model };
    let (up, down) = (lost(&up), lost(&down));
    match (up.is_empty(), down.is_empty()) {
        (true, true) => None,
        (false, true) => Some(json!({"up": up})),
        (true, false) => Some(json!({"down": down})),
        (false, false) => Some(json!({"up": up, "down": down})),
    }
}

fn lost(way: &Way<'_>) -> Vec<Pointer> {
    let mut lost: Vec<Pointer> = Vec::new();
    for event in sample::events(way.source, way.model).iter().take(TRIED) {
        for place in way.lost(event).iter().map(Way::every) {
            if !lost.iter().any(|known| known.contains(&place)) {
                lost.retain(|known| !place.contains(known));
                lost.push(place);
            }
        }
    }
    lost.sort();
    lost
}
