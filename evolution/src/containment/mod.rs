//! Is every event of one schema an event of the other? The answer is a proof, a counterexample, or "undecided".
//!
//! Containment speaks of one direction, between a *writer* (whose events they are) and a *reader* (who must take
//! them). Stages, cheapest first (spec verdicts, section 5): equality, the structural prover, `jsonschema::canonical`,
//! the search for a witness. Only a proof says Compatible; only a verified event says Breaking.

mod canonical;
mod declared;
mod equal;
mod prover;
mod reader;
mod search;
mod shrink;
mod site;
mod verdicts;
mod witness;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    canonical::abandoned,
    declared::{project, undeclared},
    verdicts::Verdicts,
    witness::Witness,
};
use self::{
    canonical::{Canonical, SecondProver},
    prover::{Prover, Refutation},
    verdicts::Question,
};
pub(crate) use self::{
    reader::{Reader, Sight},
    site::{Site, holds_every},
};
use crate::{budget::Budget, schema::Schema};

/// What the documents mean for the events that really flow (spec verdicts, section 2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentModel {
    /// A producer sends declared names only, and a reader deletes undeclared ones before it validates.
    #[default]
    Event,
    /// Plain containment of the documents as written.
    Strict,
}

impl ContentModel {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            ContentModel::Event => ContentModel::Strict,
            ContentModel::Strict => ContentModel::Event,
        }
    }
}

/// The stage that found a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Equal once annotations are stripped.
    Equal,
    /// The structural prover.
    Structural,
    /// `jsonschema::canonical`.
    Canonical,
}

/// Why there is neither a proof nor a witness. Stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// A pattern the prover cannot reason about: look-around, back-references, or too large.
    RegexUnsupported,
    /// A reference leads back to itself without passing through a property or an item.
    Recursion,
    /// The budget ran out.
    Budget,
    /// `unevaluatedProperties` or `unevaluatedItems` whose scope the prover cannot follow.
    UnevaluatedDynamic,
    /// Two dialects whose difference matters here.
    DialectMix,
    /// The writer's producers can emit nothing at all.
    NoProducer,
    /// No proof, and no event found that breaks.
    Unwitnessed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::RegexUnsupported => "REGEX_UNSUPPORTED",
            Reason::Recursion => "RECURSION",
            Reason::Budget => "BUDGET",
            Reason::UnevaluatedDynamic => "UNEVALUATED_DYNAMIC",
            Reason::DialectMix => "DIALECT_MIX",
            Reason::NoProducer => "NO_PRODUCER",
            Reason::Unwitnessed => "UNWITNESSED",
        })
    }
}

/// What is not known, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Why.
    pub reason: Reason,
    /// The place in the reader's schema, as a JSON pointer.
    pub at: String,
}

/// The answer for one direction.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Proved: no event of the writer breaks the reader.
    Compatible(Proof),
    /// Refuted: this event does, verified by the validator on both sides.
    Breaking(Box<Witness>),
    /// Neither.
    Undecided(Doubt),
}

impl Verdict {
    /// Whether it is proved.
    pub fn is_compatible(&self) -> bool {
        matches!(self, Verdict::Compatible(_))
    }

    /// Whether it is refuted.
    pub fn is_breaking(&self) -> bool {
        matches!(self, Verdict::Breaking(_))
    }
}

/// Whether every event of `writer` can be read by `reader`, in the sense of `model`.
///
/// ```
/// use stele_evolution::{budget::Budget, containment::{contains, refutes, ContentModel, Verdict}, schema::Schema};
///
/// let old = Schema::read(r#"{"properties": {"n": {"type": "integer"}}}"#).parse()?;
/// let new = Schema::read(r#"{"properties": {"n": {"type": "integer", "minimum": 1}}}"#).parse()?;
///
/// let Verdict::Breaking(witness) = contains(&old, &new, ContentModel::Event, &Budget::steps(10_000)) else { panic!() };
///
/// assert_eq!(witness.event, serde_json::json!({"n": 0}));
/// assert!(refutes(&witness.event, &old, &new, ContentModel::Event));
/// # Ok::<(), stele_evolution::schema::SchemaError>(())
/// ```
pub fn contains(
    writer: &Schema,
    reader: &Schema,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Verdict {
    if equal::equal(writer, reader) {
        return Verdict::Compatible(Proof::Equal);
    }
    let Some(verdicts) = budget.verdicts() else { return decided(writer, reader, model, budget) };
    let question = Question::of(writer, reader, model);
    if let Some(known) = verdicts.known(&question) {
        return known;
    }
    let verdict = decided(writer, reader, model, budget);
    if !matches!(verdict, Verdict::Undecided(_)) {
        verdicts.keep(question, verdict.clone());
    }
    verdict
}

/// The verdict on two schemas that are not equal, from the prover on.
fn decided(writer: &Schema, reader: &Schema, model: ContentModel, budget: &Budget<'_>) -> Verdict {
    // Where some names are not known, neither is what a producer may send and a reader deletes.
    let unfollowed = writer.normal().unfollowed.or(reader.normal().unfollowed);
    if let (ContentModel::Event, Some(reason)) = (model, unfollowed) {
        return Verdict::Undecided(Doubt { reason, at: String::new() });
    }
    let refutes = |event: &Value| refutes(event, writer, reader, model);
    let mut prover = Prover::new(writer.normal(), reader.normal(), model, budget);
    let doubt = match prover.refute(&refutes) {
        Refutation::Event(event) => return breaking(event, writer, reader, model, budget),
        Refutation::Nothing if model == ContentModel::Strict || emits(writer, budget) => {
            return Verdict::Compatible(Proof::Structural);
        }
        Refutation::Nothing => {
            return Verdict::Undecided(Doubt { reason: Reason::NoProducer, at: String::new() });
        }
        Refutation::Unsure(doubt) => doubt,
    };
    if model == ContentModel::Strict && Canonical.proves(writer, reader, budget) {
        return Verdict::Compatible(Proof::Canonical);
    }
    match search::find(writer, reader, &refutes, budget) {
        Some(event) => breaking(event, writer, reader, model, budget),
        None => Verdict::Undecided(doubt),
    }
}

/// The verdict a verified event stands for.
fn breaking(
    event: Value,
    writer: &Schema,
    reader: &Schema,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Verdict {
    Witness::of(event, writer, reader, model, budget).map_or(
        Verdict::Undecided(Doubt { reason: Reason::Unwitnessed, at: String::new() }),
        |witness| Verdict::Breaking(Box::new(witness)),
    )
}

/// Whether a producer on `writer` can emit anything, or nothing is valid under it at all (and so nothing can break).
fn emits(writer: &Schema, budget: &Budget<'_>) -> bool {
    let can_emit = |event: &Value| writer.is_valid(event) && undeclared(writer, event).is_none();
    let normal = writer.normal();
    let emitted = match Prover::new(normal, normal, ContentModel::Event, budget).produce(&can_emit)
    {
        Refutation::Event(_) => true,
        Refutation::Nothing => false,
        Refutation::Unsure(_) => search::samples(writer, budget).any(|event| can_emit(&event)),
    };
    if emitted {
        return true;
    }
    let valid = |event: &Value| writer.is_valid(event);
    matches!(
        Prover::new(normal, normal, ContentModel::Strict, budget).produce(&valid),
        Refutation::Nothing
    )
}

/// Whether `event` refutes containment in the sense of `model`: the definition itself, run.
pub fn refutes(event: &Value, writer: &Schema, reader: &Schema, model: ContentModel) -> bool {
    match model {
        ContentModel::Strict => writer.is_valid(event) && !reader.is_valid(event),
        ContentModel::Event => {
            writer.is_valid(event)
                && undeclared(writer, event).is_none()
                && !reader.is_valid(&project(reader, event))
        }
    }
}
