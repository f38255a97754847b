//! The report for programs: the model as one JSON document.

use serde::Serialize;

use crate::error::{Explain, Failure};

/// Why a result cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result as JSON")]
struct Unwritten(#[source] serde_json::Error);

impl Explain for Unwritten {}

/// Any model as indented JSON, ending in a line break.
pub fn render(model: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(model).map_err(Unwritten)?;
    text.push('\n');
    Ok(text)
}
