//! A place is an instance location, as the steps that lead there from the whole event.

/// One step into an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Member(String),
    Item(u64),
    /// Members or items that no single step names: those of a pattern, a condition, all others.
    Some,
}

/// The steps to one instance location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place(Vec<Step>);

impl Place {
    pub fn then(&self, step: Step) -> Place {
        Place(self.0.iter().cloned().chain([step]).collect())
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}
