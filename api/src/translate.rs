//! One event carried across, and what became of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::pointer::Pointer;

/// An event in the version asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Translated {
    /// The event.
    pub event: Value,
    /// The id of the plan it crossed by.
    pub plan: String,
    /// Where something was lost that was there.
    pub loss: Vec<Pointer>,
}
