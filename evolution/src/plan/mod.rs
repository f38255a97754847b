//! A plan is the way from one version of a subject to another: the edges between them, composed.
//!
//! It follows the adjacent edges up or down, never both. `compose` chooses the way and fuses its steps, `run` runs them
//! and validates what comes out: an event is delivered as translated or not at all.

mod action;
mod compose;
mod end;
mod pairs;
mod run;
mod way;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::{action::Action, end::End};
pub use self::{
    compose::NoPath,
    pairs::{Uncrossed, check_composed},
    run::{Input, RawCrossing, TranslateError},
};
use crate::{
    containment::ContentModel,
    lens::{Assurance, Crossing, Lens},
    pointer::Pointer,
    raw::RawEvent,
    schema::{Invalid, Schema, Widening},
    version::Version,
};

/// What stands between two adjacent versions; the newer owns it.
#[derive(Debug, Clone)]
pub enum Edge {
    /// The newer only adds: up, events stay as they are; down, names the older does not declare are deleted.
    Addition,
    /// A lens that was written and checked.
    Written {
        /// The lens.
        lens: Lens,
        /// How sure its check was.
        assurance: Assurance,
    },
}

/// One version on the way.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number.
    pub version: Version,
    /// Its schema.
    pub schema: Schema,
    /// How it is reached from the step before it; `None` for the first, or where there is no way.
    pub edge: Option<Edge>,
}

/// What a plan does to events, at worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing: the bytes may go on unparsed.
    Pass,
    /// Every event comes back as it was.
    Iso,
    /// Something may be lost on the way.
    Lossy,
    /// There is no way back at all.
    OneWay,
}

/// A way from one version to another. Cheap to clone; never changes.
#[derive(Clone)]
pub struct Plan(Arc<Inner>);

struct Inner {
    id: String,
    class: Class,
    assurance: Assurance,
    losses: Vec<Pointer>,
    from: Version,
    to: Version,
    hops: Vec<(Version, Version)>,
    actions: Vec<Action>,
    source: End,
    target: End,
    model: ContentModel,
}

impl Plan {
    /// Finds the way `from` one version `to` another among `steps`: adjacent versions, oldest first.
    ///
    /// ```
    /// use serde_json::json;
    /// use stele_evolution::{containment::ContentModel, plan::{Class, Plan, Step}, schema::Schema, version::Version};
    ///
    /// let schema = Schema::read(r#"{"type": "object"}"#).parse()?;
    /// let steps = [Step { version: Version::FIRST, schema, edge: None }];
    /// let plan = Plan::compose("Ping", &steps, Version::FIRST, Version::FIRST, ContentModel::Event)?;
    ///
    /// assert_eq!(plan.class(), Class::Pass);
    /// assert_eq!(plan.translate(&json!({"a": 1}))?.event, json!({"a": 1}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compose(
        subject: &str,
        steps: &[Step],
        from: Version,
        to: Version,
        model: ContentModel,
    ) -> Result<Plan, NoPath> {
        Plan::compose_widening(subject, steps, from, to, (model, Widening::Marked))
    }

    /// [`compose`](Plan::compose), for a subject that says where lists may grow: a reader of translated events takes what
    /// such a list does not name.
    pub fn compose_widening(
        subject: &str,
        steps: &[Step],
        from: Version,
        to: Version,
        (model, widening): (ContentModel, Widening),
    ) -> Result<Plan, NoPath> {
        compose::compose(subject, steps, from, to, model, widening)
    }

    /// What names this plan: the same way through the same schemas and lenses has the same id, everywhere.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What it does to events, at worst.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The version of the events that go in.
    pub fn from(&self) -> Version {
        self.0.from
    }

    /// The version of the events that come out.
    pub fn to(&self) -> Version {
        self.0.to
    }

    /// The edges taken, in order; none where both versions are the same.
    pub fn hops(&self) -> Vec<(Version, Version)> {
        self.0.hops.clone()
    }

    /// How sure it is that what comes out is valid, for events that a producer can emit: [`Assurance::Proven`] speaks of
    /// the whole way, and of this content model.
    pub fn assurance(&self) -> Assurance {
        self.0.assurance
    }

    /// What may be lost, as the lenses on the way accept it; `*` stands for every item of a list.
    pub fn losses(&self) -> &[Pointer] {
        &self.0.losses
    }

    /// Carries an event, and validates what comes out under the target schema.
    ///
    /// In the event model the validation is a tolerant reader's: undeclared names are deleted first. They are deleted
    /// for the validation only; what is delivered is the event itself, undeclared names included. Losses are places in
    /// the event that came in.
    pub fn translate(&self, event: &Value) -> Result<Crossing, TranslateError> {
        run::translate(&self.0, event)
    }

    /// The same on an event as it came: what the plan does not touch comes out byte for byte as it went in.
    ///
    /// What comes out is validated, unless the plan is [proven](Plan::assurance) and `input` is known to be what the
    /// proof speaks of.
    ///
    /// ```
    /// use stele_evolution::{containment::ContentModel, lens::{Assurance, Lens}, plan::{Edge, Input, Plan, Step}};
    /// use stele_evolution::{raw::RawEvent, schema::Schema, version::Version};
    ///
    /// let schema = |text| Schema::read(text).parse();
    /// let lens = Lens::parse("{lens: 1, subject: Order, from: 1, to: 2, ops: [rename: {from: /orderId, to: /id}]}")?;
    /// let (one, two) = (Version::FIRST, Version::FIRST.next());
    /// let steps = [
    ///     Step { version: one, schema: schema(r#"{"properties": {"orderId": {}, "total": {}}}"#)?, edge: None },
    ///     Step {
    ///         version: two,
    ///         schema: schema(r#"{"properties": {"id": {}, "total": {}}}"#)?,
    ///         edge: Some(Edge::Written { lens, assurance: Assurance::Proven }),
    ///     },
    /// ];
    /// let plan = Plan::compose("Order", &steps, one, two, ContentModel::Event)?;
    ///
    /// let event = RawEvent::read(br#"{"orderId": "7",  "total": 1.10}"#)?;
    /// let input = plan.admit(&event)?;
    ///
    /// assert_eq!(input, Input::Emitted);
    /// assert_eq!(plan.translate_raw(&event, input)?.event, r#"{"id": "7",  "total": 1.10}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn translate_raw<'e>(
        &self,
        event: &'e RawEvent<'e>,
        input: Input,
    ) -> Result<RawCrossing<'e>, TranslateError> {
        run::translate_raw(&self.0, event, input)
    }

    /// The same from bytes that nobody has read yet. A plan that [passes](Class::Pass) an emitted event reads nothing.
    pub fn translate_bytes<'e>(
        &self,
        bytes: &'e [u8],
        input: Input,
    ) -> Result<RawCrossing<'e>, TranslateError> {
        run::translate_bytes(&self.0, bytes, input)
    }

    /// Validates an event under the version it comes from, as that version's reader does, and tells what a plan may
    /// take for granted of it.
    pub fn admit(&self, event: &RawEvent<'_>) -> Result<Input, Invalid> {
        run::admit(&self.0, event)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plan({} {} to {}, {:?})", self.id(), self.from(), self.to(), self.class())
    }
}

#[cfg(test)]
mod tests;
