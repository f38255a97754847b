//! Arrays: how many items, what each position must be, and items that must exist somewhere.

use std::{collections::BTreeSet, rc::Rc};

use serde_json::Value;

use super::{Case, Found, Goal, Lit, Prover, Reason, Sites, same};
use crate::{
    containment::{ContentModel, Doubt},
    schema::normal::Form,
};

/// Positions told apart; beyond them an array is not followed.
const POSITIONS: u64 = 128;

/// What an array of a case must be.
#[derive(Default)]
struct Wanted {
    least: u64,
    most: Option<u64>,
    /// What items must be, from and up to (exclusive) an index.
    universal: Vec<(u64, u64, Lit)>,
    /// What no item may be.
    never: BTreeSet<Lit>,
    /// The item at an index must not be this.
    failing: Vec<(u64, Lit)>,
    /// Some item from an index on must not be this.
    failing_from: Vec<(u64, Lit)>,
    /// So many items must be this.
    containing: Vec<(u64, Lit)>,
    /// No more than so many items may be this.
    containing_at_most: Vec<(u64, Lit)>,
    unique: bool,
    repeated: bool,
}

impl Wanted {
    fn at_most(&mut self, most: u64) {
        self.most = Some(self.most.map_or(most, |own| own.min(most)));
    }

    fn at_least(&mut self, least: u64) {
        self.least = self.least.max(least);
    }

    /// The first position from which on all are alike.
    fn alike_from(&self) -> u64 {
        let universal =
            self.universal.iter().map(|(from, to, _)| if *to == u64::MAX { *from } else { *to });
        let failing = self.failing.iter().map(|(at, _)| at + 1);
        let failing_from = self.failing_from.iter().map(|(from, _)| *from);
        universal.chain(failing).chain(failing_from).max().unwrap_or(0)
    }

    fn is_empty(&self) -> bool {
        self.most.is_some_and(|most| self.least > most)
    }
}

impl Prover<'_> {
    pub(super) fn arrays(&mut self, case: &Case, goal: &Goal) -> Found {
        let Some(mut wanted) = self.array_wanted(case) else { return Found::Nothing };
        if wanted.is_empty() {
            return Found::Nothing;
        }
        let sites = goal.sites.clone().filter(|_| self.model == ContentModel::Event);
        let by_shape = sites.as_ref().map_or(0, |sites| {
            sites.writer.alike_from(self.writer).max(sites.reader.alike_from(self.reader))
        });
        let tail = wanted.alike_from().max(by_shape);
        if tail > POSITIONS {
            return Found::unsure(Reason::Unwitnessed, "");
        }
        // An impossible position bounds the length.
        let mut examples: Vec<Found> = Vec::new();
        for position in 0..=tail {
            if wanted.most.is_some_and(|most| position >= most) {
                break;
            }
            let found = self.item(position, &wanted, [], sites.as_ref());
            if found.is_nothing() {
                wanted.at_most(position);
                break;
            }
            examples.push(found);
        }
        if wanted.is_empty() {
            return Found::Nothing;
        }
        self.array_built(&wanted, tail, &examples, sites.as_ref())
    }

    fn array_wanted(&self, case: &Case) -> Option<Wanted> {
        let mut wanted = Wanted::default();
        let signed = case
            .holds
            .iter()
            .map(|lit| (true, lit))
            .chain(case.fails.iter().map(|lit| (false, lit)));
        for (holds, lit) in signed {
            let of = |node| Lit { side: lit.side, node };
            match (self.form(*lit), holds) {
                (Form::MinItems(least), true) => wanted.at_least(*least),
                (Form::MaxItems(most), true) => wanted.at_most(*most),
                (Form::MinItems(least), false) => wanted.at_most(least.checked_sub(1)?),
                (Form::MaxItems(most), false) => wanted.at_least(most.checked_add(1)?),
                (Form::Item(index, node), true) => {
                    wanted.universal.push((*index, index.checked_add(1)?, of(*node)));
                }
                (Form::ItemsFrom(from, node), true) => {
                    wanted.universal.push((*from, u64::MAX, of(*node)));
                }
                (Form::Item(index, node), false) => {
                    wanted.at_least(index.checked_add(1)?);
                    wanted.failing.push((*index, of(*node)));
                }
                (Form::ItemsFrom(from, node), false) => {
                    wanted.at_least(from.checked_add(1)?);
                    wanted.failing_from.push((*from, of(*node)));
                }
                (Form::Unique, true) => wanted.unique = true,
                (Form::Unique, false) => {
                    wanted.at_least(2);
                    wanted.repeated = true;
                }
                (Form::ContainsMin(least, node), true) => contains(&mut wanted, *least, of(*node)),
                (Form::ContainsMax(most, node), false) => {
                    contains(&mut wanted, most.checked_add(1)?, of(*node));
                }
                (Form::ContainsMax(most, node), true) => {
                    contains_at_most(&mut wanted, *most, of(*node));
                }
                (Form::ContainsMin(least, node), false) => {
                    contains_at_most(&mut wanted, least.checked_sub(1)?, of(*node));
                }
                _ => {}
            }
        }
        Some(wanted)
    }

    /// Looks for an item at `position` that also satisfies `extra`.
    fn item(
        &mut self,
        position: u64,
        wanted: &Wanted,
        extra: impl IntoIterator<Item = (bool, Lit)>,
        sites: Option<&Rc<Sites>>,
    ) -> Found {
        let goal = self.item_goal(position, wanted, extra, sites);
        self.solve(&goal)
    }

    fn item_goal(
        &self,
        position: u64,
        wanted: &Wanted,
        extra: impl IntoIterator<Item = (bool, Lit)>,
        sites: Option<&Rc<Sites>>,
    ) -> Goal {
        let mut holds: BTreeSet<Lit> = wanted
            .universal
            .iter()
            .filter(|(from, to, _)| (*from..*to).contains(&position))
            .map(|(_, _, lit)| *lit)
            .collect();
        let mut fails = wanted.never.clone();
        fails.extend(wanted.failing.iter().filter(|(at, _)| *at == position).map(|(_, lit)| *lit));
        for (sign, lit) in extra {
            if sign {
                holds.insert(lit)
            } else {
                fails.insert(lit)
            };
        }
        let below = sites.map(|sites| {
            Rc::new(Sites {
                writer: sites.writer.item(self.writer, position),
                reader: sites.reader.item(self.reader, position),
            })
        });
        self.below(below, holds, fails)
    }

    fn array_built(
        &mut self,
        wanted: &Wanted,
        tail: u64,
        examples: &[Found],
        sites: Option<&Rc<Sites>>,
    ) -> Found {
        // Positions an item may stand at; the last one stands for all that follow.
        let last = wanted.most.map_or(tail, |most| tail.min(most.saturating_sub(1)));
        let reach = |from: u64| from..=last.max(from);
        let mut items: Vec<Option<Value>> = Vec::new();
        let mut doubt: Option<Doubt> = None;
        let place = |items: &mut Vec<Option<Value>>, position: u64, value: Value| {
            let mut position = usize::try_from(position).unwrap_or(usize::MAX);
            // From the tail on one position is as good as another: what stands there already may stay.
            let taken = |position: usize| items.get(position).is_some_and(Option::is_some);
            if position as u64 >= tail && taken(position) {
                let free = (position + 1..=items.len()).find(|other| !taken(*other));
                let free = free.unwrap_or(position);
                if wanted.most.is_none_or(|most| (free as u64) < most) {
                    position = free;
                }
            }
            if items.len() <= position {
                items.resize(position + 1, None);
            }
            items[position] = Some(value);
        };
        for (from, lit) in &wanted.failing_from {
            match self.anywhere(reach(*from), wanted, &[(false, *lit)], sites) {
                (_, Found::Nothing) => return Found::Nothing,
                (position, Found::Example(value)) => place(&mut items, position, value),
                (_, Found::Unsure(why)) => drop(doubt.get_or_insert(why)),
            }
        }
        for (count, lit) in &wanted.containing {
            match self.containing(*count, *lit, wanted, tail, sites) {
                Err(found) => match found {
                    Found::Unsure(why) => drop(doubt.get_or_insert(why)),
                    found => return found,
                },
                Ok(found) => found
                    .into_iter()
                    .for_each(|(position, value)| place(&mut items, position, value)),
            }
        }
        for (most, lit) in &wanted.containing_at_most {
            let mut forced = 0_u64;
            for position in 0..wanted.least.min(tail + 1) {
                if self.item(position, wanted, [(false, *lit)], sites).is_nothing() {
                    forced += if position == tail { wanted.least - tail } else { 1 };
                }
            }
            if forced > *most {
                return Found::Nothing;
            }
        }
        if wanted.repeated && wanted.most.is_some_and(|most| most < 2) {
            return Found::Nothing;
        }
        if let Some(doubt) = doubt {
            return Found::Unsure(doubt);
        }
        self.array_filled(items, wanted, examples, sites)
    }

    /// Fills the positions nothing special was asked of.
    fn array_filled(
        &mut self,
        mut items: Vec<Option<Value>>,
        wanted: &Wanted,
        examples: &[Found],
        sites: Option<&Rc<Sites>>,
    ) -> Found {
        let Ok(least) = usize::try_from(wanted.least.min(10_000)) else {
            return Found::unsure(Reason::Unwitnessed, "");
        };
        if (least as u64) < wanted.least {
            return Found::unsure(Reason::Unwitnessed, "");
        }
        if items.len() < least {
            items.resize(least, None);
        }
        let mut built: Vec<Value> = Vec::with_capacity(items.len());
        for (position, item) in (0_u64..).zip(items) {
            let index = usize::try_from(position).unwrap_or(usize::MAX);
            let usual = || examples.get(index).or(examples.last()).cloned();
            let mut value = match item.map_or_else(usual, |value| Some(Found::Example(value))) {
                Some(Found::Example(value)) => value,
                Some(Found::Unsure(doubt)) => return Found::Unsure(doubt),
                _ => return Found::unsure(Reason::Unwitnessed, ""),
            };
            if wanted.unique && built.iter().any(|other| same(other, &value)) {
                let limits = wanted.containing_at_most.iter().map(|(_, lit)| (false, *lit));
                let mut goal = self.item_goal(position, wanted, limits, sites);
                goal.avoid.clone_from(&built);
                match self.solve(&goal) {
                    Found::Example(other) => value = other,
                    Found::Unsure(doubt) => return Found::Unsure(doubt),
                    Found::Nothing => return Found::unsure(Reason::Unwitnessed, ""),
                }
            }
            built.push(value);
        }
        if wanted.repeated
            && !built
                .iter()
                .enumerate()
                .any(|(index, item)| built[..index].iter().any(|other| same(item, other)))
        {
            match built.first().cloned() {
                Some(first) if built.len() >= 2 => built[1] = first,
                _ => return Found::unsure(Reason::Unwitnessed, ""),
            }
        }
        Found::Example(Value::Array(built))
    }

    /// Looks for an item that satisfies `extra` at the first position that has one.
    fn anywhere(
        &mut self,
        positions: std::ops::RangeInclusive<u64>,
        wanted: &Wanted,
        extra: &[(bool, Lit)],
        sites: Option<&Rc<Sites>>,
    ) -> (u64, Found) {
        let mut doubt = None;
        for position in positions {
            match self.item(position, wanted, extra.iter().copied(), sites) {
                Found::Nothing => {}
                Found::Example(value) => return (position, Found::Example(value)),
                Found::Unsure(why) => drop(doubt.get_or_insert(why)),
            }
        }
        (0, doubt.map_or(Found::Nothing, Found::Unsure))
    }

    /// Looks for `count` items that are `lit`.
    fn containing(
        &mut self,
        count: u64,
        lit: Lit,
        wanted: &Wanted,
        tail: u64,
        sites: Option<&Rc<Sites>>,
    ) -> Result<Vec<(u64, Value)>, Found> {
        if wanted.most.is_some_and(|most| most < count) {
            return Err(Found::Nothing);
        }
        let mut doubt = None;
        let mut found = Vec::new();
        for position in 0..=tail {
            let room = wanted.most.is_none_or(|most| position < most);
            if !room {
                break;
            }
            match self.item(position, wanted, [(true, lit)], sites) {
                Found::Nothing => {}
                Found::Unsure(why) => drop(doubt.get_or_insert(why)),
                Found::Example(value) if position < tail => found.push((position, value)),
                Found::Example(value) => {
                    let room = wanted.most.map_or(u64::MAX, |most| most - position);
                    let missing = count.saturating_sub(found.len() as u64).min(room).min(1_000);
                    found.extend(
                        (position..position + missing).map(|position| (position, value.clone())),
                    );
                }
            }
            if found.len() as u64 >= count {
                return Ok(found);
            }
        }
        Err(match doubt {
            Some(doubt) => Found::Unsure(doubt),
            None if count > 1_000 => Found::unsure(Reason::Unwitnessed, ""),
            None => Found::Nothing,
        })
    }
}

fn contains(wanted: &mut Wanted, least: u64, lit: Lit) {
    if least > 0 {
        wanted.at_least(least);
        wanted.containing.push((least, lit));
    }
}

fn contains_at_most(wanted: &mut Wanted, most: u64, lit: Lit) {
    if most == 0 {
        wanted.never.insert(lit);
    } else {
        wanted.containing_at_most.push((most, lit));
    }
}
