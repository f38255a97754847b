//! Numbers: intervals, whole steps, and values ruled out, all exact.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, Zero};
use serde_json::Value;

use super::{Case, Found, Goal, Prover, Reason};
use crate::schema::normal::{Form, Rational, TypeSet, integer, rational};

/// Values tried before giving up.
const TRIED: usize = 2_000;

/// One end of an interval.
#[derive(Clone)]
struct End {
    bound: Rational,
    open: bool,
}

/// What a number of a case must be.
#[derive(Default)]
struct Wanted {
    low: Option<End>,
    high: Option<End>,
    steps: Vec<BigInt>,
    off_steps: Vec<BigInt>,
    forbidden: Vec<Rational>,
}

impl Wanted {
    fn at_least(&mut self, bound: &Rational, open: bool) {
        let tighter =
            self.low.as_ref().is_none_or(|low| *bound > low.bound || *bound == low.bound && open);
        if tighter {
            self.low = Some(End { bound: bound.clone(), open });
        }
    }

    fn at_most(&mut self, bound: &Rational, open: bool) {
        let tighter = self
            .high
            .as_ref()
            .is_none_or(|high| *bound < high.bound || *bound == high.bound && open);
        if tighter {
            self.high = Some(End { bound: bound.clone(), open });
        }
    }

    fn in_bounds(&self, number: &Rational) -> bool {
        let above = |low: &End| if low.open { *number > low.bound } else { *number >= low.bound };
        let below =
            |high: &End| if high.open { *number < high.bound } else { *number <= high.bound };
        self.low.as_ref().is_none_or(above) && self.high.as_ref().is_none_or(below)
    }

    fn takes(&self, number: &Rational) -> bool {
        self.in_bounds(number)
            && !self.forbidden.contains(number)
            && self.steps.iter().all(|step| (number / step).is_integer())
            && !self.off_steps.iter().any(|step| (number / step).is_integer())
    }

    fn is_empty_interval(&self) -> bool {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => {
                low.bound > high.bound || low.bound == high.bound && (low.open || high.open)
            }
            _ => false,
        }
    }
}

impl Prover<'_> {
    pub(super) fn numbers(&self, case: &Case, goal: &Goal, kind: TypeSet) -> Found {
        let mut wanted = Wanted {
            forbidden: self
                .forbidden(case, goal)
                .iter()
                .filter_map(|value| value.as_number().and_then(|number| rational(number.as_str())))
                .collect(),
            ..Wanted::default()
        };
        for lit in &case.holds {
            match self.form(*lit) {
                Form::AtLeast { bound, open } => wanted.at_least(bound, *open),
                Form::AtMost { bound, open } => wanted.at_most(bound, *open),
                Form::MultipleOf(step) => wanted.steps.push(step.to_integer()),
                _ => {}
            }
        }
        for lit in &case.fails {
            match self.form(*lit) {
                Form::AtLeast { bound, open } => wanted.at_most(bound, !*open),
                Form::AtMost { bound, open } => wanted.at_least(bound, !*open),
                Form::MultipleOf(step) => wanted.off_steps.push(step.to_integer()),
                _ => {}
            }
        }
        if wanted.is_empty_interval() {
            return Found::Nothing;
        }
        match kind {
            TypeSet::FRACTION => fraction(&wanted),
            TypeSet::WHOLE => whole(&wanted, ""),
            _ => whole(&wanted, ".0"),
        }
    }
}

/// A whole number, spelled with `suffix`.
fn whole(wanted: &Wanted, suffix: &str) -> Found {
    let step = wanted
        .steps
        .iter()
        .filter(|step| step.is_positive())
        .fold(BigInt::one(), |all, step| all.lcm(step));
    if wanted.off_steps.iter().any(|off| step.is_multiple_of(off)) {
        return Found::Nothing;
    }
    let first = wanted.low.as_ref().map(|low| {
        let at = (&low.bound / &step).ceil().to_integer();
        if low.open && Ratio::from(&at * &step) == low.bound { at + 1 } else { at }
    });
    let last = wanted.high.as_ref().map(|high| {
        let at = (&high.bound / &step).floor().to_integer();
        if high.open && Ratio::from(&at * &step) == high.bound { at - 1 } else { at }
    });
    if let (Some(first), Some(last)) = (&first, &last)
        && first > last
    {
        return Found::Nothing;
    }
    // Start at the number nearest to nought, where people look first, and walk away from it.
    let zero = BigInt::zero();
    let (start, up) = match (&first, &last) {
        (Some(first), _) if *first > zero => (first.clone(), true),
        (_, Some(last)) if *last < zero => (last.clone(), false),
        _ => (zero, true),
    };
    let mut tried = 0;
    for direction in [up, !up] {
        let mut at = start.clone();
        while tried < TRIED {
            let inside = first.as_ref().is_none_or(|first| at >= *first)
                && last.as_ref().is_none_or(|last| at <= *last);
            if !inside {
                break;
            }
            let number = Ratio::from(&at * &step);
            if wanted.takes(&number) {
                return spelled(&format!("{}{suffix}", number.to_integer()));
            }
            tried += 1;
            at += if direction { 1 } else { -1 };
        }
    }
    if tried < TRIED { Found::Nothing } else { Found::unsure(Reason::Unwitnessed, "") }
}

/// A number that is not whole.
fn fraction(wanted: &Wanted) -> Found {
    if !wanted.steps.is_empty() {
        return Found::Nothing;
    }
    let half = Ratio::new(BigInt::one(), BigInt::from(2));
    let (low, high) = match (&wanted.low, &wanted.high) {
        (Some(low), Some(high)) if low.bound == high.bound => {
            let only = &low.bound;
            return if only.is_integer() || wanted.forbidden.contains(only) {
                Found::Nothing
            } else {
                decimal(only)
            };
        }
        (Some(low), Some(high)) => (low.bound.clone(), high.bound.clone()),
        (Some(low), None) => (low.bound.clone(), low.bound.clone().ceil() + integer(2)),
        (None, Some(high)) => (high.bound.clone().floor() - integer(2), high.bound.clone()),
        (None, None) => (Rational::zero(), integer(2)),
    };
    let near = [&low.floor() + &half, &high.ceil() - &half, low.clone(), high.clone()];
    let ends = near.into_iter().find(|number| !number.is_integer() && wanted.takes(number));
    if let Some(number) = ends {
        return decimal(&number);
    }
    // Ever closer to the lower end: infinitely many, of which finitely many are ruled out.
    let mut width = &high - &low;
    for _ in 0..64 {
        width *= &half;
        let number = &low + &width;
        if !number.is_integer() && wanted.takes(&number) {
            return decimal(&number);
        }
    }
    Found::unsure(Reason::Unwitnessed, "")
}

/// A fraction as JSON spells it, where it has an end.
fn decimal(number: &Rational) -> Found {
    let ten = BigInt::from(10);
    let mut scaled = number.clone();
    let mut digits = 0_usize;
    while !scaled.is_integer() && digits < 100 {
        scaled *= &ten;
        digits += 1;
    }
    if !scaled.is_integer() {
        return Found::unsure(Reason::Unwitnessed, "");
    }
    let whole = scaled.to_integer();
    let sign = if whole.is_negative() { "-" } else { "" };
    let text = format!("{:0>width$}", whole.abs().to_string(), width = digits + 1);
    let (before, after) = text.split_at(text.len() - digits);
    spelled(&format!("{sign}{before}.{after}"))
}

fn spelled(text: &str) -> Found {
    serde_json::from_str::<Value>(text)
        .map_or_else(|_| Found::unsure(Reason::Unwitnessed, ""), Found::Example)
}
