//! A lens proposed from two schemas: what looks like a rename, a move, a table of values; every guess is marked.
//!
//! A proposal is a document to be read, corrected and checked. What the schemas say themselves (a default, a single
//! value) is taken as it is; what only looks likely is a [`Guess`]; what nobody could know is [`Open`] and is left out.

mod alike;
mod draft;
mod losses;
mod members;
mod spot;
mod values;
mod yaml;

use serde::Serialize;
use serde_json::{Map, Value, json};

use self::{
    draft::{Draft, Step},
    spot::Spot,
};
use super::{Lens, LensError};
use crate::{containment::ContentModel, pointer::Pointer, schema::Schema, version::Version};

/// A lens as far as two schemas tell it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// The document; [`Lens::from_value`] reads it.
    pub lens: Value,
    /// What in it is only likely.
    pub guesses: Vec<Guess>,
    /// What it does not say, because nobody could know.
    pub open: Vec<Open>,
}

/// One thing in a proposal that is only likely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// Where in the document.
    pub at: Pointer,
    /// What it rests on.
    pub why: String,
}

/// One change that a proposal leaves to its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Where in the events.
    pub at: Pointer,
    /// What changed there, and what has to be decided.
    pub why: String,
}

/// Proposes a lens from one version to the one after it.
///
/// ```
/// use stele_evolution::{containment::ContentModel, lens::suggest, schema::Schema, version::Version};
///
/// let older = Schema::read(r#"{"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}}"#);
/// let newer = Schema::read(r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}"#);
///
/// let proposal = suggest(
///     "OrderPlaced", Version::FIRST, Version::FIRST.next(), &older.parse()?, &newer.parse()?, ContentModel::Event,
/// );
///
/// assert_eq!(proposal.lens["ops"][0]["rename"]["to"], "/id");
/// assert_eq!(proposal.guesses.len(), 1);
/// # Ok::<(), stele_evolution::schema::SchemaError>(())
/// ```
pub fn suggest(
    subject: &str,
    from: Version,
    to: Version,
    older: &Schema,
    newer: &Schema,
    model: ContentModel,
) -> Suggestion {
    let mut draft = Draft::default();
    let (old, new) = (Spot::root(older), Spot::root(newer));
    members::compare(&old, &new, &mut draft);
    let (steps, open) = draft.finish();
    let mut document = Map::new();
    document.insert("lens".into(), json!(1));
    document.insert("subject".into(), subject.into());
    document.insert("from".into(), from.number().into());
    document.insert("to".into(), to.number().into());
    document.insert("ops".into(), steps.iter().map(Step::op).collect());
    let mut guesses = Vec::new();
    guessed(&steps, &Pointer::root().child("ops"), &mut guesses);
    let mut lens = Value::Object(document);
    if let Some(accepted) = losses::accepted(&lens, older, newer, model) {
        let at = Pointer::root().child("accept_loss");
        let why =
            "these values do not survive the way there and back; check that none of them is missed";
        guesses.push(Guess { at, why: why.to_owned() });
        lens["accept_loss"] = accepted;
    }
    Suggestion { lens, guesses, open }
}

fn guessed(steps: &[Step], place: &Pointer, guesses: &mut Vec<Guess>) {
    for (index, step) in steps.iter().enumerate() {
        let at = place.child(index.to_string());
        if let Some(why) = &step.guess {
            guesses.push(Guess { at: at.clone(), why: why.clone() });
        }
        guessed(&step.inner, &at.child("each").child("ops"), guesses);
    }
}

/// The document of a lens that does nothing yet, in YAML, for somebody to fill.
pub fn skeleton(subject: &str, from: Version) -> String {
    yaml::skeleton(subject, from)
}

impl Suggestion {
    /// The document in YAML, with `# guess: ...` beside what is only likely and `# open: ...` for what is left out.
    pub fn to_yaml(&self) -> String {
        yaml::render(self)
    }

    /// The document as a lens.
    pub fn read(&self) -> Result<Lens, LensError> {
        Lens::from_value(&self.lens)
    }
}

#[cfg(test)]
mod tests;
