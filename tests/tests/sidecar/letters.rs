//! Dead letters from the side of whoever keeps the house: the `stele` command lists, shows, redrives and drops them.

use serde_json::{Value, json};
use stele_tests::process::run;

use crate::house::{House, SUBJECT};

fn stele(house: &House, arguments: &[&str]) -> (String, i32) {
    let all = [&["dead-letters"], arguments, &["--translator", &house.url]].concat();
    let output = run("stele", house.folder(), &all);
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (said, output.status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_redriven_with_the_plan_of_then() {
    let house = House::open(1, "2", "subscriptions:\n  - { name: audit, mode: poll }\n").await;
    // A break without a lens: there is no way across.
    let level = json!({"compatibility": "NONE"});
    house.registry.put(&format!("/config/{SUBJECT}"), &level).await;
    let body = json!({"schema": {"type": "object", "required": ["orderId"],
        "properties": {"orderId": {"type": "string"}, "n": {"type": "integer"}}}});
    let path = format!("/v1/subjects/{SUBJECT}/versions");
    assert_eq!(house.registry.post(&path, &body).await.body["version"], 2);
    assert_eq!(house.post("/queue/audit", 1, "a", 7).await.unwrap().status, 202);
    let pull = async || {
        let question = json!({"wait_ms": 3000});
        house.ask("/subscriptions/audit/pull", &question).await.unwrap().body["events"].clone()
    };
    assert_eq!(pull().await, json!([]), "it could not be translated");

    let (listed, code) = stele(&house, &["list"]);
    assert_eq!(code, 0, "{listed}");
    assert!(listed.contains("audit") && listed.contains("no_path"), "{listed}");
    let (shown, code) = stele(&house, &["show", "1"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains(r#"{"id":"a","n":7}"#) && shown.contains("Order.v1"), "{shown}");
    let (shown, _) = stele(&house, &["show", "1", "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["fault"]["from"], &shown["fault"]["to"]), (&json!(1), &json!(2)));

    let mended = json!({"lens": 1, "subject": SUBJECT, "from": 1, "to": 2,
        "ops": [{"rename": {"from": "/id", "to": "/orderId"}}]});
    let path = format!("/v1/subjects/{SUBJECT}/lenses/1/2");
    let put = house.registry.put(&path, &mended).await;
    assert!(put.status < 300, "{put:?}");
    let (redriven, code) = stele(&house, &["redrive", "1"]);
    assert_eq!(code, 0, "{redriven}");
    assert_eq!(pull().await[0]["event"]["data"], json!({"orderId": "a", "n": 7}));

    let (empty, code) = stele(&house, &["list"]);
    assert_eq!((code, empty.contains("no dead letters")), (0, true), "{empty}");
    let (missing, code) = stele(&house, &["drop", "1"]);
    assert_eq!(code, 2, "{missing}");
    assert!(missing.contains("there is no dead letter 1"), "{missing}");
}
