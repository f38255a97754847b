//! Whom the sidecar is compared with, and whom both send to; each a process of its own.

use std::{process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::post,
};
use bytes::Bytes;
use reqwest::{Client, Url};
use tokio::{net::TcpListener, runtime::Runtime};

/// Takes everything.
pub fn sink() -> ExitCode {
    serve(Router::new().route("/", post(async |_: Bytes| StatusCode::NO_CONTENT)))
}

/// Sends everything on, and the answer back: what any sidecar does at least.
pub fn forward(to: Option<&str>) -> ExitCode {
    let Some(to) = to.and_then(|to| Url::parse(to).ok()) else { return ExitCode::FAILURE };
    let http = stele_client::http(stele_client::Proxy::Never).expect("a client");
    serve(Router::new().route("/", post(pass_on)).with_state(Arc::new((http, to))))
}

async fn pass_on(
    State(way): State<Arc<(Client, Url)>>,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let request = way.0.post(way.1.clone()).headers(headers).body(body);
    let answer = request.send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let response = Response::builder().status(answer.status());
    let body = answer.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    response.body(Body::from(body)).map_err(|_| StatusCode::BAD_GATEWAY)
}

fn serve(router: Router) -> ExitCode {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        println!("http://{address}");
        // Never ends by itself.
        let _ = axum::serve(listener, router).await;
    });
    ExitCode::SUCCESS
}
