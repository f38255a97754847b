//! Running a plan on an event: its actions in order, then the validation of what came out.

use std::borrow::Cow;

use serde_json::Value;

use super::Inner;
use crate::{
    containment::{ContentModel, project},
    lens::{Crossing, Direction, Lens, OpError, node::Node, run_op, same},
    pointer::Pointer,
    raw::RawEvent,
    schema::{Invalid, MAX_DEPTH, Schema},
};

/// One thing a plan does to an event.
pub(super) enum Action {
    /// An operation of a lens, by its place in the lens.
    Op {
        /// The lens it belongs to.
        lens: Lens,
        /// Its place in `ops`.
        op: usize,
        /// Which way it runs.
        direction: Direction,
    },
    /// Names that this schema does not declare are deleted.
    Project(Schema),
}

/// Why an event was not translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    /// A lens met something it cannot take.
    #[error("the lens cannot carry the event")]
    Lens(#[source] OpError),
    /// What came out is no event of the target version.
    #[error("the translated event is not valid at `{}`", .0.instance_path)]
    InvalidOutput(#[source] Invalid),
    /// What came out is nested deeper than any reader of ours takes.
    #[error("the translated event is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

/// An event that crossed as text, and what was lost on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCrossing<'e> {
    /// The event as the other version writes it; the very text that came in where nothing is done to it.
    pub event: Cow<'e, str>,
    /// What is gone for good, as places in the event that came in. Only what really was there is listed.
    pub losses: Vec<Pointer>,
}

pub(super) fn translate(plan: &Inner, event: &Value) -> Result<Crossing, TranslateError> {
    let mut node = Node::Held(event);
    let losses = act(plan, &mut node)?;
    if node.height(0) > MAX_DEPTH {
        return Err(TranslateError::TooDeep);
    }
    let event = node.into_value();
    validate(plan, &event)?;
    Ok(Crossing { event, losses })
}

pub(super) fn translate_raw<'e>(
    plan: &Inner,
    event: &'e RawEvent<'e>,
) -> Result<RawCrossing<'e>, TranslateError> {
    let mut node = Node::Read(event.root());
    let losses = act(plan, &mut node)?;
    validate(plan, &node.view().to_value())?;
    let out = node.write(event.text());
    // What was read is not looked into again unless it could be too deep where it stands now.
    if node.height(event.depth()) > MAX_DEPTH && RawEvent::of(&out).is_err() {
        return Err(TranslateError::TooDeep);
    }
    Ok(RawCrossing { event: Cow::Owned(out), losses })
}

/// Runs the actions in order; answers what was lost.
fn act<'n>(plan: &'n Inner, node: &mut Node<'n>) -> Result<Vec<Pointer>, TranslateError> {
    let mut losses = Vec::new();
    for (index, action) in plan.actions.iter().enumerate() {
        let mut lost = Vec::new();
        match action {
            Action::Op { lens, op, direction } => {
                run_op(*op, lens.op(*op), *direction, node, &mut lost)
                    .map_err(TranslateError::Lens)?;
            }
            Action::Project(schema) => {
                let projected;
                (projected, lost) = project_with_losses(schema, &node.view().to_value());
                *node = projected.into();
            }
        }
        losses.extend(lost.into_iter().map(|pointer| origin(&plan.actions[..index], pointer)));
    }
    losses.sort();
    losses.dedup();
    Ok(losses)
}

fn validate(plan: &Inner, event: &Value) -> Result<(), TranslateError> {
    let read = match plan.model {
        ContentModel::Strict => plan.target.validate(event),
        ContentModel::Event => plan.target.validate(&project(&plan.target, event)),
    };
    read.map_err(TranslateError::InvalidOutput)
}

/// Where a value that is at `pointer` after these actions was in the event that came in.
fn origin(before: &[Action], pointer: Pointer) -> Pointer {
    before.iter().rev().fold(pointer, |pointer, action| match action {
        Action::Op { lens, op, direction } => lens.op(*op).origin(*direction, pointer),
        Action::Project(_) => pointer,
    })
}

/// The event without the names that `schema` does not declare, and where they were.
pub fn project_with_losses(schema: &Schema, event: &Value) -> (Value, Vec<Pointer>) {
    let projected = project(schema, event);
    let mut losses = Vec::new();
    removed(event, &projected, &Pointer::root(), &mut losses);
    (projected, losses)
}

fn removed(whole: &Value, kept: &Value, here: &Pointer, losses: &mut Vec<Pointer>) {
    match (whole, kept) {
        (Value::Object(whole), Value::Object(kept)) => {
            for (name, value) in whole {
                let at = here.child(name.clone());
                match kept.get(name) {
                    None => losses.push(at),
                    Some(kept) => removed(value, kept, &at, losses),
                }
            }
        }
        (Value::Array(whole), Value::Array(kept)) if whole.len() == kept.len() => {
            for (index, (whole, kept)) in whole.iter().zip(kept).enumerate() {
                removed(whole, kept, &here.child(index.to_string()), losses);
            }
        }
        (whole, kept) if same(whole, kept) => {}
        _ => losses.push(here.clone()),
    }
}
