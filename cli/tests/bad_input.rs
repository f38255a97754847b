//! What cannot be read ends with 2 and says what, why and what to do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Run, V1, Workshop};

/// A check of `text` against a good schema.
fn checked(text: &str) -> Run {
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", text);
    shop.stele(&["check", "new.json", "--against", "old.json"])
}

#[test]
fn not_json() {
    let run = checked("{nope");

    assert_eq!((run.code, run.out.as_str()), (2, ""));
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` is not a schema that can be checked
      because: the schema is not acceptable JSON
      because: not JSON at line 1, column 2: key must be a string
    hint: check the text with any JSON linter
    ");
}

#[test]
fn not_a_schema() {
    let run = checked(r#"{"type":"strin"}"#);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r#"
    error: `new.json` is not a schema that can be checked
      because: not a valid schema at `/type`: "strin" is not valid under any of the schemas listed in the 'anyOf' keyword
    hint: compare that place with the dialect's meta-schema
    "#);
}

#[test]
fn an_unknown_dialect() {
    let run = checked(r#"{"$schema":"https://example.com/mine"}"#);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` is not a schema that can be checked
      because: `https://example.com/mine` is not a known dialect of JSON Schema
    hint: use draft 4, 6, 7, 2019-09 or 2020-12, such as https://json-schema.org/draft/2020-12/schema
    ");
}

#[test]
fn ten_thousand_levels() {
    let run = checked(&("[".repeat(10_000) + &"]".repeat(10_000)));

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` is not a schema that can be checked
      because: the schema is not acceptable JSON
      because: nested deeper than 127 levels
    hint: check the text with any JSON linter
    ");
}

#[test]
fn five_megabytes() {
    let run = checked(&" ".repeat(5_000_000));

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` is not a schema that can be checked
      because: the schema has 5000000 bytes; at most 1048576 are taken
    hint: move shared definitions into subjects of their own and refer to them
    ");
}

#[test]
fn what_a_remote_reference_names_is_not_fetched() {
    let run = checked(r#"{"$ref":"http://127.0.0.1:1/secret.json"}"#);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` refers to `http://127.0.0.1:1/secret.json`, which is not there
    hint: a `$ref` is a path from the file it stands in, the `$id` of a schema of the same source, or a name that `references` in subject.yaml explains (`name: Subject@2`); nothing is fetched for it
    ");
}

#[test]
fn a_file_that_is_not_there() {
    let shop = Workshop::new();

    let run = shop.stele(&["check", "gone.json", "--against", "old.json"]);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `gone.json` does not exist
    hint: a source is a file, a folder, `-` for standard input, `git:REVISION`, or `registry`
    ");
}

#[test]
fn a_folder_without_schemas() {
    let shop = Workshop::new();
    shop.write("empty/README.md", "nothing").write("old.json", V1);

    let run = shop.stele(&["check", "empty", "--against", "old.json"]);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: no schema found in `empty`
    hint: schemas are found as <context>/<Subject>/<version>.json, or as <Subject>.json where no file has a number for a name
    ");
}

#[test]
fn a_lens_that_stands_in_another_place() {
    let shop = Workshop::new();
    let lens = "{lens: 1, subject: Placed, from: 1, to: 2, ops: [rename: {from: /id, to: /key}]}";
    shop.write("new/Placed/1.json", V1).write("old.json", V1);

    shop.write("new/Placed/2-3.lens.yaml", lens);
    let edge = shop.stele(&["check", "new", "--against", "old.json"]);
    shop.remove("new/Placed/2-3.lens.yaml");
    shop.write("new/Placed/1-2.lens.yaml", &lens.replace("Placed", "Paid"));
    let subject = shop.stele(&["check", "new", "--against", "old.json"]);

    assert_eq!((edge.code, subject.code), (2, 2));
    insta::assert_snapshot!(edge.err, @r"
    error: `new/Placed/2-3.lens.yaml` is for 1 to 2, and stands where the one for 2 to 3 belongs
    hint: a lens says `subject`, `from` and `to` as its folder and its name `<from>-<to>.lens.yaml` do
    ");
    assert!(subject.err.contains("is for `Paid`"), "{subject:?}");
}

#[test]
fn settings_with_a_typo() {
    let shop = Workshop::new();
    shop.write("new/Placed/1.json", V1)
        .write("new/Placed/subject.yaml", "compatability: FULL\n")
        .write("old.json", V1);

    let run = shop.stele(&["check", "new", "--against", "old.json"]);

    assert_eq!(run.code, 2);
    assert!(run.err.contains("subject.yaml"), "{run:?}");
}

#[test]
fn a_command_line_that_says_nothing_known() {
    let shop = Workshop::new();

    let unknown = shop.stele(&["chekc"]);
    let level = shop.stele(&["check", "a", "--against", "b", "--compatibility", "BACKWARDS"]);
    let missing = shop.stele(&["check", "a"]);

    assert_eq!((unknown.code, level.code, missing.code), (2, 2, 2));
    assert!(level.err.contains("ADDITIONS_ONLY"), "{level:?}");
}

#[test]
fn control_characters_in_a_name_are_not_obeyed() {
    let run = checked("{\"$schema\":\"https://example.com/\\u001b[31m\"}");

    assert_eq!(run.code, 2);
    assert!(!run.err.contains('\u{1b}'), "{run:?}");
}
