//! The translator beside the least that could stand in its place: a loop over lines, a bare forwarder, a bare queue.
//!
//! Processes are those beside this one, built in the same way. What is compared runs in turns within one run, under the
//! same load, from this process.

#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has nothing to say")]

mod house;
mod inline;
mod load;
pub mod peer;
mod pipe;
mod start;
mod stored;

use tokio::runtime::Runtime;

use crate::bar::{Bar, Effort};

pub fn measure(effort: Effort) -> Vec<Bar> {
    let runtime = Runtime::new().expect("a runtime");
    let mut bars = pipe::measure(effort);
    bars.extend(runtime.block_on(inline::measure(effort)));
    bars.extend(runtime.block_on(stored::measure(effort)));
    bars.extend(runtime.block_on(start::measure(effort)));
    bars
}

pub fn measure_start(effort: Effort) -> Vec<Bar> {
    Runtime::new().expect("a runtime").block_on(start::measure(effort))
}
