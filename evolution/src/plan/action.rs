//! What a plan does to an event, compiled: operations in their order, chains of renamings made one.

use std::sync::Arc;

use super::Edge;
use crate::{
    containment::Reader,
    lens::{Direction, Lens, Op, OpError, node::Node, run_op},
    pointer::Pointer,
    schema::Schema,
};

/// How many actions back a renaming may join a chain.
const LOOK_BACK: usize = 64;

/// An operation of a lens, by its place in the lens.
#[derive(Clone)]
pub(super) struct Run {
    lens: Lens,
    op: usize,
    direction: Direction,
}

/// One thing a plan does to an event.
pub(super) enum Action {
    /// One operation.
    Op(Run),
    /// One renaming after the other of the same value: from the first name to the last.
    Chain(Chain),
    /// Names that a schema does not declare are deleted.
    Project(Arc<Reader>),
}

/// A value that is renamed and renamed again.
pub(super) struct Chain {
    /// The object it is in.
    parent: Pointer,
    /// Its names, first to last.
    names: Vec<String>,
    /// The same, sorted, each with its place in that row.
    sorted: Vec<(String, usize)>,
    /// A bit for every length that a name has: most names of an event are not worth a search.
    lengths: u64,
    /// The renamings, in order.
    runs: Vec<Run>,
}

impl Run {
    fn op(&self) -> &Op {
        self.lens.op(self.op)
    }

    fn fault(&self, pointer: Pointer, message: impl Into<String>) -> OpError {
        OpError { op: self.op, name: self.op().name(), pointer, message: message.into() }
    }

    /// From where to where it renames, if that is all it does.
    fn renaming(&self) -> Option<(&Pointer, &Pointer)> {
        self.op().renaming(self.direction)
    }
}

impl Action {
    /// Runs it; losses are places as it saw them.
    pub fn run<'n>(
        &'n self,
        event: &mut Node<'n>,
        losses: &mut Vec<Pointer>,
    ) -> Result<(), OpError> {
        match self {
            Action::Op(run) => run_op(run.op, run.op(), run.direction, event, losses),
            Action::Chain(chain) => chain.run(event),
            Action::Project(reader) => {
                event.prune(&reader.root(), losses);
                Ok(())
            }
        }
    }

    /// Where a value that is at `pointer` after it was before.
    pub fn origin(&self, pointer: Pointer) -> Pointer {
        match self {
            Action::Op(run) => run.op().origin(run.direction, pointer),
            Action::Chain(chain) => chain
                .runs
                .iter()
                .rev()
                .fold(pointer, |pointer, run| run.op().origin(run.direction, pointer)),
            Action::Project(_) => pointer,
        }
    }

    /// Every place it looks at or changes; `None` if it may be any.
    fn places(&self) -> Option<Vec<Pointer>> {
        match self {
            Action::Op(run) => run.op().places(),
            Action::Chain(chain) => {
                Some(chain.names.iter().map(|name| chain.parent.child(name.as_str())).collect())
            }
            Action::Project(_) => None,
        }
    }
}

impl Chain {
    /// Exactly what its renamings do, one after the other: the first of its names that is there becomes the last, unless
    /// another of them is in the way.
    fn run<'n>(&'n self, event: &mut Node<'n>) -> Result<(), OpError> {
        let Some(parent) = event.view().find(self.parent.tokens()) else { return Ok(()) };
        // The first two of its names that are there.
        let (mut first, mut second) = (None, None);
        parent.each_name(|name| {
            let Some(at) = self.place(name) else { return };
            if first.is_none_or(|first| at < first) {
                (first, second) = (Some(at), first);
            } else if second.is_none_or(|second| at < second) {
                second = Some(at);
            }
        });
        let Some(first) = first else { return Ok(()) };
        if let Some(next) = second {
            let at = self.parent.child(self.names[next].as_str());
            return Err(self.runs[next - 1].fault(at, "the place is occupied"));
        }
        let (from, last) = (&self.names[first], &self.names[self.names.len() - 1]);
        if from != last
            && let Some(members) = event.open_at(self.parent.tokens()).and_then(Node::open)
        {
            members.rename(from, last.as_str());
        }
        Ok(())
    }

    /// Takes another renaming in, if it goes on from here.
    fn goes_on(&mut self, run: &Run) -> bool {
        let Some((from, to)) = run.renaming() else { return false };
        let (Some((parent, from)), Some(to)) = (from.split_last(), to.tokens().last()) else {
            return false;
        };
        let last = self.names.last().map(String::as_str);
        if parent != self.parent || Some(from) != last || self.names.contains(to) {
            return false;
        }
        self.name(to);
        self.runs.push(run.clone());
        true
    }

    fn name(&mut self, name: &str) {
        self.lengths |= 1 << (name.len() & 63);
        let at = self.sorted.partition_point(|(other, _)| other.as_str() < name);
        self.sorted.insert(at, (name.to_owned(), self.names.len()));
        self.names.push(name.to_owned());
    }

    /// Where a name stands in the row.
    fn place(&self, name: &str) -> Option<usize> {
        if self.lengths & 1 << (name.len() & 63) == 0 {
            return None;
        }
        let found = self.sorted.binary_search_by(|(own, _)| own.as_str().cmp(name));
        found.ok().map(|at| self.sorted[at].1)
    }

    fn starting(run: &Run) -> Option<Chain> {
        let (from, to) = run.renaming()?;
        let (parent, from) = from.split_last()?;
        let mut chain = Chain {
            parent,
            names: Vec::new(),
            sorted: Vec::new(),
            lengths: 0,
            runs: vec![run.clone()],
        };
        chain.name(from);
        chain.name(to.tokens().last()?);
        Some(chain)
    }
}

/// The actions of a way, edge after edge, in as few as give the same.
pub(super) fn fused(edges: &[(&Schema, &Edge)], direction: Direction) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for (older, edge) in edges {
        match (edge, direction) {
            (Edge::Addition, Direction::Up) => {}
            (Edge::Addition, Direction::Down) => {
                let reader = Arc::new(Reader::of(older));
                // What the reader before would delete, this one deletes as well.
                if let Some(Action::Project(before)) = actions.last()
                    && reader.is_within(before)
                {
                    actions.pop();
                }
                actions.push(Action::Project(reader));
            }
            (Edge::Written { lens, .. }, direction) => {
                for (op, _) in lens.steps(direction) {
                    push(&mut actions, Run { lens: lens.clone(), op, direction });
                }
            }
        }
    }
    actions
}

/// Appends an operation; a renaming goes back to the chain it goes on from, past operations on other places.
fn push(actions: &mut Vec<Action>, run: Run) {
    if let Some((from, to)) = run.renaming() {
        for action in actions.iter_mut().rev().take(LOOK_BACK) {
            if let Action::Chain(chain) = action
                && chain.goes_on(&run)
            {
                return;
            }
            let apart = |place: &Pointer| {
                [from, to].iter().all(|own| !own.contains(place) && !place.contains(own))
            };
            if !action.places().is_some_and(|places| places.iter().all(apart)) {
                break;
            }
        }
    }
    actions.push(match Chain::starting(&run) {
        Some(chain) => Action::Chain(chain),
        None => Action::Op(run),
    });
}
