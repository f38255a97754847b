//! A bar: a ratio and the goal it is held to; and how two things are timed side by side.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// How long a measurement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Within 50 seconds for an area.
    Quick,
    /// As long as a steady figure takes.
    Full,
}

/// A measured ratio and its goal.
#[derive(Debug, Clone)]
pub struct Bar {
    name: String,
    value: f64,
    goal: Goal,
}

#[derive(Debug, Clone, Copy)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    /// A figure that is good when it is large.
    pub fn at_least(name: impl Into<String>, value: f64, goal: f64) -> Bar {
        Bar { name: name.into(), value, goal: Goal::AtLeast(goal) }
    }

    /// A figure that is good when it is small.
    pub fn at_most(name: impl Into<String>, value: f64, goal: f64) -> Bar {
        Bar { name: name.into(), value, goal: Goal::AtMost(goal) }
    }

    /// Whether the goal is reached. A value that is no number reaches none.
    pub fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(goal) => self.value >= goal,
            Goal::AtMost(goal) => self.value <= goal,
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, goal) = match self.goal {
            Goal::AtLeast(goal) => (">=", goal),
            Goal::AtMost(goal) => ("<=", goal),
        };
        let verdict = if self.is_met() { "ok" } else { "short" };
        write!(f, "{} value={:.2} goal{sign}{goal:.2} {verdict}", self.name, self.value)
    }
}

/// Runs two things in turns, `rounds` times each after one unmeasured round, and gives the median time of each.
pub fn in_turns(
    rounds: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) -> (Duration, Duration) {
    ours();
    theirs();
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        times.0.push(timed(&mut ours));
        times.1.push(timed(&mut theirs));
    }
    (median(times.0), median(times.1))
}

/// How long one call takes.
pub fn timed(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The middle one; zero for none.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_whether_it_is_met() {
        assert_eq!(Bar::at_least("a.b", 0.9, 0.9).to_string(), "a.b value=0.90 goal>=0.90 ok");
        assert_eq!(Bar::at_most("a.b", 2.5, 2.0).to_string(), "a.b value=2.50 goal<=2.00 short");
        assert!(!Bar::at_least("a.b", f64::NAN, 0.0).is_met());
    }
}
