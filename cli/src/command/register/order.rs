//! The order in which versions are registered: what is referred to before what refers to it.

use std::collections::BTreeSet;

use crate::{
    error::Failure,
    pairing::{Change, Pair},
    source::{Document, Referred, Source},
};

/// The pairs so that every version comes after the ones before it and after those it refers to.
pub(super) fn by_dependency<'p, 's>(
    pairs: &'p [Pair<'s>],
    new: &'p Source,
) -> Result<Vec<&'p Pair<'s>>, Failure> {
    let mut ordering = Ordering { pairs, new, seen: BTreeSet::new(), order: Vec::new() };
    for index in 0..pairs.len() {
        ordering.visit(index)?;
    }
    Ok(ordering.order)
}

struct Ordering<'p, 's> {
    pairs: &'p [Pair<'s>],
    new: &'p Source,
    seen: BTreeSet<usize>,
    order: Vec<&'p Pair<'s>>,
}

impl Ordering<'_, '_> {
    fn visit(&mut self, index: usize) -> Result<(), Failure> {
        if !self.seen.insert(index) {
            return Ok(());
        }
        let pairs = self.pairs;
        let pair = &pairs[index];
        let is_before =
            |other: usize| other < index && pairs[other].subject.key == pair.subject.key;
        if index > 0 && is_before(index - 1) {
            self.visit(index - 1)?;
        }
        if let Some(document) = document(pair) {
            for (_, referred) in document.references()? {
                let Referred::Path(path) = referred else { continue };
                let holds = |other: &Pair<'_>| {
                    self::document(other).is_some_and(|it| it.path() == Some(path.as_str()))
                };
                // What is in no pair is in the registry already, or nowhere.
                if self.new.subject_at(&path).is_some()
                    && let Some(other) = pairs.iter().position(holds)
                {
                    self.visit(other)?;
                }
            }
        }
        self.order.push(pair);
        Ok(())
    }
}

/// The document that would be registered.
fn document<'s>(pair: &Pair<'s>) -> Option<&'s Document> {
    match &pair.change {
        Change::First(new) | Change::Step { candidate: new, .. } => Some(new),
        _ => None,
    }
}
