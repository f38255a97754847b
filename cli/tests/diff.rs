//! `stele diff`: facts, place by place.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{ADDED, V1, Workshop};

#[test]
fn what_changed_is_a_tree() {
    let shop = Workshop::new();
    shop.write("Placed/1.json", V1).write("Placed/2.json", ADDED);

    let run = shop.stele(&["diff", "Placed/1.json", "Placed/2.json"]);

    assert_eq!(run.code, 0, "{run:?}");
    insta::assert_snapshot!(run.out, @r#"
    Placed 1 -> 2  minor
      /properties/gift
        property_added the optional property `gift` was added
        + {"type":"boolean"}
    "#);
}

#[test]
fn folders_are_compared_by_their_newest_versions() {
    let shop = Workshop::new();
    shop.write("old/Placed/1.json", V1)
        .write("old/Gone/1.json", V1)
        .write("old/Same/1.json", V1)
        .write("new/Placed/1.json", V1)
        .write("new/Placed/2.json", ADDED)
        .write("new/Same/1.json", V1);

    let run = shop.stele(&["diff", "old", "new", "--format", "json"]);

    let changes: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let subjects: Vec<_> = changes.as_array().unwrap().iter().map(|it| &it["subject"]).collect();
    assert_eq!(subjects, ["Placed", "Gone"]);
    assert_eq!(changes[0]["release"], "minor");
}
