//! The JSON Schema of the lens document says what the reader of it does.

use serde_json::json;

use super::{checked::schema, *};

fn document() -> crate::schema::Schema {
    let text = include_str!("../../../../schemas/stele/lens.schema.json");
    crate::schema::Schema::read(text).parse().unwrap()
}

fn with_op(op: &Value) -> Value {
    json!({"lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": [op]})
}

#[test]
fn every_lens_is_valid_under_it() {
    let document = document();
    let ops = [
        json!({"rename": {"from": "/a", "to": "/b"}}),
        json!({"move": {"from": "/a", "to": "/b/c", "keep_parents": true}}),
        json!({"copy": {"from": "/a~1b", "to": "/b"}}),
        json!({"map": {"at": "/a", "pairs": {"1": 2}, "else": null, "down": {"3": 1}, "keys": "number"}}),
        json!({"convert": {"at": "/a", "from": "integer", "to": "string", "format": "epoch_ms", "on_error": ""}}),
        json!({"convert": {"at": "/a", "to": "integer", "scale": -2}}),
        json!({"split": {"from": "/a", "into": ["/b", "/c"], "sep": " ", "missing": null}}),
        json!({"merge": {"from": ["/a", "/b"], "into": "/c", "sep": " "}}),
        json!({"add": {"at": "/a", "value": {"b": []}}}),
        json!({"drop": {"at": "/a", "restore": 0}}),
        json!({"each": {"at": "", "ops": [{"in": {"at": "/a", "ops": []}}]}}),
    ];

    document.validate(&Lens::parse(WORKED).unwrap().to_value()).unwrap();
    for op in ops {
        let lens = with_op(&op);
        Lens::from_value(&lens).unwrap();
        document.validate(&lens).unwrap();
    }
}

#[test]
fn what_is_valid_under_it_is_mostly_a_lens_and_what_is_not_never_is() {
    let document = document();
    for lens in super::super::sample::events(&document, crate::containment::ContentModel::Event) {
        // Whether two pointers are separate places, or versions in order, no schema can say.
        if let Err(error) = Lens::from_value(&lens) {
            assert!(!error.to_string().contains("unknown"), "{error}: {lens}");
        }
    }
    for op in [
        json!({"rename": {"from": "/a"}}),
        json!({"rename": {"from": "a", "to": "/b"}}),
        json!({"rename": {"from": "/a", "to": "/b", "keep_parents": true}}),
        json!({"map": {"at": "/a", "pairs": {}}}),
        json!({"drop": {"at": "/a", "restor": 0}}),
        json!({"renam": {}}),
        json!({"split": {"from": "/a", "into": ["/b"], "sep": " "}}),
    ] {
        let lens = with_op(&op);
        assert!(!document.is_valid(&lens), "{lens}");
        assert!(Lens::from_value(&lens).is_err(), "{lens}");
    }
}

#[test]
fn it_is_a_schema_like_any_other() {
    assert!(schema(document().value()).is_valid(&with_op(&json!({"drop": {"at": "/a"}}))));
}
