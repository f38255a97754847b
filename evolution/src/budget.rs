//! A budget bounds how long the engine thinks, and says what it may remember. The engine has neither a clock nor a memory
//! of its own, so the caller hands both in.

use std::cell::Cell;

use crate::containment::Verdicts;

/// How much work one question may cost: a number of steps, and optionally a deadline the caller watches.
///
/// Running out is never an answer: it turns into `Undecided` with the reason `BUDGET`.
pub struct Budget<'a> {
    steps: Cell<u64>,
    expired: Option<&'a dyn Fn() -> bool>,
    verdicts: Option<&'a Verdicts>,
}

impl<'a> Budget<'a> {
    /// At most `steps` steps of reasoning; no deadline. Deterministic.
    pub fn steps(steps: u64) -> Budget<'a> {
        Budget { steps: Cell::new(steps), expired: None, verdicts: None }
    }

    /// At most `steps` steps, and none once `expired` answers true. It is asked every 16 steps.
    pub fn until(steps: u64, expired: &'a dyn Fn() -> bool) -> Self {
        Budget { steps: Cell::new(steps), expired: Some(expired), verdicts: None }
    }

    /// The same, with verdicts that need not be found again.
    #[must_use]
    pub fn remembering(self, verdicts: &'a Verdicts) -> Self {
        Budget { verdicts: Some(verdicts), ..self }
    }

    pub(crate) fn verdicts(&self) -> Option<&'a Verdicts> {
        self.verdicts
    }

    /// Takes one step; false once the budget is spent, and from then on.
    pub fn step(&self) -> bool {
        let left = self.steps.get();
        if left == 0 {
            return false;
        }
        let out_of_time = left.is_multiple_of(16) && self.expired.is_some_and(|expired| expired());
        self.steps.set(if out_of_time { 0 } else { left - 1 });
        !out_of_time
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        if self.steps.get() > 0 && self.expired.is_some_and(|expired| expired()) {
            self.steps.set(0);
        }
        self.steps.get() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_stays_spent() {
        let budget = Budget::steps(2);

        let taken: Vec<bool> = (0..4).map(|_| budget.step()).collect();

        assert_eq!(taken, [true, true, false, false]);
    }

    #[test]
    fn a_deadline_ends_it_early() {
        let budget = Budget::until(1_000_000, &|| true);

        assert!(budget.is_spent());
        assert!(!budget.step());
    }
}
