//! Which place of the newer version is which of the older: kept, renamed, moved, cut up, gone or come.

use serde_json::{Value, json};

use super::{
    alike::{self, words},
    draft::{Draft, Phase},
    spot::{Chosen, Spot},
    values,
};
use crate::pointer::Pointer;

/// Places that are held against each other at most; the rest is gone or come.
const MOST: usize = 150;

/// Places without a counterpart at the same place.
#[derive(Default)]
struct Pools {
    gone: Vec<Spot>,
    come: Vec<Spot>,
}

/// Proposes what carries events shaped like `old` to events shaped like `new`.
pub(super) fn compare(old: &Spot, new: &Spot, draft: &mut Draft) {
    let mut pools = Pools::default();
    counterpart(old, new, draft, &mut pools);
    relocate(&pools, old, new, draft);
}

/// Two places that are one.
fn counterpart(old: &Spot, new: &Spot, draft: &mut Draft, pools: &mut Pools) {
    if draft.enter(old, new) {
        inner(old, new, draft, pools);
        draft.exit();
    }
    values::presence(old, new, draft);
}

fn inner(old: &Spot, new: &Spot, draft: &mut Draft, pools: &mut Pools) {
    if old.is_object() && new.is_object() {
        object(old, new, draft, pools);
    } else if let (Some(before), Some(after)) = (old.items(), new.items()) {
        let mut items = draft.items();
        compare(&before, &after, &mut items);
        draft.each(&new.at, items);
    } else {
        values::change(old, new, draft);
    }
}

fn object(old: &Spot, new: &Spot, draft: &mut Draft, pools: &mut Pools) {
    let (mut gone, mut come) = (old.members(), new.members());
    let find = |spots: &[Spot], name: &str| spots.iter().position(|spot| spot.name() == name);
    let mut index = 0;
    while let Some(before) = gone.get(index) {
        match find(&come, before.name()) {
            Some(other) => counterpart(&gone.remove(index), &come.remove(other), draft, pools),
            None => index += 1,
        }
    }
    cut_up(&mut gone, &mut come, Cut::Split, draft);
    cut_up(&mut come, &mut gone, Cut::Merge, draft);
    let alone = gone.len() == 1 && come.len() == 1;
    let pairs = alike::pairs(gone.len().min(MOST), come.len().min(MOST), |a, b| {
        let alike = alike::spots(&gone[a], &come[b]);
        let of_a_kind = gone[a].kinds() == come[b].kinds() && gone[a].required == come[b].required;
        if alone && of_a_kind && alike > 0.2 { alike.max(alike::LIKELY) } else { alike }
    });
    for (a, b, likely) in &pairs {
        let (before, after) = (&gone[*a], &come[*b]);
        let op = json!({"rename": {"from": before.at, "to": after.at}});
        draft.guess(Phase::Rename, op, reason(before, after, *likely));
        counterpart(&before.moved(after.at.clone()), after, draft, pools);
    }
    let unpaired = |spots: Vec<Spot>, taken: Vec<usize>| {
        spots.into_iter().enumerate().filter(move |(index, _)| !taken.contains(index))
    };
    let of_gone = pairs.iter().map(|(a, _, _)| *a).collect();
    let of_come = pairs.iter().map(|(_, b, _)| *b).collect();
    pools.gone.extend(unpaired(gone, of_gone).map(|(_, spot)| spot));
    pools.come.extend(unpaired(come, of_come).map(|(_, spot)| spot));
}

fn reason(before: &Spot, after: &Spot, likely: f64) -> String {
    let types = if before.kinds() == after.kinds() { "of one type" } else { "of another type" };
    format!("`{}` and `{}` are alike ({likely:.1}) and {types}", before.called, after.called)
}

/// Which way a text is cut up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Split,
    Merge,
}

/// One text on one side whose name is in the names of several on the other: `name`, and `firstName` with `lastName`.
fn cut_up(wholes: &mut Vec<Spot>, pieces: &mut Vec<Spot>, cut: Cut, draft: &mut Draft) {
    let is_text = |spot: &Spot| spot.kinds() == ["string"] && spot.values().is_none();
    let mut index = 0;
    while let Some(whole) = wholes.get(index).cloned() {
        let name = words(whole.name());
        let mut parts: Vec<Spot> = pieces
            .iter()
            .filter(|piece| {
                let longer = words(piece.name());
                is_text(piece) && longer.len() > name.len() && longer.ends_with(&name)
            })
            .cloned()
            .collect();
        if !is_text(&whole) || parts.len() < 2 {
            index += 1;
            continue;
        }
        parts.sort_by_key(|part| (order(part.name()), part.at.clone()));
        let places: Vec<&Pointer> = parts.iter().map(|part| &part.at).collect();
        let why =
            "one text whose name is in the names of several; check the order and the separator";
        let (inside, missing) = (json!(places), "");
        let op = match cut {
            Cut::Split => {
                json!({"split": {"from": whole.at, "into": inside, "sep": " ", "missing": missing}})
            }
            Cut::Merge => {
                json!({"merge": {"from": inside, "into": whole.at, "sep": " ", "missing": missing}})
            }
        };
        draft.guess(Phase::Part, op, why);
        pieces.retain(|piece| !parts.iter().any(|part| part.at == piece.at));
        wholes.remove(index);
    }
}

/// Where a part usually stands.
fn order(name: &str) -> usize {
    let usual = ["title", "first", "given", "middle", "last", "family"];
    let words = words(name);
    usual.iter().position(|word| words.iter().any(|own| own == word)).unwrap_or(usual.len())
}

/// Moves between objects; then what is left is gone or come for good.
fn relocate(pools: &Pools, old: &Spot, new: &Spot, draft: &mut Draft) {
    let (gone, come) = (unfolded(&pools.gone), unfolded(&pools.come));
    let mut moved: Vec<(Pointer, Pointer)> = Vec::new();
    let mut later = Pools::default();
    for (a, b, likely) in
        alike::pairs(gone.len(), come.len(), |a, b| alike::spots(&gone[a], &come[b]))
    {
        let (before, after) = (&gone[a], &come[b]);
        let overlaps = |one: &Pointer, other: &Pointer| one.contains(other) || other.contains(one);
        let crossed = overlaps(&before.at, &after.at)
            || moved.iter().any(|(from, to)| overlaps(from, &before.at) || overlaps(to, &after.at));
        if crossed {
            continue;
        }
        let mut op = json!({"move": {"from": before.at, "to": after.at}});
        if keeps_parents(&before.at, new) && keeps_parents(&after.at, old) {
            op["move"]["keep_parents"] = true.into();
        }
        draft.guess(Phase::Move, op, reason(before, after, likely));
        counterpart(&before.moved(after.at.clone()), after, draft, &mut later);
        moved.push((before.at.clone(), after.at.clone()));
    }
    let (from, to): (Vec<_>, Vec<_>) = moved.into_iter().unzip();
    let gone = pools.gone.iter().chain(&later.gone);
    let come = pools.come.iter().chain(&later.come);
    gone.flat_map(|spot| left(spot, &from)).for_each(|spot| drop(&spot, draft));
    come.flat_map(|spot| left(spot, &to)).for_each(|spot| add(&spot, old, draft));
}

/// Whether the object above a place is one of the other version too, and not the whole event.
fn keeps_parents(at: &Pointer, other: &Spot) -> bool {
    let parent = at.split_last().map(|(parent, _)| parent).unwrap_or_default();
    parent.tokens().is_empty() && at.tokens().len() == 1 && other.at.tokens().is_empty()
        || find(other, &parent).is_some_and(|found| found.is_object())
}

fn find(root: &Spot, at: &Pointer) -> Option<Spot> {
    at.tokens().iter().try_fold(root.clone(), |spot, token| {
        spot.members().into_iter().find(|member| member.name() == token)
    })
}

/// The places and everything inside them.
fn unfolded(spots: &[Spot]) -> Vec<Spot> {
    let mut all: Vec<Spot> = Vec::new();
    let mut open: Vec<Spot> = spots.iter().rev().cloned().collect();
    while let Some(spot) = open.pop() {
        if all.len() >= MOST {
            break;
        }
        if spot.is_object() {
            open.extend(inside(&spot).into_iter().rev());
        }
        all.push(spot);
    }
    all
}

/// The members of a place, required only if it is.
fn inside(spot: &Spot) -> Vec<Spot> {
    let members = spot.members().into_iter();
    members.map(|member| member.within(spot)).collect()
}

/// What is left of a place whose parts at `taken` have a counterpart.
fn left(spot: &Spot, taken: &[Pointer]) -> Vec<Spot> {
    if taken.iter().any(|at| at.contains(&spot.at)) {
        return Vec::new();
    }
    if taken.iter().any(|at| spot.at.contains(at)) {
        return inside(spot).iter().flat_map(|member| left(member, taken)).collect();
    }
    vec![spot.clone()]
}

fn drop(spot: &Spot, draft: &mut Draft) {
    let op = |restore: Value| json!({"drop": {"at": spot.at, "restore": restore}});
    match spot.value().filter(|_| spot.required) {
        Some((value, Chosen::Any)) => {
            let why = "the older version requires it, and any value that is valid stands here; choose the right one";
            draft.guess(Phase::Drop, op(value), why);
        }
        Some((value, _)) => draft.say(Phase::Drop, op(value)),
        None if spot.required => {
            draft.say(Phase::Drop, json!({"drop": {"at": spot.at}}));
            let why = "the older version requires it: `drop` needs a `restore`, and no valid value was found";
            draft.leave(&spot.at, why);
        }
        None => draft.say(Phase::Drop, json!({"drop": {"at": spot.at}})),
    }
}

/// A value for what the newer version requires. What is optional needs none: an event does without it.
fn add(spot: &Spot, old: &Spot, draft: &mut Draft) {
    if spot.required {
        let kept = spot.at.tokens().len() > 1 && keeps_parents(&spot.at, old);
        fill(spot, kept, draft);
    }
}

/// Proposes `add` for a place that the newer version requires.
pub(super) fn fill(spot: &Spot, keep_parents: bool, draft: &mut Draft) {
    let op = |value: Value| {
        let mut op = json!({"add": {"at": spot.at, "value": value}});
        if keep_parents {
            op["add"]["keep_parents"] = true.into();
        }
        op
    };
    match spot.value() {
        Some((value, Chosen::Any)) => {
            let why = "the newer version requires it, and any value that is valid stands here; choose the right one";
            draft.guess(Phase::Add, op(value), why);
        }
        Some((value, _)) => draft.say(Phase::Add, op(value)),
        None => {
            let why =
                "the newer version requires it: `add` needs a value, and no valid one was found";
            draft.leave(&spot.at, why);
        }
    }
}
