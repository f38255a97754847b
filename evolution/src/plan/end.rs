//! One end of a plan: its schema, with everything compiled that an event is asked there.

use std::sync::OnceLock;

use jsonschema::Validator;

use super::Input;
use crate::{
    containment::{ContentModel, Reader},
    lens::node::{Seen, View, Viewed},
    schema::{Invalid, Schema},
};

/// A version's schema and its reader.
pub(super) struct End {
    schema: Schema,
    reader: Reader,
    /// The schema's validator, for events that are not parsed; made for the first of them.
    validator: OnceLock<Option<Validator<Viewed>>>,
}

impl End {
    pub fn of(schema: &Schema) -> End {
        End { schema: schema.clone(), reader: Reader::of(schema), validator: OnceLock::new() }
    }

    #[cfg(test)]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Validates an event as a reader in this model sees it; answers whether it is what a producer can emit.
    ///
    /// Where nothing is to be left out, the validator looks at the event as it is at hand. A value is made only of an
    /// event with undeclared names, and of one that is not valid, to say what is wrong with it.
    pub fn validate(&self, event: View<'_, '_>, model: ContentModel) -> Result<Input, Invalid> {
        let root = self.reader.root();
        if model == ContentModel::Event && !event.shows_all(&root) {
            self.schema.validate(&event.seen(&root))?;
            return Ok(Input::Unknown);
        }
        let is_valid = |validator: &Validator<Viewed>| validator.is_valid(Seen::Value(event));
        let validator = self.validator.get_or_init(|| self.schema.validator_for());
        if !validator.as_ref().is_some_and(is_valid) {
            self.schema.validate(&event.to_value())?;
        }
        Ok(Input::Emitted)
    }
}
