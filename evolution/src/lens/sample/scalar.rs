//! Texts and numbers for a node: its boundaries first, then some that are odd.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Number, Value};

use super::seed::Seed;
use crate::{
    lens::number::Decimal,
    schema::{Formats, Schema},
};

/// Texts where nothing is asked.
const TEXTS: [&str; 6] = ["text", "two words", "", "a", "naïve \u{1f600}", "1"];

/// The longest text made to reach a `minLength` or `maxLength`.
const LONGEST: u64 = 4096;

/// Values that the node's own keywords take.
fn accepted(
    schema: &Schema,
    node: &Map<String, Value>,
    keywords: &[&str],
    kind: &str,
    values: Vec<Value>,
) -> Vec<Value> {
    let mut own: Map<String, Value> = node
        .iter()
        .filter(|(keyword, _)| keywords.contains(&keyword.as_str()))
        .map(|(keyword, value)| (keyword.clone(), value.clone()))
        .collect();
    own.insert("type".into(), kind.into());
    let validator = jsonschema::options()
        .offline()
        .with_draft(schema.dialect().draft())
        .should_validate_formats(schema.formats() == Formats::Assert)
        .build(&Value::Object(own));
    match validator {
        Ok(validator) => values.into_iter().filter(|value| validator.is_valid(value)).collect(),
        Err(_) => values,
    }
}

/// Texts for a node.
pub(super) fn strings(schema: &Schema, node: &Map<String, Value>, seed: &Seed) -> Vec<Value> {
    let number = |keyword: &str| node.get(keyword).and_then(Value::as_u64);
    let mut texts: Vec<String> = Vec::new();
    let format = node.get("format").and_then(Value::as_str).map(of_format);
    if let Some(pattern) = node.get("pattern").and_then(Value::as_str) {
        texts.extend(matching(pattern, seed));
    }
    match format {
        Some(known) if !known.is_empty() => texts.extend(known.iter().map(|&text| text.to_owned())),
        _ => texts.extend(TEXTS.map(str::to_owned)),
    }
    for length in [number("minLength"), number("maxLength")].into_iter().flatten() {
        if length <= LONGEST {
            texts.push("x".repeat(usize::try_from(length).unwrap_or(0)));
        }
    }
    let mut values: Vec<Value> = Vec::new();
    for text in texts {
        let value = Value::String(text);
        if !values.contains(&value) {
            values.push(value);
        }
    }
    accepted(schema, node, &["pattern", "minLength", "maxLength", "format"], "string", values)
}

/// Well-formed texts of a format. A format is a promise even where no validator asserts it.
fn of_format(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &[
            "2026-01-31T12:00:00Z",
            "2026-01-31T13:30:00.123+01:00",
            "1969-12-31T23:59:59Z",
            "2024-02-29T00:00:00.000Z",
        ],
        "date" => &["2026-01-31", "2024-02-29", "1969-12-31"],
        "time" => &["12:00:00Z", "23:59:59.999+01:00"],
        "duration" => &["P1D", "PT1H30M"],
        "email" | "idn-email" => &["ada@example.com", "a.b+c@example.org"],
        "hostname" | "idn-hostname" => &["example.com", "localhost"],
        "ipv4" => &["127.0.0.1", "255.255.255.255"],
        "ipv6" => &["::1", "2001:db8::ff00:42:8329"],
        "uri" | "iri" => &["https://example.com/a?b=c#d", "urn:example:a"],
        "uri-reference" | "iri-reference" => &["/a/b", "https://example.com/"],
        "uuid" => &["0b8fe3c5-5a4c-4f0e-9b52-6d0f2f0f7a01", "ffffffff-ffff-4fff-bfff-ffffffffffff"],
        "json-pointer" => &["/a/0", ""],
        _ => &[],
    }
}

/// Numbers for a node.
pub(super) fn numbers(schema: &Schema, node: &Map<String, Value>, whole: bool) -> Vec<Value> {
    let mut numbers: Vec<Decimal> = Vec::new();
    let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"];
    for bound in bounds.iter().filter_map(|keyword| node.get(*keyword)) {
        let Some(bound) = bound.as_number().and_then(Decimal::of) else { continue };
        numbers.extend([0, 1, -1].iter().filter_map(|step| bound.plus(*step)));
        if !whole {
            let tenth = Decimal::integer(1).shift(-1);
            numbers.extend(bound.sum(&tenth));
            numbers.extend(tenth.negative().sum(&bound));
        }
    }
    let usual = [1, 0, -1, 2, 10, 100, 1_700_000_000];
    let mut values: Vec<Value> = usual.iter().map(|&number| Value::from(number)).collect();
    values.extend(numbers.iter().filter_map(Decimal::number).map(Value::Number));
    let odd: &[&str] = if whole {
        &["3.0", "9007199254740993", "12345678901234567890123"]
    } else {
        &["1.10", "0.5", "-12.345", "12345678901234567890123.25"]
    };
    values.extend(odd.iter().filter_map(|text| text.parse::<Number>().ok()).map(Value::Number));
    let keywords = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"];
    let kind = if whole { "integer" } else { "number" };
    accepted(schema, node, &keywords, kind, values)
}

/// Texts that match a pattern somewhere; none if the pattern cannot be read.
pub(super) fn matching(pattern: &str, seed: &Seed) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let ways = [Way::Short, Way::Long, Way::Chance, Way::Chance, Way::Chance, Way::Chance];
    let mut texts: Vec<String> = Vec::new();
    for way in ways {
        let mut text = String::new();
        if spell(&hir, way, seed, &mut text) && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Short,
    Long,
    Chance,
}

/// Writes one text the expression takes; false if it takes none, or only long ones.
fn spell(hir: &Hir, way: Way, seed: &Seed, out: &mut String) -> bool {
    if out.len() > 4096 {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|text| {
            out.push_str(text);
            true
        }),
        HirKind::Class(class) => character(class, way, seed).is_some_and(|character| {
            out.push(character);
            true
        }),
        HirKind::Capture(capture) => spell(&capture.sub, way, seed, out),
        HirKind::Concat(parts) => parts.iter().all(|part| spell(part, way, seed, out)),
        HirKind::Alternation(parts) => {
            let index = match way {
                Way::Short => 0,
                Way::Long => parts.len() - 1,
                Way::Chance => seed.below(parts.len()),
            };
            spell(&parts[index], way, seed, out)
        }
        HirKind::Repetition(repetition) => {
            let least = repetition.min;
            let most = repetition.max.unwrap_or(least + 3).min(least + 64);
            let times = match way {
                Way::Short => least,
                Way::Long => most,
                Way::Chance => {
                    let room = usize::try_from(most - least).unwrap_or(0).min(4);
                    least + u32::try_from(seed.below(room + 1)).unwrap_or(0)
                }
            };
            (0..times).all(|_| spell(&repetition.sub, way, seed, out))
        }
    }
}

/// A character of a class, an ordinary one if there is one.
fn character(class: &Class, way: Way, seed: &Seed) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let ordinary = "a0AbcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ123456789 -_.,/@";
    let takes = |character: &char| {
        class.ranges().iter().any(|range| (range.start()..=range.end()).contains(character))
    };
    let fitting: Vec<char> = ordinary.chars().filter(takes).collect();
    let index = match way {
        Way::Short => 0,
        Way::Long => fitting.len().saturating_sub(1),
        Way::Chance => seed.below(fitting.len()),
    };
    let first = || class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start);
    fitting.get(index).copied().or_else(first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_match_their_pattern() {
        let schema =
            json!({"pattern": "^(EUR|USD) -?(0|[1-9][0-9]*)(\\.[0-9]{2})?$", "maxLength": 12});
        let schema = Schema::read(&schema.to_string()).parse().unwrap();

        let texts = strings(&schema, schema.value().as_object().unwrap(), &Seed::new(1));

        assert!(texts.len() > 3, "{texts:?}");
        assert!(texts.iter().all(|text| schema.is_valid(text)));
    }

    #[test]
    fn numbers_stand_at_their_bounds() {
        let schema = json!({"type": "number", "minimum": 0.5, "exclusiveMaximum": 100});
        let schema = Schema::read(&schema.to_string()).parse().unwrap();

        let numbers = numbers(&schema, schema.value().as_object().unwrap(), false);

        let texts: Vec<String> = numbers.iter().map(Value::to_string).collect();
        for bound in ["0.5", "0.6", "99.9", "1.10"] {
            assert!(texts.iter().any(|text| text == bound), "{bound} in {texts:?}");
        }
    }
}
