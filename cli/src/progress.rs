//! Progress: a bar on long work, on a terminal only, and on stderr so that no result is disturbed.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far some work has come.
pub struct Progress(ProgressBar);

/// Below so many steps a bar would only flicker.
const FEW: usize = 50;

impl Progress {
    /// A bar for so many steps; one that is never seen where stderr is no terminal, or the work is short.
    pub fn new(what: &'static str, steps: usize, is_quiet: bool) -> Self {
        let target = if steps < FEW || is_quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let length = u64::try_from(steps).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), target).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Progress(bar)
    }

    /// One step more is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Prints something while the bar stands aside.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
