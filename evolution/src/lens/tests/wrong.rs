//! Lenses that are refused, each with the operation and the place named.

use serde_json::json;

use super::{
    checked::{checked, newer, older, schema},
    *,
};

/// What is said about a document that is no lens.
fn unread(change: impl FnOnce(&mut Value)) -> (String, String) {
    let mut document = Lens::parse(WORKED).unwrap().to_value();
    change(&mut document);
    let error = Lens::from_value(&document).unwrap_err();
    (error.to_string(), error.hint().to_owned())
}

/// What is said about a lens that does not fit its schemas.
fn refused(change: impl FnOnce(&mut Value)) -> Box<Rejection> {
    let mut document = Lens::parse(WORKED).unwrap().to_value();
    document.as_object_mut().unwrap().remove("examples");
    change(&mut document);
    let lens = Lens::from_value(&document).unwrap();
    checked(&lens, &older(), &newer()).unwrap_err()
}

fn said(rejection: &Rejection) -> String {
    format!("{rejection}; {}", rejection.hint)
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    let (error, hint) = unread(|lens| {
        lens["ops"][2]["map"]["pears"] = json!({});
    });

    assert_eq!(
        error,
        "op 2 `map` at `/status`: `/ops/2/map/pears` in the lens: unknown key `pears`"
    );
    assert_eq!(hint, "did you mean `pairs`?");
}

#[test]
fn an_unknown_key_at_the_top_is_refused() {
    let (error, hint) = unread(|lens| lens["accept_los"] = json!({}));

    assert_eq!(error, "`/accept_los` in the lens: unknown key `accept_los`");
    assert_eq!(hint, "did you mean `accept_loss`?");
}

#[test]
fn an_unknown_operation_lists_the_known_ones() {
    let (error, hint) =
        unread(|lens| lens["ops"][0] = json!({"renam": {"from": "/a", "to": "/b"}}));

    assert_eq!(
        error,
        "op 0 `renam` at `/a`: `/ops/0/renam` in the lens: unknown operation `renam`"
    );
    insta::assert_snapshot!(hint, @"did you mean `rename`? known operations: `rename`, `move`, `copy`, `map`, `convert`, `split`, `merge`, `add`, `drop`, `each`, `in`, `wrap`, `head`, `when`, `nullable`, `null_to_absent`, `absent_to_null`, `expr`");
}

#[test]
fn a_lens_that_leads_backwards_is_refused() {
    let (error, hint) = unread(|lens| lens["to"] = json!(1));

    assert_eq!(error, "`/to` in the lens: version 1 does not come after version 1");
    assert_eq!(hint, "a lens leads from one version to the next: `to: 2`");
}

#[test]
fn a_map_that_merges_values_says_which_comes_back() {
    let (error, hint) = unread(|lens| lens["ops"][2]["map"]["pairs"]["PAID"] = json!("placed"));

    assert_eq!(
        error,
        "op 2 `map` at `/status`: `/ops/2/map/pairs` in the lens: \"NEW\" and \"PAID\" both become \"placed\""
    );
    assert_eq!(hint, "say in `down` which of them \"placed\" becomes on the way back");
}

#[test]
fn a_pointer_without_its_slash_is_refused() {
    let (error, hint) = unread(|lens| lens["ops"][0]["rename"]["from"] = json!("orderId"));

    assert!(
        error.starts_with("op 0 `rename` at `orderId`: `/ops/0/rename/from` in the lens:"),
        "{error}"
    );
    assert_eq!(hint, "write `/orderId`");
}

#[test]
fn a_rename_to_another_place_is_a_move() {
    let (error, hint) = unread(|lens| lens["ops"][0]["rename"]["to"] = json!("/order/id"));

    assert!(error.ends_with("`/orderId` and `/order/id` are not in the same object"), "{error}");
    assert_eq!(hint, "use `move` to change the place");
}

#[test]
fn the_document_must_be_whole() {
    for key in ["lens", "subject", "from", "to", "ops"] {
        let (error, _) = unread(|lens| {
            lens.as_object_mut().unwrap().remove(key);
        });
        assert_eq!(error, format!("`` in the lens: `{key}` is missing"));
    }
    for (key, value) in
        [("lens", json!(2)), ("from", json!("1")), ("ops", json!({})), ("subject", json!(""))]
    {
        let (error, _) = unread(|lens| lens[key] = value);
        assert!(error.starts_with(&format!("`/{key}` in the lens:")), "{error}");
    }
    for text in ["", "lens: 1\nlens: 1", "[", "{\"lens\": 1, \"lens\": 1}", "3"] {
        assert!(Lens::parse(text).is_err(), "{text}");
    }
}

#[test]
fn too_many_operations_are_refused() {
    let op = json!({"each": {"at": "/l", "ops": vec![json!({"drop": {"at": "/a"}}); 250]}});

    let (error, _) = unread(|lens| lens["ops"] = json!([op, op]));

    assert_eq!(error, "`/ops` in the lens: 502 operations; at most 500 are taken");
}

#[test]
fn impossible_operations_are_refused() {
    for op in [
        json!({"move": {"from": "/a", "to": "/a/b"}}),
        json!({"rename": {"from": "", "to": "/a"}}),
        json!({"convert": {"at": "/a", "to": "string", "from": "string"}}),
        json!({"convert": {"at": "/a", "to": "boolean", "format": "decimal"}}),
        json!({"convert": {"at": "/a", "to": "integer", "format": "epoch_s", "scale": 1}}),
        json!({"convert": {"at": "/a", "to": "strin"}}),
        json!({"split": {"from": "/a", "into": ["/b"], "sep": " "}}),
        json!({"split": {"from": "/a", "into": ["/b", "/c"], "sep": ""}}),
        json!({"split": {"from": "/a", "into": ["/b", "/b/c"], "sep": " "}}),
        json!({"map": {"at": "/a", "pairs": {}}}),
        json!({"map": {"at": "/a", "pairs": {"x": 1}, "keys": "number"}}),
        json!({"add": {"at": "/a"}}),
        json!({"each": {"at": "/a", "ops": [{"add": {"at": "/b", "value": 1, "vlaue": 2}}]}}),
        json!({"add": {"at": "/a", "value": 1}, "drop": {"at": "/b"}}),
    ] {
        let (error, hint) = unread(|lens| lens["ops"] = json!([op]));
        assert!(error.starts_with("op 0 `") && error.contains("`/ops/0"), "{error}");
        assert!(!hint.is_empty(), "{error}");
    }
}

#[test]
fn a_misspelt_pointer_suggests_the_declared_name() {
    let rejection = refused(|lens| lens["ops"][0]["rename"]["from"] = json!("/orderID"));

    assert_eq!(
        said(&rejection),
        "op 0 at `/orderID`: `/orderID` is not declared (events of version 1); did you mean `orderId`?"
    );
}

#[test]
fn a_misspelt_target_is_found_on_the_way_down() {
    let rejection = refused(|lens| lens["ops"][1]["move"]["to"] = json!("/customer/fullName"));

    assert_eq!(
        said(&rejection),
        "op 1 at `/customer/fullName`: `/customer/fullName` is not declared (events of version 2); declared there: `name`"
    );
}

#[test]
fn an_occupied_target_is_refused() {
    let rejection = refused(|lens| lens["ops"][0]["rename"]["to"] = json!("/status"));

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(0), "/status".into()));
    assert!(rejection.error.contains("declared already"), "{rejection}");
    assert!(rejection.input.is_some());
}

#[test]
fn an_enum_value_without_an_image_is_shown() {
    let rejection = refused(|lens| {
        lens["ops"][2]["map"]["pairs"].as_object_mut().unwrap().remove("SENT");
    });

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(2), "/status".into()));
    assert!(rejection.error.contains("\"SENT\" has no image"), "{rejection}");
    assert_eq!(rejection.input.unwrap()["status"], "SENT");
    assert_eq!(rejection.hint, "add \"SENT\" to `pairs`, or give an `else`");
}

#[test]
fn an_image_that_the_newer_version_does_not_know_is_shown() {
    let rejection = refused(|lens| {
        lens["ops"][2]["map"]["pairs"]["SENT"] = json!("sent");
    });

    assert_eq!(rejection.op, Some(2));
    assert_eq!(rejection.pointer.to_string(), "/status");
}

#[test]
fn a_loss_that_is_not_accepted_is_refused() {
    let rejection = refused(|lens| lens["accept_loss"] = json!({"down": ["/currency"]}));

    assert_eq!(
        said(&rejection),
        "op 4 at `/legacyFlag`: the value at `/legacyFlag` is lost on the way up; keep it, or accept the loss: `accept_loss: { up: [ /legacyFlag ] }`"
    );
    assert_eq!(rejection.input.unwrap()["legacyFlag"], true);
}

#[test]
fn a_loss_on_the_way_down_is_refused_too() {
    let rejection = refused(|lens| lens["accept_loss"] = json!({"up": ["/legacyFlag"]}));

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(5), "/currency".into()));
    assert!(rejection.error.contains("lost on the way down"), "{rejection}");
}

#[test]
fn a_forgotten_restore_is_refused() {
    let rejection = refused(|lens| {
        lens["ops"][4]["drop"].as_object_mut().unwrap().remove("restore");
    });

    assert!(rejection.error.contains("legacyFlag"), "{rejection}");
    assert!(rejection.input.is_some() && rejection.output.is_some());
}

#[test]
fn a_forgotten_addition_is_refused() {
    let rejection = refused(|lens| {
        lens["ops"].as_array_mut().unwrap().remove(5);
    });

    assert!(rejection.error.contains("\"currency\" is a required property"), "{rejection}");
    assert_eq!(rejection.hint, "`add` it, or `move` or `rename` to it");
}

#[test]
fn a_wrong_type_is_refused() {
    let rejection =
        refused(|lens| lens["ops"][3]["convert"] = json!({"at": "/total", "to": "integer"}));

    assert_eq!(
        said(&rejection),
        "op 3 at `/total`: expects string, but the schema says number (events of version 1); say what it is with `from: number`"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let rejection = refused(|lens| lens["ops"][5]["add"]["value"] = json!(978));

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(5), "/currency".into()));
    assert_eq!(rejection.output.unwrap()["currency"], 978);
    assert_eq!(rejection.hint, "`convert` it, or correct the type");
}

#[test]
fn a_list_is_not_an_object() {
    let rejection = refused(|lens| {
        lens["ops"][6] = json!({"rename": {"from": "/lines/qty", "to": "/lines/quantity"}});
    });

    assert_eq!(
        said(&rejection),
        "op 6 at `/lines`: `/lines` is array, not an object (events of version 1); use `each` for the items of a list"
    );
}

#[test]
fn an_object_is_not_a_list() {
    let rejection = refused(|lens| lens["ops"][6]["each"]["at"] = json!("/customer"));

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(6), "/customer".into()));
}

#[test]
fn a_place_inside_every_item_is_named_with_a_star() {
    let rejection = refused(|lens| {
        lens["ops"][6]["each"]["ops"][0]["rename"]["from"] = json!("/qtty");
    });

    assert_eq!(
        said(&rejection),
        "op 6 at `/lines/*/qtty`: `rename`: `/lines/*/qtty` is not declared (events of version 1); did you mean `qty`?"
    );
}

#[test]
fn an_example_that_lies_is_refused() {
    let mut document = Lens::parse(WORKED).unwrap().to_value();
    document["examples"][0]["gives"]["status"] = json!("paid");
    let lens = Lens::from_value(&document).unwrap();

    let rejection = checked(&lens, &older(), &newer()).unwrap_err();

    assert_eq!(
        said(&rejection),
        "op 2 at `/status`: example 0 expects \"paid\" at `/status`, and the lens gives \"placed\"; correct the example or the operation"
    );
}

#[test]
fn an_example_that_is_no_event_is_refused() {
    let mut document = Lens::parse(WORKED).unwrap().to_value();
    document["examples"][0]["up"]["status"] = json!("LOST");
    let lens = Lens::from_value(&document).unwrap();

    let rejection = checked(&lens, &older(), &newer()).unwrap_err();

    assert!(rejection.error.starts_with("example 0 is no event to go up"), "{rejection}");
}

#[test]
fn a_text_that_may_lack_its_separator_is_refused() {
    let lens = with(&json!([{"split": {"from": "/n", "into": ["/a", "/b"], "sep": " "}}]));
    let older =
        json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "string"}}});
    let newer = json!({
        "type": "object", "required": ["a", "b"],
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}}
    });

    let rejection = checked(&lens, &older, &newer).unwrap_err();

    assert_eq!((rejection.op, rejection.pointer.to_string()), (Some(0), "/n".into()));
    assert_eq!(rejection.hint, "say in `missing` what a part is where there are too few");
}

#[test]
fn strictly_an_open_schema_can_hold_the_target_already() {
    let lens = with(&json!([{"rename": {"from": "/a", "to": "/b"}}]));
    let of = |name: &str| {
        schema(
            &json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}}),
        )
    };
    let budget = crate::budget::Budget::steps(100_000);

    let assurance =
        check(&lens, &of("a"), &of("b"), crate::containment::ContentModel::Strict, &budget);

    assert!(matches!(assurance, Ok(Assurance::Tested(_))), "{assurance:?}");
}
