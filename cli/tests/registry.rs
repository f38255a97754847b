//! The commands that speak to a registry, against a real one: `stele dev`, which runs it in its own process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use support::{ADDED, BROKEN, House, V1, Workshop};

fn placed(shop: &Workshop) {
    shop.write("schemas/orders/Placed/1.json", V1)
        .write("schemas/orders/Placed/2.json", ADDED)
        .write("schemas/orders/Placed/subject.yaml", "kind: event\nowner: checkout\n");
}

#[test]
fn registering_twice_changes_nothing() {
    let shop = Workshop::new();
    placed(&shop);
    let house = House::open(&shop);

    let dry = house.stele(&shop, &["register", "schemas", "--dry-run"]);
    let nothing = house.stele(&shop, &["list"]);
    let first = house.stele(&shop, &["register", "schemas"]);
    let second = house.stele(&shop, &["register", "schemas"]);

    assert_eq!((dry.code, first.code, second.code), (0, 0, 0), "{dry:?} {first:?} {second:?}");
    assert_eq!(nothing.out, "");
    insta::assert_snapshot!(dry.out, @r"
    accepted   Placed 1  a dry run: nothing was recorded
    accepted   Placed 2  a dry run: nothing was recorded
    ");
    insta::assert_snapshot!(first.out, @r"
    registered Placed 1  release 1.0.0, id 1
    registered Placed 2  release 1.1.0, id 2
    ");
    insta::assert_snapshot!(second.out, @"unchanged  Placed 1, 2  already registered");
}

#[test]
fn what_is_registered_is_listed_and_shown() {
    let shop = Workshop::new();
    placed(&shop);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);

    let list = house.stele(&shop, &["list"]);
    let subject = house.stele(&shop, &["show", "Placed"]);
    let version = house.stele(&shop, &["show", "Placed@^1.1"]);
    let missing = house.stele(&shop, &["show", "Nobody"]);

    insta::assert_snapshot!(list.out, @r"
    subject  kind   version  release
    Placed   event  2        1.1.0
    ");
    insta::assert_snapshot!(subject.out, @r"
    Placed (event)
      owner        checkout
      policy       ADDITIONS_ONLY in the event model

    version  release  id  reached
    1        1.0.0    1
    2        1.1.0    2   an addition
    ");
    insta::assert_snapshot!(version.out, @r#"
    {
      "type": "object",
      "properties": {
        "id": {
          "type": "string"
        },
        "gift": {
          "type": "boolean"
        }
      },
      "required": [
        "id"
      ]
    }
    "#);
    assert_eq!((list.code, subject.code, version.code, missing.code), (0, 0, 0, 2), "{missing:?}");
}

#[test]
fn a_break_is_refused_with_its_witness_by_check_and_by_register() {
    let shop = Workshop::new();
    placed(&shop);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);
    shop.write("schemas/orders/Placed/3.json", BROKEN);

    let checked = house.stele(&shop, &["check", "schemas", "--against", "registry"]);
    let refused = house.stele(&shop, &["register", "schemas"]);
    let after = house.stele(&shop, &["show", "Placed@latest", "--format", "json"]);

    assert_eq!((checked.code, refused.code), (1, 1), "{checked:?} {refused:?}");
    for run in [&checked, &refused] {
        assert!(run.out.contains("type_changed at /properties/id"), "{run:?}");
        assert!(run.out.contains("cannot be read by version"), "{run:?}");
    }
    assert!(after.out.contains("\"version\": 2"), "{after:?}");
}

#[test]
fn a_lens_and_a_release_go_with_one_version() {
    let shop = Workshop::new();
    let renamed = V1.replace("\"id\"", "\"key\"");
    let lens = "{lens: 1, subject: Paid, from: 1, to: 2, ops: [rename: {from: /id, to: /key}]}";
    shop.write("Paid/1.json", V1)
        .write("Paid/2.json", &renamed)
        .write("Paid/subject.yaml", "compatibility: TRANSLATABLE\n")
        .write("way.yaml", lens);
    let house = House::open(&shop);

    let first = house.stele(&shop, &["register", "Paid/1.json"]);
    let without = house.stele(&shop, &["register", "Paid/2.json"]);
    let small = ["register", "Paid/2.json", "--lens", "way.yaml", "--release", "1.1.0"];
    let small = house.stele(&shop, &small);
    let with = ["register", "Paid/2.json", "--lens", "way.yaml", "--release", "2.0.0"];
    let with = house.stele(&shop, &with);
    let several = house.stele(&shop, &["register", "Paid", "--release", "3.0.0"]);

    let codes = [&first, &without, &small, &with, &several].map(|run| run.code);
    assert_eq!(codes, [0, 1, 1, 0, 2], "{without:?} {small:?} {with:?} {several:?}");
    assert!(with.out.contains("release 2.0.0"), "{with:?}");
}

#[test]
fn nobody_there_is_unreachable() {
    let shop = Workshop::new();
    shop.write("Placed/1.json", V1);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = format!("http://{free}");

    let list = shop.stele(&["list", "--registry", &registry]);
    let check = ["check", "Placed", "--against", "registry", "--registry", &registry];
    let check = shop.stele(&check);
    let address = shop.stele(&["list", "--registry", "nowhere"]);

    assert_eq!((list.code, check.code, address.code), (4, 4, 2), "{list:?} {check:?} {address:?}");
    assert!(list.err.starts_with("error: cannot reach the registry at"), "{list:?}");
    assert!(list.err.contains("hint: start one with `stele dev`"), "{list:?}");
}

#[test]
fn it_stops_when_told_and_remembers() {
    let shop = Workshop::new();
    placed(&shop);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);

    let (code, took) = house.stop();
    let again = House::open(&shop);
    let list = again.stele(&shop, &["list"]);

    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(list.out.contains("Placed"), "{list:?}");
}

#[test]
fn the_translator_takes_up_what_is_registered() {
    let shop = Workshop::new();
    placed(&shop);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);

    let deadline = Instant::now() + Duration::from_secs(10);
    let answer = loop {
        let run = Command::new("curl")
            .args(["-s", "-i", "-X", "POST", &format!("{}/translate", house.translator)])
            .args(["-H", "ce-specversion: 1.0", "-H", "ce-id: 1", "-H", "ce-source: /me"])
            .args(["-H", "ce-type: Placed.v1", "-H", "content-type: application/json"])
            .args(["-d", r#"{"id":"7"}"#])
            .output()
            .unwrap();
        let answer = String::from_utf8(run.stdout).unwrap();
        if answer.contains("200 OK") || Instant::now() > deadline {
            break answer;
        }
        thread::sleep(Duration::from_millis(100));
    };

    assert!(answer.contains("200 OK"), "{answer}");
    assert!(answer.to_lowercase().contains("ce-type: placed.v2"), "{answer}");
}

#[test]
fn every_order_of_the_shop_comes_to_its_end() {
    let shop = Workshop::new();

    let run = shop.stele(&["dev", "--scenario", "retail"]);

    assert_eq!(run.code, 0, "{run:?}");
    for said in [
        "refused    OrderPlaced",
        "this event of version 3 cannot be read by the new schema",
        "v3 read as v1",
        "lifted to",
        "orders came to their proper end",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
}
