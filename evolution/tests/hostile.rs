//! Schemas written to break whoever reads them: none may crash, overflow the stack or run without end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{fmt::Write, thread};

use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    policy::{Level, judge},
    schema::{Schema, SchemaError},
};

/// Reads and judges on a thread with the stack of an ordinary worker; what it says does not matter, that it ends does.
fn survives(old: String, new: String) {
    let worker = thread::Builder::new().stack_size(2 * 1024 * 1024);
    let judged = worker.spawn(move || {
        let (Ok(old), Ok(new)) = (Schema::read(&old).parse(), Schema::read(&new).parse()) else {
            return;
        };
        for model in [ContentModel::Event, ContentModel::Strict] {
            judge(&old, &new, Level::AdditionsOnly, model, &Budget::steps(50_000));
        }
    });
    judged.unwrap().join().expect("no panic");
}

fn nested(depth: usize, open: &str, inner: &str, close: &str) -> String {
    open.repeat(depth) + inner + &close.repeat(depth)
}

#[test]
fn deep_nesting() {
    for (open, close) in [
        (r#"{"properties":{"a":"#, "}}"),
        (r#"{"items":"#, "}"),
        (r#"{"not":"#, "}"),
        (r#"{"anyOf":[{"type":"null"},"#, "]}"),
        (r#"{"oneOf":[{"type":"null"},"#, "]}"),
    ] {
        let depth = 120 / open.matches(['{', '[']).count().max(1);
        survives(
            nested(depth, open, r#"{"type":"string"}"#, close),
            nested(depth, open, r#"{"type":"integer"}"#, close),
        );
    }
}

#[test]
fn a_long_chain_of_references() {
    let chain = |length: usize, last: &str| {
        let mut text = r##"{"$ref":"#/$defs/d0","$defs":{"##.to_owned();
        for number in 0..length {
            write!(text, r##""d{number}":{{"$ref":"#/$defs/d{}"}},"##, number + 1).unwrap();
        }
        text + &format!(r#""d{length}":{{"type":"{last}"}}}}}}"#)
    };
    survives(chain(190, "string"), chain(190, "integer"));

    assert_eq!(
        Schema::read(&chain(5_000, "string")).parse().unwrap_err(),
        SchemaError::ReferencesTooDeep
    );
}

#[test]
fn references_that_double() {
    let doubling = |last: &str| {
        let mut text = r##"{"$ref":"#/$defs/d0","$defs":{"##.to_owned();
        for number in 0..40 {
            let next = number + 1;
            write!(text, r##""d{number}":{{"anyOf":[{{"properties":{{"a":{{"$ref":"#/$defs/d{next}"}}}}}},{{"properties":{{"b":{{"$ref":"#/$defs/d{next}"}}}}}}]}},"##).unwrap();
        }
        text + &format!(r#""d40":{{"type":"{last}"}}}}}}"#)
    };
    survives(doubling("string"), doubling("integer"));
}

#[test]
fn references_to_oneself() {
    for schema in [
        r##"{"$ref":"#"}"##,
        r##"{"not":{"$ref":"#"}}"##,
        r##"{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#"},{"type":"string"}]}}}"##,
        r##"{"properties":{"a":{"$ref":"#"}},"required":["a"]}"##,
    ] {
        survives(schema.to_owned(), r#"{"type":"string"}"#.to_owned());
        survives(r#"{"type":"string"}"#.to_owned(), schema.to_owned());
    }
}

#[test]
fn patterns_that_explode() {
    for pattern in [
        r"^(a+)+$",
        r"(a|a)*b",
        r"\\d{1,1000}\\w{1,1000}",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(?=a)b",
        r".{0,999}.{0,999}",
    ] {
        survives(format!(r#"{{"pattern":"{pattern}"}}"#), r#"{"pattern":"^a*$"}"#.to_owned());
        survives(r#"{"pattern":"^a*$"}"#.to_owned(), format!(r#"{{"pattern":"{pattern}"}}"#));
    }
}

#[test]
fn numbers_beyond_reach() {
    for number in [
        "1e400",
        "-1e400",
        "1e1000000000",
        "9007199254740993",
        "0.1",
        "123456789012345678901234567890",
    ] {
        survives(format!(r#"{{"minimum":{number}}}"#), r#"{"minimum":0}"#.to_owned());
        survives(
            r#"{"multipleOf":7,"maximum":3}"#.to_owned(),
            format!(r#"{{"multipleOf":3,"const":{number}}}"#),
        );
    }
    survives(r#"{"minLength":18446744073709551615}"#.to_owned(), r#"{"maxItems":1e30}"#.to_owned());
}

#[test]
fn many_branches_and_values() {
    let enumeration = |count: usize| {
        let values: Vec<String> = (0..count).map(|n| format!("\"v{n}\"")).collect();
        format!(r#"{{"enum":[{}]}}"#, values.join(","))
    };
    survives(enumeration(20_000), enumeration(20_001));
    let branches = |kind: &str, count: usize| {
        let all: Vec<String> = (0..count)
            .map(|n| format!(r#"{{"properties":{{"k":{{"const":{n}}},"x":{{"type":"{kind}"}}}},"required":["k"]}}"#))
            .collect();
        format!(r#"{{"oneOf":[{}]}}"#, all.join(","))
    };
    survives(branches("string", 40), branches("string", 41));
}

#[test]
fn a_very_deep_text_is_refused() {
    let text = nested(10_000, r#"{"not":"#, "true", "}");

    assert!(matches!(Schema::read(&text).parse(), Err(SchemaError::Text(_))));
}
