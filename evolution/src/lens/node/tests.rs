//! What is not touched comes out byte for byte.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::raw::RawEvent;

/// The text after something was done to the event in it.
fn after(text: &str, change: impl FnOnce(&mut Node<'_>)) -> String {
    let event = RawEvent::of(text).unwrap();
    let mut node = Node::Read(event.root());
    change(&mut node);
    let (out, _) = node.write(text, event.depth());
    assert_eq!(RawEvent::of(&out).unwrap().to_value(), node.into_value(), "{out}");
    out
}

const SPACED: &str =
    "\n{ \"a\" : 1.10 ,\n  \"b\": {\"c\":[ 1,2 , {\"d\" :\"\\u00e9\"} ]  },\"e\":null\n}\r\n";

#[test]
fn opening_changes_no_byte() {
    let out = after(SPACED, |node| {
        let list = node.open_at(&["b".into(), "c".into()]).unwrap().open_list().unwrap();
        list[2].open().unwrap();
    });

    assert_eq!(out, SPACED);
}

#[test]
fn a_change_leaves_everything_around_it() {
    let changed = |change: fn(&mut Object<'_>)| after(SPACED, |node| change(node.open().unwrap()));

    assert_eq!(changed(|event| event.rename("a", "x")), SPACED.replacen("\"a\"", "\"x\"", 1));
    assert_eq!(
        changed(|event| *event.member_mut("a").unwrap() = json!("n\n").into()),
        SPACED.replacen("1.10", "\"n\\n\"", 1)
    );
    assert_eq!(
        changed(|event| drop(event.remove("a"))),
        "\n{\n  \"b\": {\"c\":[ 1,2 , {\"d\" :\"\\u00e9\"} ]  },\"e\":null\n}\r\n"
    );
    assert_eq!(changed(|event| drop(event.remove("b"))), "\n{ \"a\" : 1.10 ,\"e\":null\n}\r\n");
    assert_eq!(
        changed(|event| event.push("z", json!(3))),
        SPACED.replacen("null\n", "null,\"z\":3\n", 1)
    );
    assert_eq!(
        changed(|event| {
            for name in ["a", "b", "e"] {
                event.remove(name);
            }
        }),
        "\n{\n}\r\n"
    );
}

#[test]
fn a_name_and_back_is_the_text_that_came() {
    let out = after("{\"\\u0061\" :1}", |node| {
        let event = node.open().unwrap();
        event.rename("a", "b");
        event.rename("b", "a");
    });

    assert_eq!(out, "{\"\\u0061\" :1}");
}

#[test]
fn items_may_be_changed_added_and_removed() {
    let changed = |change: fn(&mut Vec<Node<'_>>)| {
        after("[ 1 ,2 , 3 ]", |node| change(node.open_list().unwrap()))
    };

    assert_eq!(
        changed(|items| items[1] = json!({"a": "\u{1}"}).into()),
        r#"[ 1 ,{"a":"\u0001"} , 3 ]"#
    );
    assert_eq!(changed(|items| drop(items.remove(0))), "[2,3]");
    assert_eq!(changed(|items| items.push(json!(4).into())), "[1,2,3,4]");
}

proptest! {
    /// Removing and renaming members of any written event gives what the same does to the parsed one.
    #[test]
    fn text_and_value_change_alike(
        members in proptest::collection::vec(("[a-h]", "[ \n]{0,2}", "[ \n]{0,2}", 0..99u32), 0..8),
        removed in "[a-h]{0,3}", renamed in proptest::option::of("[a-h]"), added in any::<bool>(),
    ) {
        let mut names = std::collections::BTreeSet::new();
        let spelled: Vec<String> = members
            .iter()
            .filter(|(name, ..)| names.insert(name.clone()))
            .map(|(name, before, after, value)| format!("{before}\"{name}\"{after}:{before}{value}{after}"))
            .collect();
        let text = format!("{{{}}}", spelled.join(","));

        let out = after(&text, |node| {
            let object = node.open().unwrap();
            for name in removed.chars() {
                object.remove(&name.to_string());
            }
            if let Some(name) = renamed {
                object.rename(&name, "x");
            }
            if added {
                object.push("y", json!(true));
            }
        });

        prop_assert!(RawEvent::of(&out).is_ok());
    }
}
