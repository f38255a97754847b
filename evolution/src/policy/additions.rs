//! `ADDITIONS_ONLY` as a structural rule (spec verdicts, section 3): what may be written. That it is harmless is proved
//! apart, in the event model.

use std::collections::HashSet;

use super::Refused;
use crate::{
    containment::{Site, holds_every},
    difference::{Found, Step},
    schema::{Schema, equal_apart_from_annotations},
};

/// Pairs of locations compared before giving up.
const PAIRS: usize = 4_000;

/// What the rule refuses in one difference from `old` to a candidate.
pub(super) fn refuse(old: &Schema, found: &Found) -> Option<Refused> {
    let difference = &found.difference;
    let (rule, why) = match difference.kind.as_str() {
        "annotation_changed" => return None,
        "property_added" => misplaced(old, found)?,
        kind => (kind.to_owned(), difference.why.clone()),
    };
    Some(Refused { rule, at: difference.at.to_string(), why })
}

/// Why a new optional property may not stand where it does.
fn misplaced(old: &Schema, found: &Found) -> Option<(String, String)> {
    let name = found.difference.at.split_last()?.1.to_owned();
    let normal = old.normal();
    let mut site = Site::root(normal);
    for step in found.place.steps() {
        site = match step {
            Step::Member(name) => site.member(normal, name),
            Step::Item(index) => site.item(normal, *index),
            // No single location: what is declared there is judged by the proof alone.
            Step::Some => return None,
        };
    }
    let declared = site.declared(normal);
    let rule = |rule: &str, why: String| Some((rule.to_owned(), why));
    if declared.names.contains(name.as_str()) {
        return rule(
            "name_reused",
            format!("`{name}` is already mentioned here in the older version"),
        );
    }
    let opaque = declared.names.is_empty() && declared.patterns.is_empty();
    if opaque {
        let why = format!(
            "the older version names no property here, so its producers may have used `{name}` already"
        );
        return rule("property_added_to_opaque", why);
    }
    if declared.has(&name) {
        let governed = holds_every(normal, &site, &name).iter().any(|schema| {
            old.value().pointer(schema).is_some_and(|governing| {
                found
                    .difference
                    .new
                    .as_ref()
                    .is_some_and(|new| equal_apart_from_annotations(governing, new))
            })
        });
        if !governed {
            let why = format!(
                "a pattern or `additionalProperties` of the older version already governs `{name}`"
            );
            return rule("property_governed", why);
        }
    }
    None
}

/// Whether both declare the same names at every location.
pub(super) fn same_names(old: &Schema, new: &Schema) -> bool {
    let (old, new) = (old.normal(), new.normal());
    let mut seen = HashSet::new();
    let mut waiting = vec![(Site::root(old), Site::root(new))];
    while let Some((old_site, new_site)) = waiting.pop() {
        if !seen.insert((old_site.clone(), new_site.clone())) {
            continue;
        }
        if seen.len() > PAIRS {
            return false;
        }
        let (before, after) = (old_site.declared(old), new_site.declared(new));
        let texts = |patterns: &[&crate::schema::normal::Pattern]| -> Vec<String> {
            let mut texts: Vec<String> =
                patterns.iter().map(|pattern| pattern.text().to_owned()).collect();
            texts.sort();
            texts.dedup();
            texts
        };
        if before.every != after.every
            || before.names != after.names
            || texts(&before.patterns) != texts(&after.patterns)
        {
            return false;
        }
        let names: Vec<String> = before
            .names
            .iter()
            .map(|name| (*name).to_owned())
            .chain(["\u{1}".to_owned()])
            .collect();
        let alike = old_site.alike_from(old).max(new_site.alike_from(new)).min(64);
        waiting.extend(
            names.iter().map(|name| (old_site.member(old, name), new_site.member(new, name))),
        );
        waiting.extend(
            (0..=alike).map(|index| (old_site.item(old, index), new_site.item(new, index))),
        );
    }
    true
}
