//! Chance that is the same every time.

use std::cell::Cell;

/// A small generator (xorshift64*), started from a seed.
pub(super) struct Seed(Cell<u64>);

impl Seed {
    pub(super) fn new(seed: u64) -> Self {
        Seed(Cell::new(seed | 1))
    }

    /// A number from 0 to `end - 1`; 0 where `end` is 0.
    pub(super) fn below(&self, end: usize) -> usize {
        let mut state = self.0.get();
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        self.0.set(state);
        let drawn = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap_or(0) % end.max(1)
    }
}
