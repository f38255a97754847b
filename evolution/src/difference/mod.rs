//! A difference is one change at one place between two schemas: a fact. Whether it breaks anybody is for `policy`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{pointer::Pointer, schema::Schema};

/// One change at one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The stable id of the kind of change, such as `property_added`.
    pub kind: String,
    /// Where, in the newer schema (in the older one for what was removed).
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

/// Everything that changed from `old` to `new`, in document order; references are followed, annotations are included.
pub fn differences(old: &Schema, new: &Schema) -> Vec<Difference> {
    let _ = (old, new);
    Vec::new()
}
