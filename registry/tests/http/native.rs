//! Stele's own API: subjects, versions, releases, the feed.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::server::Server;

#[tokio::test]
async fn a_version_is_registered_once_with_its_kind_and_release() {
    let server = Server::start().await;
    let text = r#"{"schema":{"type":"object","b":1,"a":2},"kind":"command","release":"0.3.0"}"#;

    let first = server.send(Method::POST, "/v1/subjects/PlaceOrder/versions", text).await;
    let again = server.send(Method::POST, "/v1/subjects/PlaceOrder/versions", text).await;

    assert_eq!((first.status, again.status), (201, 200), "{first:?}");
    assert_eq!(first.body["release"], "0.3.0");
    assert_eq!(first.body["globalId"], 1);
    assert!(first.text.ends_with(r#""schema":{"type":"object","b":1,"a":2}}"#), "{}", first.text);
    assert_eq!(first.body, again.body);
    let subject = server.get("/v1/subjects/PlaceOrder").await.body;
    assert_eq!(subject["kind"], "command");
    assert_eq!(
        subject["policy"],
        json!({"compatibility": "BACKWARD_TRANSITIVE", "contentModel": "event"})
    );
    for selector in ["1", "latest", "0.3.0", "%5E0.3"] {
        let one = server.get(&format!("/v1/subjects/PlaceOrder/versions/{selector}")).await;
        assert_eq!(one.body, first.body, "{selector}");
    }
    let missing = server.get("/v1/subjects/PlaceOrder/versions/%5E2").await;
    assert_eq!(missing.body["code"], "version_not_found");
    assert_eq!(
        server.get("/v1/subjects/PlaceOrder/versions/1.2").await.body["code"],
        "version_invalid"
    );
}

#[tokio::test]
async fn a_subject_is_described_before_and_after_it_has_versions() {
    let server = Server::start().await;

    let put = server.put("/v1/subjects/Cart", &json!({"kind": "state", "owner": "ada"})).await;
    server.register("Cart", &json!({"type": "object"})).await;
    let update = json!({"description": "what lies in it", "owner": null});
    let later = server.put("/v1/subjects/Cart", &update).await.body;

    assert_eq!((put.status, &put.body["versions"]), (200, &json!([])));
    assert_eq!(later["kind"], "state");
    assert_eq!(later["description"], "what lies in it");
    assert_eq!(later.get("owner"), None);
    let list = server.get("/v1/subjects").await.body;
    assert_eq!((&list[0]["subject"], &list[0]["latest"]["version"]), (&json!("Cart"), &json!(1)));
}

#[tokio::test]
async fn everything_about_a_subject_is_said_in_one_request_or_not_at_all() {
    let server = Server::start().await;
    server.register("Cart", &json!({"type": "object"})).await;
    let update = json!({
        "kind": "state", "owner": "ada", "tags": ["shop", "basket", "shop"],
        "policy": {"compatibility": "BACKWARD", "contentModel": "strict"},
        "sunset": {"1": "2030-01-31"},
    });

    let put = server.put("/v1/subjects/Cart", &update).await;

    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(put.body["tags"], json!(["basket", "shop"]));
    assert_eq!(put.body["policy"], update["policy"]);
    assert_eq!(put.body["versions"][0]["sunset"], "2030-01-31");
    let version = server.client().get(server.url("/v1/subjects/Cart/versions/1"));
    let version = version.send().await.unwrap();
    assert_eq!(version.headers()["sunset"], "Thu, 31 Jan 2030 23:59:59 GMT");
    let before = server.get("/v1/changes").await.body["next"].clone();
    for (bad, code) in [
        (json!({"owner": "eve", "sunset": {"7": "2030-01-31"}}), "version_not_found"),
        (json!({"owner": "eve", "tags": ["x".repeat(65)]}), "field_invalid"),
        (json!({"owner": "  "}), "field_invalid"),
        (json!({"sunset": {"1": "soon"}}), "body_invalid"),
        (json!({"ovner": "eve"}), "body_invalid"),
    ] {
        let refused = server.put("/v1/subjects/Cart", &bad).await;
        assert_eq!(refused.body["code"], code, "{bad}");
    }
    assert_eq!(server.get("/v1/changes").await.body["next"], before, "nothing was recorded");
    let cleared = json!({"tags": null, "sunset": {"1": null}, "policy": {"compatibility": null}});
    let cleared = server.put("/v1/subjects/Cart", &cleared).await.body;
    assert_eq!((cleared.get("tags"), cleared["versions"][0].get("sunset")), (None, None));
    assert_eq!(cleared["policy"]["compatibility"], "BACKWARD_TRANSITIVE");
}

#[tokio::test]
async fn subjects_are_found_by_name_tag_description_and_property() {
    let server = Server::start().await;
    let order = json!({"properties": {"total": {"properties": {"Currency": {"type": "string"}}}}});
    server.register(":.shop:OrderPlaced", &order).await;
    server.register("Order", &json!({"type": "object"})).await;
    let about = json!({"tags": ["money"], "description": "Money that came in for an order"});
    server.put("/v1/subjects/Payment", &about).await;
    let search = async |words: &str| {
        let body = server.get(&format!("/v1/search?q={words}")).await.body;
        let hits = body["hits"].as_array().unwrap().iter();
        hits.map(|hit| hit["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(search("order").await, ["Order", ":.shop:OrderPlaced", "Payment"]);
    assert_eq!(search("order%20money").await, ["Payment"]);
    assert_eq!(search("CURRENCY").await, [":.shop:OrderPlaced"]);
    assert_eq!(search("nothing").await, Vec::<String>::new());
    let one = server.get("/v1/search?q=o&limit=1&offset=1").await.body;
    assert_eq!((one["total"].clone(), one["hits"].as_array().unwrap().len()), (json!(3), 1));
    let property = server.get("/v1/search?q=currency").await.body["hits"][0]["matches"].clone();
    assert_eq!(property, json!([{"in": "property", "text": "Currency"}]));
    for bad in ["/v1/search", "/v1/search?q=%20", "/v1/search?q=a&limit=x"] {
        assert_eq!(server.get(bad).await.body["code"], "query_invalid", "{bad}");
    }
    let listed = async |query: &str| {
        let body = server.get(&format!("/v1/subjects?{query}")).await.body;
        body.as_array().unwrap().iter().map(|one| one["subject"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("context=.shop").await, [json!(":.shop:OrderPlaced")]);
    assert_eq!(listed("tag=money").await, [json!("Payment")]);
    assert_eq!(listed("prefix=Ord&kind=event").await, [json!("Order")]);
    assert_eq!(server.get("/v1/subjects?kind=x").await.body["code"], "query_invalid");
}

#[tokio::test]
async fn the_feed_tells_what_happened_in_order_and_waits_for_more() {
    let server = Server::start().await;
    server.put("/config/a", &json!({"compatibility": "NONE"})).await;
    server.register("a", &json!({"type": "string"})).await;

    let all = server.get("/v1/changes").await.body;
    let rest = server.get("/v1/changes?after=1&limit=1").await.body;
    let start = Instant::now();
    let (waited, _) = tokio::join!(server.get("/v1/changes?after=2&wait=20"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.register("a", &json!({"type": "integer"})).await
    });

    assert_eq!(all["next"], 2);
    assert_eq!(all["changes"][0]["type"], "config_set");
    assert_eq!(rest["changes"][0]["type"], "schema_registered");
    assert_eq!(rest["changes"][0]["subject"], "a");
    assert_eq!(rest["changes"][0]["data"]["schema"], json!({"type": "string"}));
    assert_eq!(waited.body["changes"][0]["data"]["version"], 2);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(server.get("/v1/changes?after=3").await.body, json!({"changes": [], "next": 3}));
    assert_eq!(server.get("/v1/changes?after=x").await.body["code"], "query_invalid");
}

#[tokio::test]
async fn a_waiting_reader_does_not_hold_up_the_end() {
    let server = Server::start().await;
    let url = server.url("/v1/changes?after=0&wait=60");
    let waiting = tokio::spawn(server.client().get(url).send());
    tokio::time::sleep(Duration::from_millis(100)).await;

    let start = Instant::now();
    server.stop().await;

    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn probes_answer() {
    let server = Server::start().await;

    assert_eq!(server.get("/livez").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_request_is_named_in_its_answer() {
    let server = Server::start().await;

    let request = server.client().get(server.url("/livez")).header("x-request-id", "mine-7");
    let named = request.send().await.unwrap();
    let unnamed = server.client().get(server.url("/livez")).send().await.unwrap();

    assert_eq!(named.headers()["x-request-id"], "mine-7");
    assert!(unnamed.headers()["x-request-id"].to_str().unwrap().contains('-'));
}

#[tokio::test]
async fn the_feed_goes_on_as_a_stream_from_the_last_event_seen() {
    let server = Server::start().await;
    for kind in ["state", "command"] {
        server.put("/v1/subjects/a", &json!({"kind": kind})).await;
    }

    let request = server.client().get(server.url("/v1/changes?after=0"));
    let request = request.header("accept", "text/event-stream").header("last-event-id", "1");
    let mut response = request.send().await.unwrap();
    let media_type = response.headers()["content-type"].clone();
    let mut text = String::new();
    while !text.contains("command") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    server.put("/v1/subjects/b", &json!({"kind": "state"})).await;
    while !text.contains("\"b\"") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }

    assert_eq!(media_type, "text/event-stream");
    let ids: Vec<&str> = text.lines().filter(|line| line.starts_with("id")).collect();
    assert_eq!(ids, ["id: 2", "id: 3"]);
    let bad = server.client().get(server.url("/v1/changes")).header("last-event-id", "x");
    let bad = bad.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(bad.status(), 400);
    // A stream does not hold up the end, and the end of the registry is the end of the stream.
    server.stop().await;
    assert_eq!(response.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn a_place_that_the_feed_has_not_reached_is_refused() {
    let server = Server::start().await;

    let page = server.get("/v1/changes?after=1&wait=5").await;

    assert_eq!((page.status, &page.body["code"]), (409, &json!("position_unknown")));
}
