//! The verdict and the value are those of the full parser, whatever the text.

use std::{collections::HashSet, fmt};

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::*;

/// What `serde_json` says, duplicate keys being looked for apart: the value, or the kind of error.
fn parsed(text: &str) -> Result<Value, TextError> {
    let told = |error: serde_json::Error| match error.to_string() {
        twice if twice.starts_with(DUPLICATE) => TextError::DuplicateKey(twice),
        _ => error.into(),
    };
    serde_json::from_str::<Distinct>(text).map_err(told)?;
    serde_json::from_str(text).map_err(told)
}

#[track_caller]
fn agrees(text: &str) {
    match (RawEvent::of(text), parsed(text)) {
        (Ok(event), Ok(value)) => {
            assert_eq!(event.to_value(), value, "{text}");
        }
        // Of two flaws, either may be told.
        (Err(TextError::DuplicateKey(_)), Err(_)) | (Err(_), Err(TextError::DuplicateKey(_))) => {}
        (Err(ours), Err(theirs)) => {
            assert_eq!(std::mem::discriminant(&ours), std::mem::discriminant(&theirs), "{text}");
        }
        (ours, theirs) => panic!("{text:?}: {ours:?} is not {theirs:?}"),
    }
}

#[test]
fn every_odd_text_gets_the_verdict_of_the_full_parser() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let keys = |count: usize, last: &str| {
        let keys: Vec<String> = (0..count).map(|key| format!("\"k{key}\":0")).collect();
        format!("{{{},\"{last}\":1}}", keys.join(","))
    };
    let texts = [
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "nul",
        "nulll",
        "tru",
        "true false",
        "01",
        "-",
        "-01",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "1E400",
        "1e400",
        "-0",
        "-0.0",
        "0e0",
        "1.10",
        "12345678901234567890123",
        "NaN",
        "Infinity",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\"",
        "\"\u{1}\"",
        "\"\u{7f}\"",
        "\"\t\"",
        "\"é\u{10ffff}\"",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u0061\":1,\"a\":2}",
        "{\"a\":{\"a\":1}}",
        "[{\"a\":1,\"b\":{\"c\":0,\"c\":1}}]",
        "\u{feff}{}",
        "{}\u{0}",
        "{} x",
        " {} \n\t\r",
        "\u{a0}{}",
        "{\"\":1,\"\":2}",
        "{\"\":{}}",
        "\"\\/\\b\\f\\n\\r\\t\\\\\"",
        "\"abcdefg\\\"\"",
        "\"abcdefgh\"",
        "\"abcdefgh\u{1f}\"",
        "'a'",
        "// c\n1",
        "[1 2]",
        "{\"a\" :\n1 , \"b\":[ ] }",
    ];
    for text in texts {
        agrees(text);
    }
    for levels in [1, 126, 127, 128, 129, 10_000] {
        agrees(&deep(levels));
    }
    for count in [1, 30, 47, 48, 49, 50, 500] {
        agrees(&keys(count, "other"));
        agrees(&keys(count, "k0"));
        agrees(&keys(count, &format!("k{}", count - 1)));
        agrees(&keys(count, "\\u006b0"));
    }
}

#[test]
fn invalid_utf_8_is_not_json() {
    let error = RawEvent::read(b"{\n\"a\": \"\xff\"}").unwrap_err();

    assert_eq!(error.to_string(), "not JSON at line 2, column 7: not UTF-8");
}

#[test]
fn the_reserved_keys_of_the_parser_are_refused() {
    // The parser would take the object for the number 1, and a schema that wants a number would take it too.
    for text in [
        r#"{"a":{"$serde_json::private::Number":"1"}}"#,
        r#"{"a":{"\u0024serde_json::private::Number":"1"}}"#,
        r#"{"$serde_json::private::RawValue":"{}"}"#,
    ] {
        let error = RawEvent::of(text).unwrap_err();

        assert!(error.to_string().contains("is reserved"), "{error}");
    }
}

#[test]
fn parts_know_their_place() {
    let event = RawEvent::of(r#" {"a" : [1, {"b\n": "x\u0041"}], "c": null} "#).unwrap();
    let list = event.root().member("a").unwrap();
    let items: Vec<&str> = list.items().map(Part::text).collect();

    assert_eq!(items, ["1", r#"{"b\n": "x\u0041"}"#]);
    assert_eq!(list.len(), 2);
    assert_eq!(event.root().len(), 2);
    let inner = list.items().nth(1).unwrap().member("b\n").unwrap();
    assert_eq!(inner.said().as_deref(), Some("xA"));
    assert!(inner.is("xA"));
    assert_eq!(event.root().member("c").map(Part::kind), Some(Kind::Null));
}

/// JSON, and what a typing error makes of it.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?",
        "\"[ -!#-\\[\\]-~é]{0,12}\"",
        "\"(\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|[a-z]){0,6}\"",
    ];
    let space = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n\t")];
    let json = leaf.prop_recursive(4, 40, 6, move |inner| {
        let list =
            (proptest::collection::vec(inner.clone(), 0..6), space()).prop_map(|(items, space)| {
                format!("[{space}{}{space}]", items.join(&format!("{space},")))
            });
        let name = prop_oneof!["[a-c]", "\\\\u006[1-3]", "[a-z]{0,9}"];
        let member = (name, inner, space())
            .prop_map(|(name, value, space)| format!("\"{name}\"{space}:{space}{value}"));
        let object = (proptest::collection::vec(member, 0..6), space())
            .prop_map(|(members, space)| format!("{{{space}{}{space}}}", members.join(",")));
        prop_oneof![list, object]
    });
    let flaw = (0usize..400, proptest::option::of("[\\x00-\\x7fé]"));
    (json, proptest::option::weighted(0.3, flaw)).prop_map(|(mut json, flaw)| {
        if let Some((place, instead)) = flaw {
            let places: Vec<usize> = json.char_indices().map(|(at, _)| at).collect();
            let at = places[place % places.len()];
            json.remove(at);
            json.insert_str(at, instead.as_deref().unwrap_or_default());
        }
        json
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_gets_the_verdict_and_the_value_of_the_full_parser(text in text()) {
        agrees(&text);
    }
}

const DUPLICATE: &str = "duplicate key: ";

/// Any JSON in which no object has the same key twice.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Distinct, A::Error> {
        while items.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Distinct, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            // How serde_json carries a number of arbitrary precision through `deserialize_any`.
            if key == "$serde_json::private::Number" {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            members.next_value::<Distinct>()?;
            if let Some(key) = seen.replace(key) {
                return Err(serde::de::Error::custom(format_args!("{DUPLICATE}{key}")));
            }
        }
        Ok(Distinct)
    }
}
