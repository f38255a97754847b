//! A difference is one change at one place between two schemas: a fact. Whether it breaks anybody is for `policy`.

mod compare;
mod constraint;
mod place;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::place::{Place, Step};
use crate::{pointer::Pointer, schema::Schema};

/// One change at one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The stable id of the kind of change, such as `property_added`.
    pub kind: String,
    /// Where, in the newer schema (in the older one for what was removed), through the references taken.
    pub at: Pointer,
    /// Whether it only adds: a new optional name, or an annotation.
    pub addition: bool,
    /// What stood there before.
    pub old: Option<Value>,
    /// What stands there now.
    pub new: Option<Value>,
    /// The change in one sentence.
    pub why: String,
}

/// A difference with the instance location it speaks of, for those who judge it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub difference: Difference,
    /// The location of the instance that the changed schema object applies to.
    pub place: Place,
    /// Whether a list grew: an `enum`, or the branches of a `oneOf`.
    pub widens: Option<Marked>,
}

/// Whether both versions mark the list that grew as open (`x-open-enum`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    Open,
    Not,
}

/// Everything that changed from `old` to `new`; references are followed, annotations are included.
///
/// ```
/// use stele_evolution::{difference::differences, schema::Schema};
///
/// let old = Schema::read(r#"{"properties": {"id": {"type": "string"}}}"#).parse()?;
/// let new = Schema::read(r#"{"properties": {"id": {"type": "string"}, "note": {"type": "string"}}}"#).parse()?;
///
/// let differences = differences(&old, &new);
///
/// assert_eq!(differences[0].kind, "property_added");
/// assert_eq!(differences[0].at.to_string(), "/properties/note");
/// # Ok::<(), stele_evolution::schema::SchemaError>(())
/// ```
pub fn differences(old: &Schema, new: &Schema) -> Vec<Difference> {
    found(old, new).into_iter().map(|found| found.difference).collect()
}

/// The differences with where they apply.
pub(crate) fn found(old: &Schema, new: &Schema) -> Vec<Found> {
    compare::compare(old, new)
}
