//! What can be said of a way as a whole: its class, what it may lose, how sure it is.

use super::{Class, Edge, compose::Hop};
use crate::{
    budget::Budget,
    containment::{ContentModel, Reader, contains},
    lens::{Assurance, Direction, image},
    pointer::Pointer,
    schema::Schema,
};

/// How many steps of reasoning one question about a way may cost.
const STEPS: u64 = 200_000;

/// The edges from one version to another, in the order they are crossed.
pub(super) struct Way<'w> {
    pub edges: &'w [Hop<'w>],
    pub direction: Direction,
    pub writer: &'w Schema,
    pub reader: &'w Schema,
    pub model: ContentModel,
}

impl Edge {
    /// The first operation that does not lead in this direction.
    pub(super) fn blocked_by(&self, direction: Direction) -> Option<(usize, &'static str)> {
        let Edge::Written { lens, .. } = self else { return None };
        lens.blocked_by(direction)
    }
}

impl Way<'_> {
    fn is_additions_only(&self) -> bool {
        self.edges.iter().all(|(_, _, edge)| matches!(edge, Edge::Addition))
    }

    /// What it does to events, at worst.
    ///
    /// It passes events on only if every edge is an addition and the reader takes, as written, everything that is valid
    /// for the writer: then no undeclared name can disturb either.
    pub fn class(&self) -> Class {
        let proved = |model| contains(self.writer, self.reader, model, &Budget::steps(STEPS));
        if self.edges.is_empty() {
            return Class::Pass;
        }
        if self.is_additions_only() && proved(ContentModel::Strict).is_compatible() {
            return Class::Pass;
        }
        let back = self.direction.reversed();
        if self.edges.iter().any(|(_, _, edge)| edge.blocked_by(back).is_some()) {
            return Class::OneWay;
        }
        let lossy = self.edges.iter().any(|(older, newer, edge)| match (edge, self.direction) {
            (Edge::Addition, Direction::Up) => false,
            // Down, what the newer shows and the older does not is deleted.
            (Edge::Addition, Direction::Down) => {
                !Reader::of(&newer.schema).is_within(&Reader::of(&older.schema))
            }
            (Edge::Written { lens, .. }, direction) => !lens.accepted(direction).is_empty(),
        });
        if lossy { Class::Lossy } else { Class::Iso }
    }

    /// The losses that the lenses on the way accept, each as a place in the events of its own edge.
    pub fn losses(&self) -> Vec<Pointer> {
        let mut losses: Vec<Pointer> = Vec::new();
        for (_, _, edge) in self.edges {
            if let Edge::Written { lens, .. } = edge {
                let new = lens.accepted(self.direction).iter().filter(|at| !losses.contains(at));
                losses.extend(new.cloned().collect::<Vec<_>>());
            }
        }
        losses
    }

    /// How sure it is that what comes out is valid, for events that a producer can emit.
    ///
    /// That every edge is proven does not prove the way: in the event model, an edge may let names through that the
    /// next edge knows nothing of. So the way is typed and proved as a whole, with all its operations in one row.
    pub fn assurance(&self) -> Assurance {
        let recorded = self.edges.iter().filter_map(|(_, _, edge)| match edge {
            Edge::Addition => None,
            Edge::Written { assurance, .. } => Some(*assurance),
        });
        let tried = recorded.filter_map(|assurance| match assurance {
            Assurance::Proven => None,
            Assurance::Tested(events) => Some(events),
        });
        match tried.min() {
            Some(events) => Assurance::Tested(events),
            None if self.is_proved() => Assurance::Proven,
            None => Assurance::Tested(0),
        }
    }

    fn is_proved(&self) -> bool {
        let budget = Budget::steps(STEPS);
        let contained =
            |writer: &Schema| contains(writer, self.reader, self.model, &budget).is_compatible();
        if self.edges.is_empty() {
            return true;
        }
        match (self.direction, self.model) {
            // The reader deletes what it does not declare, and nothing else happens on the way.
            (Direction::Down, ContentModel::Event) if self.is_additions_only() => {
                return self.is_one_deletion() && contained(self.writer);
            }
            // A deletion is no operation that could be typed.
            (Direction::Down, _) if self.has_addition() => return false,
            _ => {}
        }
        let ops = self.edges.iter().flat_map(|(_, _, edge)| {
            let lens = match edge {
                Edge::Addition => None,
                Edge::Written { lens, .. } => Some(lens),
            };
            lens.into_iter().flat_map(|lens| lens.steps(self.direction))
        });
        let ops: Vec<_> = ops.map(|(_, op)| (op, self.direction)).collect();
        if ops.is_empty() {
            return contained(self.writer);
        }
        image(ops, self.writer, self.model).is_some_and(|images| images.iter().all(contained))
    }

    fn has_addition(&self) -> bool {
        self.edges.iter().any(|(_, _, edge)| matches!(edge, Edge::Addition))
    }

    /// Whether deleting for every version on the way deletes what the last of them deletes, and no more.
    fn is_one_deletion(&self) -> bool {
        let readers: Vec<Reader> =
            self.edges.iter().map(|(older, _, _)| Reader::of(&older.schema)).collect();
        readers.windows(2).all(|pair| pair[1].is_within(&pair[0]))
    }
}
