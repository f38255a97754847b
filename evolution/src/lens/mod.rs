//! A lens says how an event of one version becomes one of the adjacent version, and back (spec lenses).
//!
//! `document` reads what people write; `op` holds the operations, one file each; `shape` carries a schema through
//! them, `sample` makes events of a schema, and [`check()`] puts the three together before a lens is taken.

mod assurance;
mod check;
mod document;
mod example;
mod expression;
mod fields;
mod flow;
mod hint;
mod image;
pub(crate) mod node;
mod number;
mod op;
mod place;
mod sample;
mod shape;
mod suggest;
mod walk;
mod yaml;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::number::same;
/// Events valid under a schema that a producer may emit in the sense of a content model: boundaries, every listed value,
/// every optional member on and off, every branch. Deterministic, and a few hundred at most.
pub use self::sample::events as samples;
pub use self::{
    assurance::{Assurance, Rejection},
    check::check,
    document::{LensError, Misplaced},
    example::Tried,
    suggest::{Guess, Open, Suggestion, skeleton, suggest},
    walk::{Change, Effect, Walk},
};
use self::{document::Document, node::Node, op::Scene};
pub(crate) use self::{image::image, op::Op};
use crate::{pointer::Pointer, version::Version};

/// Which way an event crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the older version to the newer.
    Up,
    /// From the newer version to the older.
    Down,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        }
    }
}

/// One document, both directions. Cheap to clone; never changes.
///
/// ```
/// use serde_json::json;
/// use stele_evolution::lens::Lens;
///
/// let lens = Lens::parse(
///     "{lens: 1, subject: OrderPlaced, from: 1, to: 2, ops: [rename: {from: /orderId, to: /id}]}",
/// )?;
///
/// assert_eq!(lens.up(&json!({"orderId": "7"}))?.event, json!({"id": "7"}));
/// assert_eq!(lens.down(&json!({"id": "7"}))?.event, json!({"orderId": "7"}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Lens(Arc<Document>);

/// What an edge does to events, at worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeClass {
    /// Every event comes back as it was, whichever way it went first.
    Iso,
    /// Something may be lost on the way up.
    LossyUp,
    /// Something may be lost on the way down.
    LossyDown,
    /// Something may be lost either way.
    Lossy,
    /// There is no way down.
    OneWay,
}

/// An event that crossed, and what was lost on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    /// The event as the other version writes it.
    pub event: Value,
    /// What is gone for good, as places in the event that came in. Only what really was there is listed.
    pub losses: Vec<Pointer>,
}

/// Why an event could not cross: one operation met something it cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("op {op} `{name}` at `{pointer}`: {message}")]
pub struct OpError {
    /// The operation's place in `ops`, from 0.
    pub op: usize,
    /// The operation's name, such as `rename`.
    pub name: &'static str,
    /// The place in the event, as the operation saw it.
    pub pointer: Pointer,
    /// What is wrong there.
    pub message: String,
}

impl Lens {
    /// Reads a lens from YAML or JSON; what it does not know is refused, never ignored.
    pub fn parse(text: &str) -> Result<Lens, LensError> {
        document::parse(text).map(|document| Lens(Arc::new(document)))
    }

    /// Reads a lens from its document as a JSON value.
    pub fn from_value(document: &Value) -> Result<Lens, LensError> {
        document::read(document).map(|document| Lens(Arc::new(document)))
    }

    /// The document as a JSON value; [`Lens::from_value`] takes it back.
    pub fn to_value(&self) -> Value {
        self.0.value.clone()
    }

    /// The subject whose events it carries.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The older version.
    pub fn from(&self) -> Version {
        self.0.from
    }

    /// The newer version, which owns the lens.
    pub fn to(&self) -> Version {
        self.0.to
    }

    /// The losses the author accepts in this direction, `*` standing for every item of a list.
    pub fn accepted(&self, direction: Direction) -> &[Pointer] {
        match direction {
            Direction::Up => &self.0.accept_up,
            Direction::Down => &self.0.accept_down,
        }
    }

    /// Whether its author declares that there is no way down.
    pub fn is_one_way(&self) -> bool {
        self.0.one_way
    }

    /// What it does to events, at worst.
    pub fn class(&self) -> EdgeClass {
        match (self.is_one_way(), self.0.accept_up.is_empty(), self.0.accept_down.is_empty()) {
            (true, ..) => EdgeClass::OneWay,
            (false, true, true) => EdgeClass::Iso,
            (false, false, true) => EdgeClass::LossyUp,
            (false, true, false) => EdgeClass::LossyDown,
            (false, false, false) => EdgeClass::Lossy,
        }
    }

    /// The operation that does not lead in this direction, as its place in `ops` and its name; of a lens that says it
    /// has no way down although it could have one, the last.
    pub(crate) fn blocked_by(&self, direction: Direction) -> Option<(usize, &'static str)> {
        let mut steps = self.steps(direction).into_iter();
        let closed = direction == Direction::Down && self.is_one_way();
        let said = || closed.then(|| (self.0.ops.len().saturating_sub(1), self.0.ops.last()));
        steps
            .find(|(_, op)| !op.leads(direction))
            .map(|(index, op)| (index, op.name()))
            .or_else(|| said().map(|(index, op)| (index, op.map_or("one_way", Op::name))))
    }

    /// Carries an event of the older version to the newer.
    pub fn up(&self, event: &Value) -> Result<Crossing, OpError> {
        self.cross(Direction::Up, event)
    }

    /// Carries an event of the newer version to the older.
    pub fn down(&self, event: &Value) -> Result<Crossing, OpError> {
        self.cross(Direction::Down, event)
    }

    /// Carries an event in either direction.
    pub fn cross(&self, direction: Direction, event: &Value) -> Result<Crossing, OpError> {
        let (event, lost) = self.trace(direction, event)?;
        let mut losses: Vec<Pointer> = lost.into_iter().map(|(_, pointer)| pointer).collect();
        losses.sort();
        losses.dedup();
        Ok(Crossing { event, losses })
    }

    /// The first of its own examples, counted from 0, that does not come out as it says: then it is not what was checked
    /// when it was registered.
    pub fn broken_example(&self) -> Option<usize> {
        self.0.examples.iter().position(|example| {
            let crossed = self.cross(example.direction, &example.event);
            !crossed.is_ok_and(|crossed| same(&crossed.event, &example.gives))
        })
    }

    /// The same, with the operation behind every loss.
    fn trace(
        &self,
        direction: Direction,
        event: &Value,
    ) -> Result<(Value, Vec<(usize, Pointer)>), OpError> {
        self.first(direction, usize::MAX, event)
    }

    /// The same for the first `count` operations alone.
    fn first(
        &self,
        direction: Direction,
        count: usize,
        event: &Value,
    ) -> Result<(Value, Vec<(usize, Pointer)>), OpError> {
        let mut event = Node::Held(event);
        let mut losses = Vec::new();
        let mut before: Vec<&Op> = Vec::new();
        for (index, op) in self.steps(direction).into_iter().take(count) {
            let mut lost = Vec::new();
            run_op(index, op, direction, &mut event, &mut lost)?;
            for pointer in lost {
                let ops = before.iter().rev();
                losses
                    .push((index, ops.fold(pointer, |pointer, op| op.origin(direction, pointer))));
            }
            before.push(op);
        }
        Ok((event.into_value(), losses))
    }

    /// The operations in the order they run in this direction, with their places in the document.
    pub(crate) fn steps(&self, direction: Direction) -> Vec<(usize, &Op)> {
        let mut steps: Vec<_> = self.0.ops.iter().enumerate().collect();
        if direction == Direction::Down {
            steps.reverse();
        }
        steps
    }

    /// The operation at a place in the document.
    pub(crate) fn op(&self, index: usize) -> &Op {
        &self.0.ops[index]
    }

    fn document(&self) -> &Document {
        &self.0
    }
}

/// Runs one operation on an event; losses are places as the operation saw them.
pub(crate) fn run_op<'n>(
    index: usize,
    op: &'n Op,
    direction: Direction,
    event: &mut Node<'n>,
    losses: &mut Vec<Pointer>,
) -> Result<(), OpError> {
    let mut scene = Scene::new(event, losses);
    op.run(direction, &mut scene).map_err(|fault| OpError {
        op: index,
        name: op.name(),
        pointer: fault.pointer,
        message: fault.message,
    })
}

impl fmt::Debug for Lens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lens({} {} to {})", self.subject(), self.from(), self.to())
    }
}

impl PartialEq for Lens {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}

#[cfg(test)]
mod tests;
