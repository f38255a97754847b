//! Running a plan on an event: its actions in order, then the validation of what came out.

use std::borrow::Cow;

use serde_json::Value;

use super::{Class, Inner};
use crate::{
    lens::{
        Assurance, Crossing, OpError,
        node::{Node, View},
    },
    pointer::Pointer,
    raw::RawEvent,
    schema::{Invalid, MAX_DEPTH, TextError},
};

/// What is known of an event before it crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Nothing, or not enough.
    Unknown,
    /// It is valid in the version it comes from, and carries no undeclared name: a producer can have emitted it, and
    /// what is proven of a plan holds for it. [`Plan::admit`](super::Plan::admit) finds out; whoever says so without
    /// having validated vouches for it.
    Emitted,
}

/// Why an event was not translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    /// It is no event that can be read.
    #[error("the event cannot be read")]
    Unreadable(#[source] TextError),
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
    if node.height(MAX_DEPTH) > MAX_DEPTH {
        return Err(TranslateError::TooDeep);
    }
    plan.target.validate(node.view(), plan.model).map_err(TranslateError::InvalidOutput)?;
    Ok(Crossing { event: node.into_value(), losses })
}

pub(super) fn translate_raw<'e>(
    plan: &Inner,
    event: &'e RawEvent<'e>,
    input: Input,
) -> Result<RawCrossing<'e>, TranslateError> {
    if passes(plan, input) {
        return Ok(RawCrossing { event: event.text().into(), losses: Vec::new() });
    }
    let (out, losses) = carry(plan, event, input)?;
    Ok(RawCrossing { event: out.map_or(event.text().into(), Cow::Owned), losses })
}

pub(super) fn translate_bytes<'e>(
    plan: &Inner,
    bytes: &'e [u8],
    input: Input,
) -> Result<RawCrossing<'e>, TranslateError> {
    if passes(plan, input)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok(RawCrossing { event: text.into(), losses: Vec::new() });
    }
    let event = RawEvent::read(bytes).map_err(TranslateError::Unreadable)?;
    let (out, losses) = carry(plan, &event, input)?;
    Ok(RawCrossing { event: out.map_or(event.text().into(), Cow::Owned), losses })
}

pub(super) fn admit(plan: &Inner, event: &RawEvent<'_>) -> Result<Input, Invalid> {
    plan.source.validate(View::Read(event.root()), plan.model)
}

/// Whether an event goes on without a look.
fn passes(plan: &Inner, input: Input) -> bool {
    plan.class == Class::Pass && input == Input::Emitted
}

/// Carries an event, and validates what comes out as far as that is not known already; `None` if nothing was done to it.
fn carry(
    plan: &Inner,
    event: &RawEvent<'_>,
    input: Input,
) -> Result<(Option<String>, Vec<Pointer>), TranslateError> {
    let mut node = Node::Read(event.root());
    let losses = act(plan, &mut node)?;
    let known = plan.assurance == Assurance::Proven && input == Input::Emitted;
    if !known {
        plan.target.validate(node.view(), plan.model).map_err(TranslateError::InvalidOutput)?;
    }
    if matches!(node, Node::Read(_)) {
        return Ok((None, losses));
    }
    let (out, deepest) = node.write(event.text(), event.depth());
    // What was read is not looked into again unless it could be too deep where it stands now.
    if deepest > MAX_DEPTH && RawEvent::of(&out).is_err() {
        return Err(TranslateError::TooDeep);
    }
    Ok((Some(out), losses))
}

/// Runs the actions in order; answers what was lost.
fn act<'n>(plan: &'n Inner, node: &mut Node<'n>) -> Result<Vec<Pointer>, TranslateError> {
    let mut losses = Vec::new();
    let mut lost = Vec::new();
    for (index, action) in plan.actions.iter().enumerate() {
        action.run(node, &mut lost).map_err(TranslateError::Lens)?;
        // Where a value that was lost here was in the event that came in.
        losses.extend(lost.drain(..).map(|pointer| {
            let before = plan.actions[..index].iter().rev();
            before.fold(pointer, |pointer, action| action.origin(pointer))
        }));
    }
    losses.sort();
    losses.dedup();
    Ok(losses)
}
