//! A lens against the two schemas it stands between: well formed, typed, searched, lawful (spec lenses).
//!
//! Typing is tried first because its errors name an operation and a pointer. The search runs in any case, also where
//! typing proves everything: it guards the typing itself.

mod trial;

use serde_json::Value;

pub(super) use self::trial::{Way, first_difference};
use super::{Assurance, Direction, Lens, Rejection, sample, shape::Stop};
use crate::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    pointer::Pointer,
    schema::Schema,
};

/// How many events of each schema are tried whatever the budget says.
const AT_LEAST: usize = 100;

/// Checks that `lens` carries every event of `older` to `newer` and back, apart from the losses it accepts.
///
/// A refusal names the operation and the place, and shows an event wherever one was found. Without a proof the answer
/// says how many events were tried; where no event could be made at all, none were.
pub fn check(
    lens: &Lens,
    older: &Schema,
    newer: &Schema,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Result<Assurance, Box<Rejection>> {
    let up = Way { lens, direction: Direction::Up, source: older, target: newer, model };
    let down = Way { lens, direction: Direction::Down, source: newer, target: older, model };
    let ways = if lens.is_one_way() { vec![up] } else { vec![up, down] };
    let made: Vec<Vec<Value>> = ways.iter().map(|way| sample::events(way.source, model)).collect();
    let mut images = Vec::new();
    for (way, events) in ways.iter().zip(&made) {
        images.push(way.image().map_err(|(op, stop)| mistyped(way, op, stop, events))?);
    }
    if !lens.is_one_way() {
        undeclared_one_way(&ways[0], &made[0])?;
    }
    for (index, example) in lens.document().examples.iter().enumerate() {
        let way = ways.iter().find(|way| way.direction == example.direction);
        let way = way.ok_or_else(|| {
            let error = format!("example {index} goes down, and the lens says `one_way: true`");
            let finding = Rejection::found(None, &Pointer::root(), error);
            finding.with_hint("leave it out").shown(&example.event, None)
        })?;
        way.example(index, example)?;
    }
    let mut tried = 0;
    for (way, events) in ways.iter().zip(&made) {
        for (index, event) in events.iter().enumerate() {
            if index >= AT_LEAST && !budget.step() {
                break;
            }
            way.attempt(event)?;
            tried += 1;
        }
    }
    let mut proven = true;
    for (way, (image, total)) in ways.iter().zip(&images) {
        proven &= *total && proved(way, image.as_deref(), budget)?;
    }
    Ok(if proven { Assurance::Proven } else { Assurance::Tested(tried) })
}

/// Refuses a lens with an operation that has no way down, unless it says so.
fn undeclared_one_way(up: &Way<'_>, events: &[Value]) -> Result<(), Box<Rejection>> {
    let Some((index, _)) = up.lens.blocked_by(Direction::Down) else { return Ok(()) };
    let op = up.lens.op(index);
    let at = op.writes(Direction::Up).into_iter().next().unwrap_or_default();
    let error = format!("`{}` has no way down, and the lens does not say so", op.name());
    let mut finding = Rejection::found(Some(index), &at, error)
        .with_hint("give it a `down`, or declare `one_way: true`: no event will go down then");
    let shown = events.iter().find_map(|event| Some((event, up.lens.up(event).ok()?.event)));
    if let Some((event, out)) = shown {
        finding = finding.shown(event, Some(&out));
    }
    Err(finding)
}

/// Whether every event the lens can give is proved to be read by the target.
fn proved(
    way: &Way<'_>,
    images: Option<&[Schema]>,
    budget: &Budget<'_>,
) -> Result<bool, Box<Rejection>> {
    let Some(images) = images else { return Ok(false) };
    let mut all = true;
    for image in images {
        all &= is_read(way, image, budget)?;
    }
    Ok(all)
}

/// Whether every event of an image is proved to be read by the target.
fn is_read(way: &Way<'_>, image: &Schema, budget: &Budget<'_>) -> Result<bool, Box<Rejection>> {
    match contains(image, way.target, way.model, budget) {
        Verdict::Compatible(_) => Ok(true),
        Verdict::Undecided(_) => Ok(false),
        Verdict::Breaking(witness) => {
            // The image is larger than what really comes out, so only an event that really goes in counts.
            if let Ok(back) = way.lens.cross(way.back(), &witness.event)
                && sample::is_emitted(way.source, &back.event, way.model)
            {
                way.attempt(&back.event)?;
            }
            Ok(false)
        }
    }
}

/// A type error, with an event that runs into it if one of `events` does.
fn mistyped(way: &Way<'_>, op: usize, stop: Stop, events: &[Value]) -> Box<Rejection> {
    let Stop::Wrong(wrong) = stop else {
        return Rejection::found(Some(op), &Pointer::root(), "cannot be typed");
    };
    let version = match way.direction {
        Direction::Up => way.lens.from(),
        Direction::Down => way.lens.to(),
    };
    let error = format!("{} (events of version {version})", wrong.message);
    let runs_into =
        |event: &&Value| way.lens.cross(way.direction, event).is_err_and(|error| error.op == op);
    let rejection = Rejection::found(Some(op), &wrong.pointer, error).with_hint(wrong.hint);
    // Where the operation simply finds nothing to do, any event shows it.
    match events.iter().find(runs_into).or(events.first()) {
        None => rejection,
        Some(event) => {
            let out = way.lens.cross(way.direction, event).ok().map(|crossing| crossing.event);
            rejection.shown(event, out.as_ref())
        }
    }
}
