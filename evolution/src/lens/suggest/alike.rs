//! How alike two places are, by their names and by what their schemas say.

use std::collections::BTreeSet;

use super::spot::Spot;
use crate::{lens::hint::distance, schema::equal_apart_from_annotations};

/// Two places from here on are taken for one.
pub(super) const LIKELY: f64 = 0.5;

/// The words of a name in lower case: `orderID`, `order_id` and `order-id` are the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for character in name.chars() {
        let begins = match last {
            None => true,
            Some(before) if !char::is_alphanumeric(before) => true,
            Some(before) => character.is_uppercase() && !before.is_uppercase(),
        };
        if character.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
        }
        last = Some(character);
    }
    words
}

/// From 0 to 1: how alike two names are.
pub(super) fn names(left: &str, right: &str) -> f64 {
    let (left, right) = (words(left), words(right));
    let (joined, other) = (left.concat(), right.concat());
    let longest = joined.chars().count().max(other.chars().count()).max(1);
    let edits = 1.0 - ratio(distance(&joined, &other), longest);
    let (left, right): (BTreeSet<_>, BTreeSet<_>) = (left.iter().collect(), right.iter().collect());
    let shared = left.intersection(&right).count();
    let words = ratio(shared, left.len().min(right.len()).max(1)) * 0.9;
    let short =
        if abbreviates(&joined, &other) || abbreviates(&other, &joined) { 0.65 } else { 0.0 };
    edits.max(words).max(short).clamp(0.0, 1.0)
}

/// Whether one name is the other with letters left out: `qty` of `quantity`.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    let in_order = short.chars().all(|letter| letters.any(|other| other == letter));
    short.len() > 1 && short.chars().next() == long.chars().next() && in_order
}

/// From 0 to 1: how alike two places are. 0 where one cannot be the other at all.
pub(super) fn spots(left: &Spot, right: &Spot) -> f64 {
    let by_name = names(left.name(), right.name());
    if left.is_object() != right.is_object() {
        return 0.0;
    }
    if left.is_object() {
        return by_name.mul_add(0.5, members(left, right) * 0.5);
    }
    let schema = |spot: &Spot| serde_json::Value::Object(spot.node.clone());
    let (ours, theirs) = (left.kinds(), right.kinds());
    let listed = |kinds: &[String]| kinds == ["array"];
    if listed(&ours) != listed(&theirs) {
        return 0.0;
    }
    let by_type = if equal_apart_from_annotations(&schema(left), &schema(right)) {
        if left.node.len() > 1 { 1.0 } else { 0.6 }
    } else if ours.iter().any(|kind| theirs.contains(kind)) {
        0.4
    } else {
        0.0
    };
    by_name.mul_add(0.65, by_type * 0.35)
}

/// How many of the names of two objects are the same.
fn members(left: &Spot, right: &Spot) -> f64 {
    let names = |spot: &Spot| -> BTreeSet<String> {
        spot.members().iter().map(|member| member.name().to_owned()).collect()
    };
    let (left, right) = (names(left), names(right));
    ratio(left.intersection(&right).count(), left.union(&right).count().max(1))
}

/// A share, of counts that are small.
fn ratio(part: usize, whole: usize) -> f64 {
    let small = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    small(part) / small(whole)
}

/// The pairs that are most alike, each place in at most one, from the best down.
pub(super) fn pairs(
    left: usize,
    right: usize,
    alike: impl Fn(usize, usize) -> f64,
) -> Vec<(usize, usize, f64)> {
    let mut all: Vec<(usize, usize, f64)> = (0..left)
        .flat_map(|a| (0..right).map(move |b| (a, b)))
        .map(|(a, b)| (a, b, alike(a, b)))
        .filter(|(_, _, alike)| *alike >= LIKELY)
        .collect();
    all.sort_by(|x, y| y.2.total_cmp(&x.2).then_with(|| (x.0, x.1).cmp(&(y.0, y.1))));
    let mut taken: Vec<(usize, usize, f64)> = Vec::new();
    for (a, b, alike) in all {
        if !taken.iter().any(|(x, y, _)| *x == a || *y == b) {
            taken.push((a, b, alike));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_words_however_it_is_spelled() {
        assert_eq!(words("orderID"), ["order", "id"]);
        assert_eq!(words("order_id-2"), ["order", "id", "2"]);
        assert!(names("orderId", "order_id") > 0.99);
        assert!(names("orderId", "id") > 0.8);
        assert!(names("qty", "quantity") > 0.6);
        assert!(names("status", "currency") < 0.5);
    }

    #[test]
    fn every_place_is_in_one_pair_at_most() {
        let table = [[0.9, 0.8], [0.95, 0.2]];

        let found = pairs(2, 2, |a, b| table[a][b]);

        assert_eq!(found.iter().map(|(a, b, _)| (*a, *b)).collect::<Vec<_>>(), [(1, 0), (0, 1)]);
    }
}
