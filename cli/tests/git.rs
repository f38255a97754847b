//! `git:REVISION`: read from the object store of a real repository, without a checkout.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;

use support::{ADDED, BROKEN, V1, Workshop};

fn repository() -> Workshop {
    let shop = Workshop::new();
    shop.write("schemas/orders/Placed/1.json", V1).write("schemas/plain.txt", "x").commit();
    shop
}

#[test]
fn the_working_tree_is_checked_against_a_revision() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", ADDED);

    let added = shop.stele(&["check", "--against", "git:HEAD"]);
    shop.write("schemas/orders/Placed/2.json", BROKEN);
    let broken = shop.stele(&["check", "schemas", "--against", "git:HEAD"]);
    let inside = shop.stele_in("schemas/orders", "", &["check", ".", "--against", "git:main"]);

    assert_eq!((added.code, broken.code, inside.code), (0, 1, 1), "{added:?} {broken:?}");
    assert!(broken.out.contains("git:HEAD:schemas/orders/Placed/1.json"), "{broken:?}");
}

#[test]
fn one_version_is_checked_against_its_subject() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN);

    let new = shop.stele(&["check", "schemas/orders/Placed/2.json", "--against", "git:HEAD"]);
    let old = shop.stele(&["check", "schemas/orders/Placed/1.json", "--against", "git:HEAD"]);

    assert_eq!((new.code, old.code), (1, 0), "{new:?} {old:?}");
}

#[test]
fn a_version_that_was_committed_never_changes() {
    let shop = repository();
    shop.write("schemas/orders/Placed/1.json", ADDED);

    let run = shop.stele(&["check", "schemas", "--against", "git:HEAD"]);

    assert_eq!(run.code, 1);
    assert!(run.out.contains("version_rewritten"), "{run:?}");
}

#[test]
fn what_was_committed_and_is_gone_is_told() {
    let shop = repository();
    shop.write("schemas/orders/Cancelled/1.json", V1).commit();
    shop.remove("schemas/orders/Cancelled/1.json");

    let run = shop.stele(&["check", "schemas", "--against", "git:HEAD"]);

    assert_eq!(run.code, 1);
    assert!(run.out.contains("subject_removed"), "{run:?}");
}

#[test]
fn nothing_is_checked_out() {
    let shop = repository();
    shop.remove("schemas/orders/Placed/1.json").write("other.json", V1);
    let place = "git:HEAD:schemas/orders/Placed/1.json";

    let run = shop.stele(&["check", "other.json", "--against", place]);

    assert_eq!(run.code, 0, "{run:?}");
    assert!(!shop.path().join("schemas/orders/Placed/1.json").exists());
}

#[test]
fn both_sides_can_be_revisions() {
    let shop = repository();
    shop.write("schemas/orders/Placed/2.json", BROKEN).commit();
    fs::remove_dir_all(shop.path().join("schemas")).unwrap();

    let run = shop.stele(&["check", "git:HEAD:schemas", "--against", "git:HEAD~1:schemas"]);

    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn an_unknown_revision_is_an_error() {
    let run = repository().stele(&["check", "schemas", "--against", "git:nope"]);

    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("error: `nope` is not a revision of the repository"), "{run:?}");
    assert!(run.err.contains("hint: fetch it first"), "{run:?}");
}

#[test]
fn a_revision_that_looks_like_an_option_is_only_unknown() {
    let run = repository().stele(&["check", "schemas", "--against", "git:--help"]);

    assert_eq!(run.code, 2);
    assert!(run.err.contains("`--help` is not a revision"), "{run:?}");
}

#[test]
fn a_path_that_the_revision_does_not_have_is_an_error() {
    let shop = repository();
    shop.write("elsewhere/Placed.json", V1);

    let run = shop.stele(&["check", "elsewhere", "--against", "git:HEAD"]);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `elsewhere` does not exist at revision `HEAD`
    hint: say where it was with `git:REVISION:PATH`; what is new there has nothing to be held against
    ");
}

#[test]
fn outside_of_a_repository_is_an_error() {
    let shop = Workshop::new();
    shop.write("new.json", V1);

    let run = shop.stele(&["check", "new.json", "--against", "git:HEAD"]);

    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.err, @r"
    error: `new.json` is not in a git repository
    hint: `git:REVISION` reads the repository that the compared path is in
    ");
}
