//! Schemas made of schemas: items, branches, conditions, references beside other keywords.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Comparison, Side};
use crate::{
    difference::{Place, Step},
    pointer::Pointer,
};

impl Comparison {
    pub(super) fn items<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(Value::Array(before)), Some(Value::Array(after))) => {
                for index in 0..before.len().max(after.len()) {
                    let here = at.child(index.to_string());
                    match (before.get(index), after.get(index)) {
                        (Some(before), Some(after)) => {
                            let step = Step::Item(index as u64);
                            self.schemas(&old.at(before), &new.at(after), &here, &place.then(step));
                        }
                        (before, after) => {
                            let (kind, verb) = if after.is_some() {
                                ("prefix_item_added", "added")
                            } else {
                                ("prefix_item_removed", "removed")
                            };
                            let why = format!("the rule for item {index} was {verb}");
                            self.note(kind, here, place, before, after, why);
                        }
                    }
                }
            }
            (
                Some(before @ (Value::Object(_) | Value::Bool(_))),
                Some(after @ (Value::Object(_) | Value::Bool(_))),
            ) => {
                self.schemas(&old.at(before), &new.at(after), at, &place.then(Step::Item(0)));
            }
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }

    pub(super) fn branches<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let (Some(Value::Array(before)), Some(Value::Array(after))) = pair else {
            return self.whole("constraint", keyword, pair, at, place);
        };
        let places = |branches: &[Value]| -> HashMap<String, usize> {
            let texts = branches.iter().map(Value::to_string);
            texts.enumerate().map(|(index, text)| (text, index)).rev().collect()
        };
        let (known, kept) = (places(before), places(after));
        let left = |own: &'_ [Value], other: &HashMap<String, usize>| -> BTreeSet<usize> {
            (0..own.len()).filter(|index| !other.contains_key(&own[*index].to_string())).collect()
        };
        // Branches that stayed are the same text; of the others, those at one index are one branch that changed.
        let (gone, come) = (left(before, &kept), left(after, &known));
        for index in gone.difference(&come) {
            let why = format!("a branch of `{keyword}` was removed");
            self.note(
                "branch_removed",
                at.child(index.to_string()),
                place,
                before.get(*index),
                None,
                why,
            );
        }
        for index in come {
            let here = at.child(index.to_string());
            if gone.contains(&index) {
                self.schemas(&old.at(&before[index]), &new.at(&after[index]), &here, place);
            } else {
                let why = format!("a branch of `{keyword}` was added");
                self.note("branch_added", here, place, None, after.get(index), why);
            }
        }
        // The same text may still refer to something that changed.
        for (index, branch) in after.iter().enumerate() {
            if let Some(same) = known.get(&branch.to_string()).map(|place| &before[*place]) {
                self.schemas(&old.at(same), &new.at(branch), &at.child(index.to_string()), place);
            }
        }
    }

    pub(super) fn conditional<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(Value::String(before)), Some(Value::String(after))) => {
                let found = old.resolver.lookup(before).ok().zip(new.resolver.lookup(after).ok());
                if let Some((before, after)) = found {
                    let (before, after) = (before.into_inner(), after.into_inner());
                    let old = Side { value: before.0, resolver: before.1, dialect: old.dialect };
                    let new = Side { value: after.0, resolver: after.1, dialect: new.dialect };
                    self.schemas(&old, &new, at, place);
                }
            }
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.schemas(&old.at(before), &new.at(after), at, place);
            }
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }
}
