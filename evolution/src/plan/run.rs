//! Running a plan on an event: its actions in order, then the validation of what came out.

use serde_json::Value;

use super::Inner;
use crate::{
    containment::{ContentModel, project},
    lens::{Crossing, Direction, Lens, OpError, run_op, same},
    pointer::Pointer,
    schema::{Invalid, Schema},
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
}

pub(super) fn translate(plan: &Inner, event: &Value) -> Result<Crossing, TranslateError> {
    let mut event = event.clone();
    let mut losses = Vec::new();
    for (index, action) in plan.actions.iter().enumerate() {
        let mut lost = Vec::new();
        match action {
            Action::Op { lens, op, direction } => {
                run_op(*op, lens.op(*op), *direction, &mut event, &mut lost)
                    .map_err(TranslateError::Lens)?;
            }
            Action::Project(schema) => (event, lost) = project_with_losses(schema, &event),
        }
        losses.extend(lost.into_iter().map(|pointer| origin(&plan.actions[..index], pointer)));
    }
    losses.sort();
    losses.dedup();
    let read = match plan.model {
        ContentModel::Strict => plan.target.validate(&event),
        ContentModel::Event => plan.target.validate(&project(&plan.target, &event)),
    };
    read.map_err(TranslateError::InvalidOutput)?;
    Ok(Crossing { event, losses })
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
