//! What becomes of the values at one place: tables for enumerations, conversions, null, lists of one.

use serde_json::{Map, Value, json};

use super::{
    alike::{self, words},
    draft::{Draft, Phase},
    members,
    spot::{Chosen, Spot},
};
use crate::{
    lens::{hint::listed, same},
    schema::equal_apart_from_annotations,
};

/// Proposes what turns the values of `old` into values of `new`, which are at one place by now.
pub(super) fn change(old: &Spot, new: &Spot, draft: &mut Draft) {
    let node = |spot: &Spot| Value::Object(spot.node.clone());
    let scale = scale(&old.called, &new.called);
    let (before, after) = (old.kinds(), new.kinds());
    let numeric =
        |kinds: &[String]| matches!(kinds, [kind] if kind == "integer" || kind == "number");
    if scale != 0 && numeric(&before) && numeric(&after) {
        let op = json!({"convert": {
            "at": new.at, "from": before[0], "to": after[0], "scale": scale
        }});
        return draft.guess(Phase::Value, op, "the names speak of another unit");
    }
    if equal_apart_from_annotations(&node(old), &node(new)) {
        return;
    }
    null(old, new, draft);
    if let (Some(values), Some(others)) = (old.values(), new.values()) {
        return table(new, &values, &others, draft);
    }
    if before == after {
        return bounds(old, new, draft);
    }
    match (before.as_slice(), after.as_slice()) {
        ([kind], [list]) if list == "array" && holds(new, kind) => {
            draft.say(Phase::Value, json!({"wrap": {"at": new.at}}));
        }
        ([list], [kind]) if list == "array" && holds(old, kind) => head(old, new, draft),
        ([from], [to]) => convert(old, new, (from, to), draft),
        _ => draft.leave(
            &new.at,
            format!("the type changed from {} to {}", kinds(&before), kinds(&after)),
        ),
    }
}

fn kinds(kinds: &[String]) -> String {
    if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") }
}

/// Whether a list holds items of this one type.
fn holds(list: &Spot, kind: &str) -> bool {
    list.items().is_some_and(|items| items.kinds() == [kind])
}

fn head(old: &Spot, new: &Spot, draft: &mut Draft) {
    let never_empty = old.node.get("minItems").and_then(Value::as_u64).is_some_and(|n| n > 0);
    if never_empty {
        return draft.say(Phase::Value, json!({"head": {"at": new.at}}));
    }
    match new.value() {
        Some((value, chosen)) => {
            let op = json!({"head": {"at": new.at, "empty": value}});
            if chosen == Chosen::Any {
                draft.guess(Phase::Value, op, "an empty list becomes any value that is valid");
            } else {
                draft.say(Phase::Value, op);
            }
        }
        None => {
            draft.leave(&new.at, "a list became one value: say in `empty` what an empty list is");
        }
    }
}

fn null(old: &Spot, new: &Spot, draft: &mut Draft) {
    match (old.takes_null(), new.takes_null()) {
        (false, true) if !old.required => {
            draft.say(Phase::Value, json!({"nullable": {"at": new.at}}));
        }
        (false, true) => match old.value() {
            Some((value, _)) => draft.guess(
                Phase::Value,
                json!({"nullable": {"at": new.at, "restore": value}}),
                "on the way down null becomes a value that is merely valid",
            ),
            None => draft.leave(&new.at, "it may be null now: `nullable` needs a `restore`"),
        },
        (true, false) if !new.required => {
            draft.say(Phase::Value, json!({"null_to_absent": {"at": new.at}}));
        }
        (true, false) => {
            draft.leave(
                &new.at,
                "it may not be null any more: say with a `map` or an `expr` what null becomes",
            );
        }
        _ => {}
    }
}

/// Two lists of values, paired as far as they can be.
struct Paired<'v> {
    pairs: Vec<(&'v Value, &'v Value)>,
    /// What the pairs that are not equal rest on.
    guess: Option<String>,
    gone: Vec<&'v Value>,
    come: Vec<&'v Value>,
}

impl<'v> Paired<'v> {
    fn of(values: &'v [Value], others: &'v [Value]) -> Self {
        let is_there = |list: &[Value], value: &Value| list.iter().any(|known| same(known, value));
        let (kept, gone): (Vec<&Value>, Vec<&Value>) =
            values.iter().partition(|value| is_there(others, value));
        let come: Vec<&Value> = others.iter().filter(|value| !is_there(values, value)).collect();
        let found = alike::pairs(gone.len(), come.len(), |a, b| {
            alike::names(&spelled(gone[a]), &spelled(come[b]))
        });
        let mut guessed: Vec<(usize, usize)> = found.into_iter().map(|(a, b, _)| (a, b)).collect();
        let by_likeness = guessed.len();
        if gone.len() == come.len() {
            // As many on either side: the rest is taken in the order in which it is listed.
            let rest = (0..gone.len()).filter(|a| !guessed.iter().any(|(taken, _)| taken == a));
            let other = (0..come.len()).filter(|b| !guessed.iter().any(|(_, taken)| taken == b));
            let rest: Vec<(usize, usize)> = rest.zip(other).collect();
            guessed.extend(rest);
        }
        let guess = match (by_likeness, guessed.len() - by_likeness) {
            (0, 0) => None,
            (_, 0) => Some("values are paired by how alike they are".to_owned()),
            (0, _) => Some("values are paired by their order".to_owned()),
            (alike, rest) => {
                Some(format!("{alike} paired by how alike they are, {rest} by their order"))
            }
        };
        let free = |spots: &[&'v Value], taken: Vec<usize>| {
            let free = spots.iter().enumerate().filter(|(index, _)| !taken.contains(index));
            free.map(|(_, value)| *value).collect()
        };
        let (from, to) = guessed.iter().copied().unzip();
        let pairs = kept.into_iter().map(|value| (value, value));
        let pairs = pairs.chain(guessed.iter().map(|(a, b)| (gone[*a], come[*b]))).collect();
        Paired { pairs, guess, gone: free(&gone, from), come: free(&come, to) }
    }
}

/// Proposes a table for two lists of values.
fn table(new: &Spot, values: &[Value], others: &[Value], draft: &mut Draft) {
    let Paired { pairs, guess, gone, come } = Paired::of(values, others);
    let says_something = guess.is_some() || !gone.is_empty();
    if says_something && !pairs.is_empty() {
        let table: Map<String, Value> =
            pairs.iter().map(|(key, image)| (spelled(key), (*image).clone())).collect();
        let mut op = json!({"map": {"at": new.at, "pairs": table}});
        if pairs.iter().all(|(key, _)| key.is_string()) && is_misread(&pairs) {
            op["map"]["keys"] = "string".into();
        }
        match guess {
            None => draft.say(Phase::Value, op),
            Some(why) => draft.guess(Phase::Value, op, why),
        }
    }
    let texts = |values: &[&Value]| {
        let texts: Vec<String> = values.iter().map(|value| spelled(value)).collect();
        listed(texts.iter().map(String::as_str))
    };
    if !gone.is_empty() {
        let why =
            format!("the newer version has no {}: say in `pairs` what it becomes", texts(&gone));
        draft.leave(&new.at, why);
    }
    if !come.is_empty() {
        let what = "say in the `down` table of a `map` what it becomes";
        draft.leave(&new.at, format!("the older version has no {}: {what}", texts(&come)));
    }
}

/// A value as a key spells it.
fn spelled(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether keys that are texts would be read as numbers or booleans.
fn is_misread(pairs: &[(&Value, &Value)]) -> bool {
    let keys = || pairs.iter().filter_map(|(key, _)| key.as_str());
    keys().all(crate::lens::number::is_json) || keys().all(|key| key == "true" || key == "false")
}

fn convert(old: &Spot, new: &Spot, (from, to): (&str, &str), draft: &mut Draft) {
    let scalar = ["string", "integer", "number", "boolean"];
    if !scalar.contains(&from) || !scalar.contains(&to) {
        return draft.leave(&new.at, format!("the type changed from {from} to {to}"));
    }
    let mut body = json!({"at": new.at, "from": from, "to": to});
    let text = |spot: &Spot| spot.node.get("format").and_then(Value::as_str) == Some("date-time");
    let mut why = None;
    match (from, to) {
        ("string", "integer" | "number") | ("integer" | "number", "string") => {
            let (timestamp, number) = if from == "string" { (old, new) } else { (new, old) };
            body["format"] = if text(timestamp) {
                let millis = is_millis(number);
                why = Some(if millis {
                    "milliseconds since 1970 by the name or the bounds"
                } else {
                    "seconds since 1970; `epoch_ms` for milliseconds"
                });
                if millis { "epoch_ms" } else { "epoch_s" }.into()
            } else {
                "decimal".into()
            };
        }
        ("number", "integer") => {
            why = Some("numbers with a fraction stop here; give a `scale` or an `on_error`");
        }
        _ => {}
    }
    let op = json!({"convert": body});
    match why {
        Some(why) => draft.guess(Phase::Value, op, why),
        None => draft.say(Phase::Value, op),
    }
}

/// Whether a number of a time counts milliseconds, by its name, its bounds or its examples.
fn is_millis(spot: &Spot) -> bool {
    let named = words(&spot.called).iter().any(|word| matches!(word.as_str(), "ms" | "millis"));
    let large = |value: &Value| value.as_f64().is_some_and(|number| number > 1e11);
    let examples = spot.node.get("examples").and_then(Value::as_array);
    named
        || ["minimum", "maximum", "default"]
            .iter()
            .any(|key| spot.node.get(*key).is_some_and(large))
        || examples.is_some_and(|examples| examples.iter().any(large))
}

/// The shift of the decimal point that two names speak of: `total` and `totalCents` is 2.
fn scale(old: &str, new: &str) -> i64 {
    let unit = |name: &str| {
        words(name)
            .iter()
            .map(|word| match word.as_str() {
                "cents" | "cent" | "minor" | "pence" => 2,
                "millis" | "ms" | "milliseconds" | "grams" => 3,
                _ => 0,
            })
            .max()
            .unwrap_or(0)
    };
    unit(new) - unit(old)
}

/// Says which bounds changed: an event beyond them has no counterpart, and nobody can say which it should be.
fn bounds(old: &Spot, new: &Spot, draft: &mut Draft) {
    let mut keywords: Vec<&str> =
        old.node.keys().chain(new.node.keys()).map(String::as_str).collect();
    keywords.sort_unstable();
    keywords.dedup();
    keywords.retain(|keyword| {
        crate::schema::asserts(keyword)
            && !matches!(*keyword, "type" | "properties" | "required")
            && old.node.get(*keyword) != new.node.get(*keyword)
    });
    if !keywords.is_empty() {
        let why = format!(
            "{} changed: a value that only one version takes needs a `map`, an `expr` or a looser schema",
            listed(keywords)
        );
        draft.leave(&new.at, why);
    }
}

/// Proposes what is done about a place that only one of the versions requires.
pub(super) fn presence(old: &Spot, new: &Spot, draft: &mut Draft) {
    match (old.required, new.required) {
        (false, true) => members::fill(new, new.at.tokens().len() > 1, draft),
        (true, false) => draft.leave(
            &new.at,
            "the newer version may leave it out and the older requires it: keep it required, or declare `one_way: true`",
        ),
        _ => {}
    }
}
