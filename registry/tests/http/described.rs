//! The description of the API is what the registry does.

use reqwest::Method;
use serde_json::Value;

use super::server::Server;

#[tokio::test]
async fn every_described_method_is_taken_and_no_other() {
    let server = Server::start().await;
    let document = server.get("/openapi.json").await.body;
    assert_eq!(document["openapi"], "3.1.0");

    for (path, described) in document["paths"].as_object().unwrap() {
        let filled = path.replace("{from}", "1").replace("{to}", "2").replace("{selector}", "1");
        let filled = filled.replace("{subject}", "S").replace("{webhook}", "w");
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let name = method.as_str().to_lowercase();
            let answer = server.send(method, &filled, "{}").await;
            let is_taken = answer.status != 405;

            assert_eq!(
                is_taken,
                described.get(&name).is_some(),
                "{name} {path}: {}",
                answer.status
            );
            if let Some(operation) = described.get(&name) {
                let known = operation["responses"].get(answer.status.to_string());
                assert!(known.is_some(), "{name} {path} answers {}", answer.status);
            }
        }
    }
}

#[tokio::test]
async fn the_page_for_people_loads_nothing_from_elsewhere() {
    let server = Server::start().await;

    let page = server.get("/docs").await;

    assert_eq!((page.status, page.media_type.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("/v1/subjects/{subject}/versions"));
    for foreign in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!page.text.contains(foreign), "{foreign}");
    }
    let described: Value = server.get("/openapi.json").await.body;
    for operation in described["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|at| at.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.text.contains(&format!("id=\"{id}\"")), "{id}");
    }
}
