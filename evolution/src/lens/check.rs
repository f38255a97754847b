//! Checks.
use super::{Assurance, Lens, Rejection};
use crate::{budget::Budget, containment::ContentModel, schema::Schema};

/// Checks.
pub fn check(
    lens: &Lens,
    older: &Schema,
    newer: &Schema,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Result<Assurance, Box<Rejection>> {
    let _ = (lens, older, newer, model, budget);
    Ok(Assurance::Tested(0))
}
