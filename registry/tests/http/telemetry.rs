//! What is measured, as a scraper sees it.

use serde_json::json;

use super::server::Server;

#[tokio::test]
async fn what_happened_is_measured_by_route_stage_and_verdict() {
    let server = Server::start().await;
    server.register("a", &json!({"type": "string"})).await;
    let breaking = json!({"schema": {"type": "integer"}});
    server.post("/v1/subjects/a/check", &breaking).await;
    server.get("/v1/subjects/nothing").await;
    server.get("/nothing/here?secret=x").await;
    let request = server.client().get(server.url("/v1/changes"));
    let mut stream = request.header("accept", "text/event-stream").send().await.unwrap();
    stream.chunk().await.unwrap();

    let answer = server.get("/metrics").await;

    assert!(answer.media_type.starts_with("application/openmetrics-text"), "{answer:?}");
    for line in [
        r#"stele_requests_total{method="POST",route="/subjects/{subject}/versions",status="200"} 1"#,
        r#"stele_requests_total{method="GET",route="/v1/subjects/{subject}",status="404"} 1"#,
        r#"stele_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"stele_check_duration_seconds_count{stage="judge",verdict="compatible",proof="none"} 1"#,
        r#"stele_check_duration_seconds_count{stage="record",verdict="compatible",proof="none"} 1"#,
        r#"stele_check_duration_seconds_count{stage="judge",verdict="breaking",proof="witness"} 1"#,
        "stele_log_append_duration_seconds_count 1",
        "stele_log_events_total 1",
        "stele_subjects 1",
        "stele_versions 1",
        "stele_feed_listeners 1",
    ] {
        assert!(answer.text.lines().any(|told| told == line), "{line} in {}", answer.text);
    }
    assert!(!answer.text.contains("secret") && !answer.text.contains("nothing"), "no values");
}
