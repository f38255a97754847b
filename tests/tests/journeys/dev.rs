//! The main job: `stele dev`, alone and with the shop.

use std::time::Duration;

use serde_json::json;
use stele_tests::{
    process::{self, Process},
    registry::{answer, client},
};

#[test]
fn the_shop_brings_every_order_to_its_proper_end() {
    let elsewhere = tempfile::tempdir().unwrap();

    let run = process::run("stele", elsewhere.path(), &["dev", "--scenario", "retail"]);

    let said = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(0), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    let words: Vec<&str> = said.lines().last().unwrap().split(' ').collect();
    let ["all", number, "orders", "came", "to", "their", "proper", "end"] = words[..] else {
        panic!("the last line is `{}`", words.join(" "))
    };
    assert!(number.parse::<u32>().unwrap() >= 10, "{number} orders are too few to show anything");
    for outcome in ["Shipped", "Rejected", "PaymentFailed"] {
        assert!(said.contains(outcome), "no order ends as {outcome}:\n{said}");
    }
    assert!(said.contains("OrderPlaced") && said.contains("v3 read as v1"), "{said}");
    // In the middle of the day a version is registered, and its lens is taken up while orders flow.
    let (morning, afternoon) = said.split_once("At noon shipping moves on").unwrap();
    let moved = |line: &str| line.contains("ShipmentCreated") && line.contains("v2 read as v1");
    assert!(!morning.lines().any(moved) && afternoon.lines().any(moved), "{said}");
    assert!(!said.contains("undelivered"), "{said}");
}

#[tokio::test]
async fn alone_it_prints_both_addresses_and_serves_until_it_is_stopped() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Process::start(
        "stele",
        &[
            "dev".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--translator-listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--data".as_ref(),
            data.path().as_os_str(),
        ],
    );

    let (registry, translator) = (dev.url(), dev.url());
    let client = client();
    let schema = json!({"schemaType": "JSON", "schema": r#"{"type":"object"}"#});
    let request = client.post(format!("{registry}/subjects/Placed/versions")).json(&schema);
    let registered = answer(request).await.unwrap();
    let live = answer(client.get(format!("{translator}/livez"))).await.unwrap();
    // At once: a subject that is new here is looked for before its event is refused.
    let event = client.post(format!("{translator}/translate")).json(&json!({}));
    let event = event.header("ce-specversion", "1.0").header("ce-id", "1");
    let event = event.header("ce-source", "/me").header("ce-type", "Placed.v1");
    let translated = answer(event).await.unwrap();

    assert_eq!((registered.status, &registered.body["version"]), (200, &json!(1)));
    assert_eq!(live.status, 200, "{live:?}");
    assert_eq!((translated.status, &translated.body), (200, &json!({})), "{translated:?}");
    let ended = dev.terminate();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.after < Duration::from_secs(5), "{ended:?}");
    assert!(data.path().join("stele.db").is_file(), "what was registered is kept");
}
