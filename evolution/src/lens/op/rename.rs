//! `rename`: the same value under another name in the same object.

use super::relocation::Relocation;
use crate::{
    lens::{LensError, fields::Fields, place::Parents},
    pointer::Pointer,
};

/// Reads it from a lens document.
pub(super) fn read(fields: &Fields<'_>) -> Result<Relocation, LensError> {
    let relocation = Relocation::read(fields, Parents::Kept)?;
    let parent = |at: &Pointer| at.split_last().map(|(parent, _)| parent);
    if parent(&relocation.from) != parent(&relocation.to) {
        let message =
            format!("`{}` and `{}` are not in the same object", relocation.from, relocation.to);
        return Err(fields.wrong(message).with_hint("use `move` to change the place"));
    }
    Ok(relocation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, fails, with};

    #[test]
    fn a_value_changes_its_name_and_back() {
        let lens = with(&json!([{"rename": {"from": "/a/b", "to": "/a/c"}}]));

        back_and_forth(&lens, &json!({"a": {"b": 1.10}}), &json!({"a": {"c": 1.10}}));
        back_and_forth(&lens, &json!({"a": {}}), &json!({"a": {}}));
        back_and_forth(&lens, &json!({"a": null}), &json!({"a": null}));
    }

    #[test]
    fn an_occupied_target_is_refused() {
        let lens = with(&json!([{"rename": {"from": "/a", "to": "/b"}}]));

        let error = fails(lens.up(&json!({"a": 1, "b": 2})));

        assert_eq!(error, "op 0 `rename` at `/b`: the place is occupied");
    }
}
