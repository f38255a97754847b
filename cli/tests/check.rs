//! `stele check`: what a script sees (exit codes) and what a person sees.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{ADDED, BROKEN, V1, Workshop};

#[test]
fn an_addition_is_compatible() {
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", ADDED);

    let run = shop.stele(&["check", "new.json", "--against", "old.json"]);

    assert_eq!(run.code, 0, "{run:?}");
    insta::assert_snapshot!(run.out, @r#"
    compatible new  release 1.1.0, proved in both directions
               note: read strictly, an old event {"gift":null,"id":""} could break it: at /gift, null is
                     not of type "boolean"

    compatible: 1 compatible (new.json against old.json)
    "#);
}

#[test]
fn a_break_shows_the_rule_the_event_and_what_to_do() {
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", BROKEN);

    let run = shop.stele(&["check", "new.json", "--against", "old.json"]);

    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!(run.out, @r#"
    breaking   new
      old old.json
      new new.json
      by  ADDITIONS_ONLY in the event model; as a release it is 2.0.0

      type_changed at /properties/id/type
        the type changed from `string` to `integer`
         --> new.json:1:38
          |
        1 | {"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}
          |                                      ^^^^^^^^^^^^^^^^ now
          |
         ::: old.json:1:38
          |
        1 | {"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}
          |                                      --------------- before
        instead: keep this type, and add a new optional property of the new type beside it

      backward_breaking this event of the old schema cannot be read by the new schema
        {
          "id": ""  <-- "" is not of type "integer"
        }
        by `type` of the new schema, at /properties/id/type

      forward_breaking this event of the new schema cannot be read by the old schema
        /id: 0  <-- 0 is not of type "string"
        by `type` of the old schema, at /properties/id/type

    breaking: 1 breaking (new.json against old.json)
    "#);
}

#[test]
fn what_cannot_be_decided_fails_unless_it_may_pass() {
    // A back-reference is no regular language: no prover follows it, and no sample shows a difference.
    let shop = Workshop::new();
    shop.write("old.json", r#"{"type":"string","pattern":"^(a+)b\\1$"}"#)
        .write("new.json", r#"{"type":"string","pattern":"^(a+)b\\1{1}$"}"#);
    let check = ["check", "new.json", "--against", "old.json", "--compatibility", "BACKWARD"];

    let strictly = shop.stele(&check);
    let leniently = shop.stele(&[&check[..], &["--fail-on", "breaking"]].concat());

    assert_eq!((strictly.code, leniently.code), (3, 0), "{strictly:?}");
    insta::assert_snapshot!(strictly.out, @r#"
    undecided  new
      old old.json
      new new.json
      by  BACKWARD in the event model; as a release it is 2.0.0

      backward_undecided whether the new schema can read every event of the old schema is not known:
                         REGEX_UNSUPPORTED at the root
         --> new.json:1:1
          |
        1 | {"type":"string","pattern":"^(a+)b\\1{1}$"}
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ now
          |
         ::: old.json:1:1
          |
        1 | {"type":"string","pattern":"^(a+)b\\1$"}
          | ---------------------------------------- before
        instead: simplify that place, or let it pass knowingly with `--fail-on breaking`

    undecided: 1 undecided (new.json against old.json)
    "#);
}

#[test]
fn standard_input_is_a_source() {
    let shop = Workshop::new();
    shop.write("old.json", V1);

    let same = shop.stele_reading(V1, &["check", "-", "--against", "old.json"]);
    let other = shop.stele_reading(BROKEN, &["check", "-", "--against", "old.json"]);
    let twice = shop.stele_reading(V1, &["check", "-", "--against", "-"]);

    assert_eq!((same.code, other.code, twice.code), (0, 1, 2), "{other:?}");
}

#[test]
fn a_folder_is_checked_version_by_version() {
    let shop = Workshop::new();
    shop.write("old/orders/Placed/1.json", V1)
        .write("old/orders/Cancelled/1.json", V1)
        .write("new/orders/Placed/1.json", V1)
        .write("new/orders/Placed/2.json", ADDED)
        .write("new/orders/Placed/examples/1.json", r#"{"id":"7"}"#)
        .write("new/orders/Cancelled/1.json", V1)
        .write("new/billing/Paid/1.json", V1);

    let run = shop.stele(&["check", "new", "--against", "old"]);

    assert_eq!(run.code, 0, "{run:?}");
    insta::assert_snapshot!(run.out, @r#"
    compatible Paid 1  (billing)  the first version, release 1.0.0
    compatible Placed 1 -> 2  (orders)  release 1.1.0, proved in both directions
               note: read strictly, an old event {"gift":null,"id":""} could break it: at /gift, null is
                     not of type "boolean"

    compatible: 1 compatible, 1 new, 1 unchanged (new against old)
    "#);
}

#[test]
fn a_registered_version_never_changes_and_never_goes() {
    let shop = Workshop::new();
    shop.write("old/orders/Placed/1.json", V1)
        .write("old/orders/Cancelled/1.json", V1)
        .write("new/orders/Placed/1.json", ADDED);

    let run = shop.stele(&["check", "new", "--against", "old"]);
    let anything = shop.stele(&["check", "new", "--against", "old", "--compatibility", "NONE"]);

    assert_eq!((run.code, anything.code), (1, 0), "{run:?}");
    insta::assert_snapshot!(run.out, @r"
    breaking   Placed 1 -> 1  (orders)
      old old/orders/Placed/1.json
      new new/orders/Placed/1.json
      by  ADDITIONS_ONLY in the event model

      version_rewritten at the root
        version 1 is there already and says something else
        instead: leave the old file as it is, and write the change as a new version beside it

      property_added at /properties/gift
        the optional property `gift` was added

    breaking   Cancelled 1  (orders)
      old old/orders/Cancelled/1.json

      subject_removed at the root
        the subject `Cancelled` is gone
        instead: bring it back, or compare with `--compatibility NONE` where nothing reads it any more

    breaking: 2 breaking (new against old)
    ");
}

#[test]
fn a_subject_brings_its_own_level() {
    let shop = Workshop::new();
    let required = r#"{"type":"object","properties":{"id":{"type":"string"}}}"#;
    shop.write("old/PlaceOrder/1.json", V1)
        .write("new/PlaceOrder/1.json", V1)
        .write("new/PlaceOrder/2.json", required)
        .write("new/PlaceOrder/subject.yaml", "kind: command\n");

    let by_kind = shop.stele(&["check", "new", "--against", "old"]);
    let by_flag = ["check", "new", "--against", "old", "--compatibility", "ADDITIONS_ONLY"];
    let by_flag = shop.stele(&by_flag);

    assert_eq!((by_kind.code, by_flag.code), (0, 1), "{by_kind:?}");
}

#[test]
fn a_lens_carries_a_break_under_translatable() {
    let shop = Workshop::new();
    let renamed = V1.replace("\"id\"", "\"key\"");
    let lens = "{lens: 1, subject: Placed, from: 1, to: 2, ops: [rename: {from: /id, to: /key}]}";
    let wrong = lens.replace("/key", "/name");
    shop.write("old/Placed/1.json", V1)
        .write("new/Placed/1.json", V1)
        .write("new/Placed/2.json", &renamed)
        .write("new/Placed/1-2.lens.yaml", lens);
    let translatable = ["check", "new", "--against", "old", "--compatibility", "TRANSLATABLE"];

    let carried = shop.stele(&translatable);
    let unasked = shop.stele(&["check", "new", "--against", "old"]);
    shop.write("new/Placed/1-2.lens.yaml", &wrong);
    let refused = shop.stele(&translatable);

    assert_eq!((carried.code, unasked.code, refused.code), (0, 1, 1), "{carried:?} {refused:?}");
    assert!(carried.out.contains("carried by its lens"), "{carried:?}");
    assert!(unasked.out.contains("`--compatibility TRANSLATABLE`"), "{unasked:?}");
    insta::assert_snapshot!(refused.out, @r#"
    breaking   Placed 1 -> 2
      old old/Placed/1.json
      new new/Placed/2.json
      by  TRANSLATABLE in the event model; as a release it is 2.0.0

      the lens does not hold: operation 0, at /name: `/name` is not declared (events of version 2)
        from this event:
          {
            "key": "text"
          }
        it makes this one:
          {
            "key": "text"
          }
        hint: declared there: `key`

    breaking: 1 breaking (new against old)
    "#);
}

#[test]
fn programs_read_one_json_document() {
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", BROKEN);

    let run = shop.stele(&["check", "new.json", "--against", "old.json", "--format", "json"]);

    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, 1);
    assert_eq!(report["verdict"], "breaking");
    assert_eq!(report["counts"]["breaking"], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["subject"], "new");
    assert!(finding["refusals"][0]["rule"].is_string(), "{finding}");
    let backward = &finding["check"]["directions"]["backward"];
    assert_eq!(backward["verdict"], "breaking");
    assert!(backward["witness"]["event"]["id"].is_string(), "{backward}");
}

#[test]
fn a_reader_that_has_seen_enough_changes_no_verdict() {
    use std::process::{Command, Stdio};
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", BROKEN);

    let mut child = Command::new(env!("CARGO_BIN_EXE_stele"))
        .args(["check", "new.json", "--against", "old.json"])
        .current_dir(shop.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());

    assert_eq!(child.wait().unwrap().code(), Some(1));
}
