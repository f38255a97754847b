//! The lens document: what people write, read strictly.

use std::fmt;

use serde_json::Value;

use super::{Direction, fields::Fields, hint, op::Op, yaml};
use crate::{
    pointer::Pointer,
    schema::{TextError, read_value},
    version::Version,
};

/// The largest lens read, in bytes of text.
const MAX_BYTES: usize = 1024 * 1024;

/// The most operations of one lens, inner ones included.
const MAX_OPS: usize = 500;

/// A lens document as read.
pub(super) struct Document {
    /// The document as written.
    pub(super) value: Value,
    pub(super) subject: String,
    pub(super) from: Version,
    pub(super) to: Version,
    pub(super) ops: Vec<Op>,
    /// There is no way down, and its author says so.
    pub(super) one_way: bool,
    pub(super) accept_up: Vec<Pointer>,
    pub(super) accept_down: Vec<Pointer>,
    pub(super) examples: Vec<Example>,
}

/// A golden case: this event must cross to that one.
pub(super) struct Example {
    pub(super) direction: Direction,
    pub(super) event: Value,
    pub(super) gives: Value,
}

/// Why a text is no lens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LensError {
    /// Neither JSON nor the part of YAML that says the same.
    #[error("not a lens at line {line}, column {column}: {message}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The document says something it cannot say.
    #[error("{0}")]
    Document(Box<Misplaced>),
}

/// One thing that is wrong in a lens document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// Where in the document.
    pub at: Pointer,
    /// The operation at fault: its index in `ops`, its name and the pointer it works on, as written.
    pub op: Option<(usize, String, String)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((index, name, pointer)) = &self.op {
            write!(f, "op {index} `{name}` at `{pointer}`: ")?;
        }
        write!(f, "`{}` in the lens: {}", self.at, self.message)
    }
}

impl LensError {
    pub(super) fn text(line: usize, column: usize, message: String) -> Self {
        LensError::Text { line, column, message }
    }

    pub(super) fn at(at: &Pointer, message: impl Into<String>) -> Self {
        let (at, message) = (at.clone(), message.into());
        LensError::Document(Box::new(Misplaced { at, op: None, message, hint: None }))
    }

    pub(super) fn with_hint(mut self, advice: impl Into<String>) -> Self {
        if let LensError::Document(misplaced) = &mut self {
            misplaced.hint = Some(advice.into());
        }
        self
    }

    fn in_op(mut self, index: usize, named: &str, pointer: &str) -> Self {
        if let LensError::Document(misplaced) = &mut self {
            misplaced.op = Some((index, named.to_owned(), pointer.to_owned()));
        }
        self
    }

    /// What to do about it, in one sentence.
    pub fn hint(&self) -> &str {
        match self {
            LensError::Text { .. } => "check the text with any YAML or JSON linter",
            LensError::Document(misplaced) => misplaced
                .hint
                .as_deref()
                .unwrap_or("compare that place with the description of lenses"),
        }
    }
}

/// Reads YAML or JSON. A text that begins like a JSON object is JSON first, and YAML's flow style second.
pub(super) fn parse(text: &str) -> Result<Document, LensError> {
    if text.len() > MAX_BYTES {
        let message = format!("{} bytes of text; at most {MAX_BYTES} are taken", text.len());
        return Err(LensError::text(1, 1, message));
    }
    let value = match read_value(text) {
        Ok(value) => value,
        Err(TextError::NotJson { .. }) => yaml::read(text)?,
        Err(error) => return Err(LensError::text(1, 1, error.to_string())),
    };
    read(&value)
}

/// Reads a document from its JSON value.
pub(super) fn read(value: &Value) -> Result<Document, LensError> {
    let fields = Fields::of(&Pointer::root(), value)?;
    let format = fields.required("lens")?;
    if format.as_u64() != Some(1) {
        return Err(LensError::at(&fields.place("lens"), format!("unknown format {format}"))
            .with_hint("write `lens: 1`"));
    }
    let subject = fields.text("subject")?.to_owned();
    if subject.is_empty() {
        return Err(LensError::at(&fields.place("subject"), "the subject has no name"));
    }
    let from = version(&fields, "from")?;
    let to = version(&fields, "to")?;
    // Which versions are adjacent is for the subject to say: one between them may be gone for good.
    if to <= from {
        return Err(LensError::at(
            &fields.place("to"),
            format!("version {to} does not come after version {from}"),
        )
        .with_hint(format!("a lens leads from one version to the next: `to: {}`", from.next())));
    }
    let ops = ops(&fields)?;
    let count: usize = ops.iter().map(Op::count).sum();
    if count > MAX_OPS {
        let message = format!("{count} operations; at most {MAX_OPS} are taken");
        return Err(LensError::at(&fields.place("ops"), message)
            .with_hint("go through versions in between, each with a lens of its own"));
    }
    let one_way = fields.flag("one_way")?;
    let (accept_up, accept_down) = accept_loss(&fields)?;
    let examples = examples(&fields)?;
    fields.done()?;
    let value = value.clone();
    Ok(Document { value, subject, from, to, ops, one_way, accept_up, accept_down, examples })
}

fn version(fields: &Fields<'_>, key: &'static str) -> Result<Version, LensError> {
    let value = fields.required(key)?;
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.and_then(|number| Version::try_from(number).ok()).ok_or_else(|| {
        let message = format!("{value} is not a version: expected a whole number from 1");
        LensError::at(&fields.place(key), message)
    })
}

fn ops(fields: &Fields<'_>) -> Result<Vec<Op>, LensError> {
    let place = fields.place("ops");
    let entries = fields.list("ops")?.iter().enumerate();
    entries
        .map(|(index, entry)| {
            let named = entry.as_object().and_then(|op| op.iter().next());
            let (name, body) = named.map_or(("?", &Value::Null), |(name, body)| (name, body));
            let pointer = ["at", "from", "into"]
                .into_iter()
                .find_map(|key| body.get(key))
                .or_else(|| body.get("if")?.get("at"))
                .map(|pointer| pointer.as_str().map_or_else(|| pointer.to_string(), str::to_owned))
                .unwrap_or_default();
            Op::read(&place.child(index.to_string()), entry)
                .map_err(|error| error.in_op(index, name, &pointer))
        })
        .collect()
}

fn accept_loss(fields: &Fields<'_>) -> Result<(Vec<Pointer>, Vec<Pointer>), LensError> {
    let Some(value) = fields.optional("accept_loss") else { return Ok(Default::default()) };
    let losses = Fields::of(&fields.place("accept_loss"), value)?;
    let accepted = (losses.pointers("up")?, losses.pointers("down")?);
    losses.done()?;
    Ok(accepted)
}

fn examples(fields: &Fields<'_>) -> Result<Vec<Example>, LensError> {
    let Some(value) = fields.optional("examples") else { return Ok(Vec::new()) };
    let place = fields.place("examples");
    let items = fields.as_list("examples", value)?.iter().enumerate();
    items
        .map(|(index, item)| {
            let example = Fields::of(&place.child(index.to_string()), item)?;
            let up = example.optional("up");
            let down = example.optional("down");
            let gives = example.required("gives")?.clone();
            let (direction, event) = match (up, down) {
                (Some(event), None) => (Direction::Up, event.clone()),
                (None, Some(event)) => (Direction::Down, event.clone()),
                _ => return Err(example.wrong("an example has either `up` or `down`")),
            };
            example.done()?;
            Ok(Example { direction, event, gives })
        })
        .collect()
}

/// The names of operations as an error lists them.
pub(super) fn unknown_op(at: &Pointer, name: &str) -> LensError {
    let advice = hint::did_you_mean(name, Op::NAMES).unwrap_or_default();
    let known = format!("known operations: {}", hint::listed(Op::NAMES));
    LensError::at(at, format!("unknown operation `{name}`"))
        .with_hint(format!("{advice} {known}").trim_start().to_owned())
}
