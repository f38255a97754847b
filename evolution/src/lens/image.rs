//! The image of a schema: the schema of everything that a series of operations can make of its events.

use super::{Direction, op::Op, shape::Shape};
use crate::{containment::ContentModel, schema::Schema};

/// The image of `source`, if it can be told, and if every event of `source` has one.
pub(crate) fn image<'o>(
    ops: impl IntoIterator<Item = (&'o Op, Direction)>,
    source: &Schema,
    model: ContentModel,
) -> Option<Schema> {
    let mut shape = Shape::of(source, model);
    for (op, direction) in ops {
        op.shape(direction, &mut shape).ok()?;
    }
    let (schema, total) = shape.finish(source);
    schema.filter(|_| total)
}
