//! `move`: the same value at another place, whose parents are made if need be.

use super::relocation::Relocation;
use crate::lens::{LensError, fields::Fields};

/// Reads it from a lens document.
pub(super) fn read(fields: &Fields<'_>) -> Result<Relocation, LensError> {
    Relocation::read(fields, super::parents(fields)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, fails, up, with};

    #[test]
    fn parents_are_made_and_go_again() {
        let lens = with(&json!([{"move": {"from": "/name", "to": "/customer/name"}}]));

        back_and_forth(&lens, &json!({"name": "Ada"}), &json!({"customer": {"name": "Ada"}}));
        back_and_forth(&lens, &json!({}), &json!({}));
        back_and_forth(
            &lens,
            &json!({"name": "Ada", "customer": {"tier": 1}}),
            &json!({"customer": {"name": "Ada", "tier": 1}}),
        );
    }

    #[test]
    fn parents_left_empty_go_on_the_way_up_too() {
        let lens = with(&json!([{"move": {"from": "/customer/name", "to": "/name"}}]));

        back_and_forth(&lens, &json!({"customer": {"name": "Ada"}}), &json!({"name": "Ada"}));
        back_and_forth(&lens, &json!({"customer": {}}), &json!({"customer": {}}));
    }

    #[test]
    fn an_empty_parent_that_was_there_is_told_lost() {
        let lens = with(&json!([{"move": {"from": "/name", "to": "/customer/name"}}]));

        assert_eq!(up(&lens, &json!({"name": "Ada", "customer": {}})).1, ["/customer"]);
    }

    #[test]
    fn kept_parents_stay_when_they_are_left_empty() {
        let lens = with(
            &json!([{"move": {"from": "/name", "to": "/customer/name", "keep_parents": true}}]),
        );

        back_and_forth(
            &lens,
            &json!({"name": "Ada", "customer": {}}),
            &json!({"customer": {"name": "Ada"}}),
        );
        assert_eq!(up(&lens, &json!({"name": "Ada"})).1, ["/customer"]);
    }

    #[test]
    fn a_parent_that_is_no_object_is_refused() {
        let lens = with(&json!([{"move": {"from": "/name", "to": "/customer/name"}}]));

        assert_eq!(
            fails(lens.up(&json!({"name": "Ada", "customer": "x"}))),
            "op 0 `move` at `/customer`: there is no object here to put `/customer/name` into"
        );
    }
}
