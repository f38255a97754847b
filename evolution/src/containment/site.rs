//! A site is one instance location as a schema sees it: every subschema that can apply there.

use std::collections::BTreeSet;

use crate::schema::normal::{Normal, Pattern, Shape, ShapeId};

/// The shapes that can apply at one instance location, closed under in-place applicators.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Site(Vec<ShapeId>);

impl Site {
    /// Where the whole event stands.
    pub fn root(schema: &Normal) -> Site {
        Site::closed(schema, vec![schema.root_shape])
    }

    fn closed(schema: &Normal, seeds: Vec<ShapeId>) -> Site {
        let mut all = BTreeSet::new();
        let mut waiting = seeds;
        while let Some(shape) = waiting.pop() {
            if all.insert(shape) {
                waiting.extend(&schema.shape(shape).in_place);
            }
        }
        Site(all.into_iter().collect())
    }

    fn shapes<'s>(&'s self, schema: &'s Normal) -> impl Iterator<Item = &'s Shape> {
        self.0.iter().map(|shape| schema.shape(*shape))
    }

    /// The site of the member `name`.
    pub fn member(&self, schema: &Normal, name: &str) -> Site {
        Site::closed(schema, self.shapes(schema).flat_map(|shape| shape.below_name(name)).collect())
    }

    /// Every name that some schema here leads on from.
    pub fn named<'s>(&'s self, schema: &'s Normal) -> Vec<&'s str> {
        self.shapes(schema)
            .flat_map(|shape| shape.members.iter().map(|(name, _)| name.as_str()))
            .collect()
    }

    /// The site of the members that nothing here names, if it is one site for all of them: no pattern chooses.
    pub fn other_member(&self, schema: &Normal) -> Option<Site> {
        let chosen = self
            .shapes(schema)
            .any(|shape| !shape.matching.is_empty() || !shape.patterns.is_empty());
        if chosen {
            return None;
        }
        let others = self.shapes(schema).flat_map(|shape| shape.others.iter().copied());
        Some(Site::closed(schema, others.collect()))
    }

    /// The site of the item at `index`.
    pub fn item(&self, schema: &Normal, index: u64) -> Site {
        Site::closed(
            schema,
            self.shapes(schema).flat_map(|shape| shape.below_index(index)).collect(),
        )
    }

    /// The first index from which on all items are alike.
    pub fn alike_from(&self, schema: &Normal) -> u64 {
        let ends = self.shapes(schema).map(|shape| {
            let items = shape.items.iter().map(|(from, _)| *from).max().unwrap_or(0);
            items.max(shape.prefix.len() as u64)
        });
        ends.max().unwrap_or(0)
    }

    /// The JSON pointer of the first schema object that speaks of this location.
    pub fn at<'s>(&'s self, schema: &'s Normal) -> Option<&'s str> {
        self.shapes(schema).next().map(|shape| shape.at.as_str())
    }

    /// What is declared here (spec verdicts, section 2).
    pub fn declared<'s>(&'s self, schema: &'s Normal) -> Declared<'s> {
        let names: BTreeSet<&str> =
            self.shapes(schema).flat_map(|shape| shape.names.iter().map(String::as_str)).collect();
        let patterns: Vec<&Pattern> =
            self.shapes(schema).flat_map(|shape| &shape.patterns).collect();
        let opaque = names.is_empty() && patterns.is_empty();
        Declared {
            every: opaque || self.shapes(schema).any(|shape| shape.every_name),
            names,
            patterns,
        }
    }
}

/// The names declared at one location.
#[derive(Debug, Clone)]
pub(crate) struct Declared<'s> {
    /// All names are: the location is opaque, or a schema speaks of every name.
    pub every: bool,
    pub names: BTreeSet<&'s str>,
    pub patterns: Vec<&'s Pattern>,
}

impl Declared<'_> {
    pub fn has(&self, name: &str) -> bool {
        self.every
            || self.names.contains(name)
            || self.patterns.iter().any(|pattern| pattern.matches(name))
    }
}

/// The pointers of the schemas that govern a name at a site without naming it.
pub(crate) fn holds_every(schema: &Normal, site: &Site, name: &str) -> Vec<String> {
    let below = site.shapes(schema).flat_map(|shape| shape.below_name(name)).collect::<Vec<_>>();
    below.into_iter().map(|shape| schema.shape(shape).at.clone()).collect()
}
