//! The first stage: two schemas that are equal once their annotations are stripped.

use crate::schema::{Schema, refers_to_annotation};

/// Whether both say the same in the same dialect, apart from annotations.
pub(super) fn equal(left: &Schema, right: &Schema) -> bool {
    left.dialect() == right.dialect()
        && left.formats() == right.formats()
        && left.references().len() == right.references().len()
        && left.references().iter().zip(right.references()).all(
            |((left_name, left), (right_name, right))| {
                left_name == right_name && left.fingerprint() == right.fingerprint()
            },
        )
        && (left.value() == right.value()
            || !refers_to_annotation(left.value()) && left.is_bare_equal(right))
}
