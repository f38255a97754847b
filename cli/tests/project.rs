//! `stele check` without arguments, and what `stele.yaml` says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{fs, process::Command};

use support::{ADDED, BROKEN, Run, V1, Workshop};

fn repository() -> Workshop {
    let shop = Workshop::new();
    shop.write("schemas/orders/Placed/1.json", V1).commit();
    shop
}

/// The last line of a report: what was held against what.
fn summary(run: &Run) -> &str {
    run.out.lines().last().unwrap_or_default()
}

#[test]
fn on_the_main_branch_it_is_what_is_not_committed() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN);

    let run = shop.stele(&["check"]);

    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(summary(&run), "breaking: 1 breaking (schemas against git:HEAD)");
}

#[test]
fn on_a_branch_it_is_what_changed_since_it_left_the_main_one() {
    let shop = repository();
    shop.git(&["checkout", "-q", "-b", "work"])
        .write("schemas/orders/Placed/2.json", BROKEN)
        .commit()
        .git(&["checkout", "-q", "main"])
        .write("schemas/stock/Counted/1.json", V1)
        .commit()
        .git(&["checkout", "-q", "work"]);

    let run = shop.stele(&["check"]);
    let against_the_tip = shop.stele(&["check", "--against", "git:main"]);
    let three_dots = shop.stele(&["check", "--against", "git:main..."]);

    // What the main branch got meanwhile is not removed by this one.
    assert_eq!(run.code, 1, "{run:?}");
    assert!(summary(&run).starts_with("breaking: 1 breaking (schemas against git:"), "{run:?}");
    assert_eq!(three_dots.out, run.out);
    assert!(summary(&against_the_tip).starts_with("breaking: 2 breaking"), "{against_the_tip:?}");
}

#[test]
fn in_a_folder_of_the_repository_it_is_that_folder_or_what_the_project_says() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN).write("schemas/stock/Counted/1.json", V1);

    let folder = shop.stele_in("schemas/stock", "", &["check"]);
    shop.write("stele.yaml", "schemas: schemas\n");
    let project = shop.stele_in("schemas/stock", "", &["check"]);

    // The folder is new itself.
    assert_eq!((folder.code, project.code), (0, 1), "{folder:?} {project:?}");
    assert!(summary(&project).contains("../../schemas against git:HEAD"), "{project:?}");
}

#[test]
fn a_clone_is_held_against_the_main_branch_of_its_origin() {
    let shop = repository();
    shop.git(&["clone", "-q", ".", "clone"]);
    fs::write(shop.path().join("clone/schemas/orders/Placed/2.json"), BROKEN).unwrap();
    let git = |args: &[&str]| shop.git(&[&["-C", "clone"], args].concat());
    git(&["checkout", "-q", "-b", "work"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "a break"]);

    let branch = shop.stele_in("clone", "", &["check"]);
    git(&["checkout", "-q", "--detach"]);
    let detached = shop.stele_in("clone", "", &["check"]);

    assert_eq!((branch.code, detached.code), (1, 1), "{branch:?} {detached:?}");
}

#[test]
fn a_worktree_is_a_repository_of_its_own() {
    let shop = repository();
    shop.git(&["worktree", "add", "-q", "-b", "work", "tree"]);
    fs::write(shop.path().join("tree/schemas/orders/Placed/2.json"), BROKEN).unwrap();

    let run = shop.stele_in("tree", "", &["check"]);

    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn a_shallow_clone_says_that_its_history_is_missing() {
    let shop = repository();
    shop.git(&["checkout", "-q", "-b", "work"])
        .write("schemas/orders/Placed/2.json", BROKEN)
        .commit()
        .git(&["checkout", "-q", "main"])
        .write("README", "x")
        .commit();
    let url = format!("file://{}", shop.path().display());
    shop.git(&["clone", "-q", "--depth", "1", "--branch", "work", &url, "clone"]);
    let git = |args: &[&str]| shop.git(&[&["-C", "clone"], args].concat());
    git(&["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);

    let shallow = shop.stele_in("clone", "", &["check"]);
    let tip = shop.stele_in("clone", "", &["check", "--against", "git:origin/main"]);
    let target = [("GITHUB_BASE_REF", "nowhere")];
    let unfetched = shop.stele_with("clone", "", &["check"], &target);

    assert_eq!((shallow.code, tip.code, unfetched.code), (2, 1, 2), "{shallow:?} {tip:?}");
    insta::assert_snapshot!(shallow.err, @r"
    error: `refs/remotes/origin/main` and `HEAD` have no commit in common here
    hint: this clone is shallow: get the history (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout), or compare with the tip of the branch, `--against git:origin/main`
    ");
    insta::assert_snapshot!(unfetched.err, @r"
    error: `origin/nowhere`, which GITHUB_BASE_REF names, is not in this clone
    hint: fetch it with its history: `fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab
    ");
}

#[test]
fn a_bare_repository_is_read_by_its_revisions() {
    let shop = repository();
    shop.git(&["checkout", "-q", "-b", "work"])
        .write("schemas/orders/Placed/2.json", BROKEN)
        .commit()
        .git(&["clone", "-q", "--bare", ".", "bare.git"]);

    let revisions = ["check", "git:work:schemas", "--against", "git:main:schemas"];
    let revisions = shop.stele_in("bare.git", "", &revisions);
    let nothing = shop.stele_in("bare.git", "", &["check"]);

    assert_eq!((revisions.code, nothing.code), (1, 2), "{revisions:?} {nothing:?}");
    let told =
        nothing.err.replace(&shop.path().canonicalize().unwrap().display().to_string(), "SHOP");
    insta::assert_snapshot!(told, @r"
    error: the repository at `SHOP/bare.git` is bare: there is no working tree to check
    hint: name two revisions: `stele check git:BRANCH:schemas --against git:main:schemas`
    ");
}

#[test]
fn outside_of_git_it_says_what_to_do() {
    let shop = Workshop::new();
    shop.write("schemas/orders/Placed/1.json", V1);

    let outside = shop.stele(&["check"]);

    assert_eq!(outside.code, 2);
    insta::assert_snapshot!(outside.err, @r"
    error: `schemas` is not in a git repository
    hint: say what to hold it against: `--against FOLDER`, `--against git:REVISION` or `--against registry`
    ");
}

#[test]
fn what_begins_is_held_against_nothing() {
    let shop = Workshop::new();
    shop.write("README", "x").git(&["init", "-q"]);
    shop.write("schemas/orders/Placed/1.json", V1).write("schemas/orders/Placed/2.json", BROKEN);
    let no_commit = shop.stele(&["check"]);
    shop.git(&["add", "README"]).git(&["commit", "-q", "-m", "no schema yet"]);
    let no_folder = shop.stele(&["check"]);
    let named = shop.stele(&["check", "schemas", "--against", "git:HEAD"]);

    // The second version breaks the first all the same.
    assert_eq!((no_commit.code, no_folder.code, named.code), (1, 1, 2), "{no_commit:?}");
    assert_eq!(summary(&no_commit), "breaking: 1 breaking, 1 new (schemas against nothing)");
    assert_eq!(summary(&no_folder), "breaking: 1 breaking, 1 new (schemas against git:HEAD)");
}

#[test]
fn the_objects_of_a_repository_with_long_names_are_known() {
    let shop = Workshop::new();
    let made = Command::new("git")
        .args(["init", "-q", "-b", "main", "--object-format=sha256"])
        .current_dir(shop.path())
        .status()
        .unwrap();
    assert!(made.success());
    shop.write("schemas/orders/Placed/1.json", V1).commit();
    shop.write("schemas/orders/Placed/2.json", ADDED);

    let run = shop.stele(&["check"]);

    assert_eq!(run.code, 0, "{run:?}");
}

const WAIVED: &str = "
waivers:
  - subject: orders/Placed
    version: 2
    rule: type_changed
    who: ada@example.org
    why: nobody reads the id yet
    until: 9999-12-31
";

#[test]
fn a_waiver_lets_its_break_pass_and_says_so() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN).write("stele.yaml", WAIVED);

    let waived = shop.stele(&["check"]);
    shop.write("stele.yaml", &WAIVED.replace("type_changed", "property_removed"));
    let other_rule = shop.stele(&["check"]);
    shop.write("stele.yaml", &WAIVED.replace("version: 2", "version: 3"));
    let other_version = shop.stele(&["check", "--verbose"]);

    let codes = (waived.code, other_rule.code, other_version.code);
    assert_eq!(codes, (0, 1, 1), "{waived:?}");
    insta::assert_snapshot!(waived.out, @r"
    compatible Placed 1 -> 2  (orders)  release 2.0.0
               waived: type_changed at /properties/id/type, by ada@example.org until 9999-12-31: nobody
                       reads the id yet
               waived: backward_breaking at /properties/id/type, by ada@example.org until 9999-12-31:
                       nobody reads the id yet
               waived: forward_breaking at /properties/id/type, by ada@example.org until 9999-12-31:
                       nobody reads the id yet

    compatible: 1 waived (schemas against git:HEAD)
    ");
    insta::assert_snapshot!(other_version.err, @"no break needs the waiver of `type_changed` for `orders/Placed` by ada@example.org");
}

#[test]
fn a_waiver_that_is_over_says_so() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN)
        .write("stele.yaml", &WAIVED.replace("9999-12-31", "2020-12-31"));

    let run = shop.stele(&["check"]);

    assert_eq!(run.code, 1, "{run:?}");
    let note = run.out.lines().find(|line| line.contains("note:"));
    insta::assert_snapshot!(note.unwrap(), @"  note: the waiver of `type_changed` by ada@example.org ended on 2020-12-31: nobody reads the id yet");
}

#[test]
fn a_waiver_does_not_hide_a_break_at_another_place() {
    let shop = repository();
    let both = BROKEN.replace("\"required\":[\"id\"]", "\"required\":[\"id\",\"gift\"]");
    let both = both.replace("\"properties\":{", "\"properties\":{\"gift\":{},");
    shop.write("schemas/orders/Placed/2.json", &both).write("stele.yaml", WAIVED);

    let run = shop.stele(&["check", "--format", "json"]);

    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, 1, "{run:?}");
    let refusals = report["findings"][0]["refusals"].as_array().unwrap();
    assert!(refusals.iter().any(|it| it["rule"] == "required_property_added"), "{refusals:?}");
}

#[test]
fn a_project_says_how_its_subjects_are_judged() {
    let shop = repository();
    let optional = r#"{"type":"object","properties":{"id":{"type":"string"}}}"#;
    shop.write("schemas/orders/Placed/2.json", optional)
        .write("stele.yaml", "subjects:\n  orders/*: {compatibility: BACKWARD}\n");

    let project = shop.stele(&["check"]);
    let flag = shop.stele(&["check", "--compatibility", "FULL"]);
    let variable = shop.stele_with(".", "", &["check"], &[("STELE_COMPATIBILITY", "FULL")]);
    shop.write("schemas/orders/Placed/subject.yaml", "compatibility: FORWARD\n");
    let subject = shop.stele(&["check"]);

    let codes = [&project, &flag, &variable, &subject].map(|run| run.code);
    assert_eq!(codes, [0, 1, 1, 1], "{project:?}");
}

#[test]
fn settings_say_where_they_came_from() {
    let shop = Workshop::new();
    shop.write("stele.yaml", "registry: http://schemas.example\nformat: json\n")
        .write(".settings/stele/config.yaml", "color: never\nformat: human\n");

    let run = shop.stele_with(
        ".",
        "",
        &["config", "--format", "human"],
        &[("STELE_FAIL_ON", "breaking")],
    );
    let json = shop.stele(&["config", "--format", "json"]);

    let told = run.out.replace(&shop.path().display().to_string(), "SHOP");
    insta::assert_snapshot!(told, @r"
    setting        value                                     from
    registry       http://schemas.example                    stele.yaml
    against        where the branch left the main one        default
    compatibility  as the subject says, else ADDITIONS_ONLY  default
    content-model  as the subject says, else event           default
    dialect        2020-12                                   default
    format         json                                      stele.yaml
    fail-on        breaking                                  STELE_FAIL_ON
    color          never                                     SHOP/.settings/stele/config.yaml
    ");
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["settings"][0]["value"], "http://schemas.example");
}

#[test]
fn a_project_that_says_something_else_is_an_error() {
    let shop = repository();
    shop.write("stele.yaml", "compatability: FULL\n");
    let typo = shop.stele(&["check"]);
    shop.write("stele.yaml", &WAIVED.replace("9999-12-31", "soon"));
    let date = shop.stele(&["check"]);
    let version = shop.stele(&["--version"]);

    assert_eq!((typo.code, date.code, version.code), (2, 2, 0));
    insta::assert_snapshot!(typo.err, @r"
    error: `stele.yaml` does not say what a `stele.yaml` says
      because: line 1 column 1: unknown field `compatability`, expected one of schemas, against, registry, compatibility, content_model, dialect, format, fail_on, subjects, waivers, lint
    hint: it may say `schemas`, `against`, `registry`, `compatibility`, `content_model`, `dialect`, `format`, `fail_on`, `subjects`, `waivers`, `lint`
    ");
    assert!(date.err.contains("expected a day, as 2027-01-31, not `soon`"), "{date:?}");
}

#[test]
fn what_lets_new_values_in_fails_where_that_is_asked_for() {
    let shop = repository();
    let open =
        r#"{"type":"object","properties":{"id":{"type":["string","null"]}},"required":["id"]}"#;
    shop.write("schemas/orders/Placed/2.json", open);
    let backward = ["check", "--compatibility", "BACKWARD"];

    let fine = shop.stele(&backward);
    let widened = shop.stele(&[&backward[..], &["--fail-on", "widened"]].concat());

    assert_eq!((fine.code, widened.code), (0, 1), "{fine:?}");
    assert!(fine.out.contains("widened: at /properties/id"), "{fine:?}");
}

#[test]
fn a_file_outside_the_layout_is_told_in_good_grammar() {
    let shop = repository();
    shop.write("schemas/package.json", "{}");

    let one = shop.stele(&["check"]);
    shop.write("schemas/other.json", "{}");
    let two = shop.stele(&["check"]);

    insta::assert_snapshot!(one.err, @"warning: one JSON file in `schemas` follows no <context>/<Subject>/<version>.json and was not checked");
    insta::assert_snapshot!(two.err, @"warning: 2 JSON files in `schemas` follow no <context>/<Subject>/<version>.json and were not checked");
}
