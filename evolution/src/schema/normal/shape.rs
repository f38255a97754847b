//! The shape of a schema object: the names it mentions and where its subschemas apply, exactly as written.

use std::collections::BTreeSet;

use super::Pattern;

/// The place of a shape in its arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShapeId(pub u32);

/// What one schema object says about names and places.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// JSON pointer of the schema object.
    pub at: String,
    /// Every name it mentions for the instance it applies to.
    pub names: BTreeSet<String>,
    /// The patterns of names it mentions.
    pub patterns: Vec<Pattern>,
    /// It speaks of every name: a schema-valued `additionalProperties` or `unevaluatedProperties` that says something.
    pub every_name: bool,
    /// Applied to the same instance.
    pub in_place: Vec<ShapeId>,
    /// Applied to the member of a name.
    pub members: Vec<(String, ShapeId)>,
    /// Applied to members whose name matches.
    pub matching: Vec<(Pattern, ShapeId)>,
    /// Applied to members of no other name.
    pub others: Vec<ShapeId>,
    /// Applied to the item at an index.
    pub prefix: Vec<ShapeId>,
    /// Applied to every item from an index on.
    pub items: Vec<(u64, ShapeId)>,
}

impl Shape {
    /// The subschemas applied to the member `name`.
    pub fn below_name(&self, name: &str) -> Vec<ShapeId> {
        let named = self.members.iter().filter(|(own, _)| own == name).map(|(_, shape)| *shape);
        let matching = self
            .matching
            .iter()
            .filter(|(pattern, _)| pattern.matches(name))
            .map(|(_, shape)| *shape);
        let mut below: Vec<ShapeId> = named.chain(matching).collect();
        if below.is_empty() {
            below.extend(&self.others);
        }
        below
    }

    /// The subschemas applied to the item at `index`.
    pub fn below_index(&self, index: u64) -> Vec<ShapeId> {
        let prefix = usize::try_from(index).ok().and_then(|index| self.prefix.get(index)).copied();
        prefix
            .into_iter()
            .chain(self.items.iter().filter(|(from, _)| *from <= index).map(|(_, shape)| *shape))
            .collect()
    }
}
