//! How each face says no. A problem is one value; the face gives it its shape.

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use stele_api::{
    confluent::ErrorBody,
    dialect,
    problem::{self, Body, Code, Problem},
};

use super::{limits::Unreadable, reply};

/// A problem, said in the Confluent dialect.
pub struct DialectError(Problem);

/// A problem, said as RFC 9457 has it.
pub struct NativeError(Problem);

impl<E: Into<Problem>> From<E> for DialectError {
    fn from(error: E) -> Self {
        DialectError(error.into())
    }
}

impl<E: Into<Problem>> From<E> for NativeError {
    fn from(error: E) -> Self {
        NativeError(error.into())
    }
}

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        error.0
    }
}

impl IntoResponse for DialectError {
    fn into_response(self) -> Response {
        let problem = Body::from(self.0);
        let code = problem.code.confluent();
        let mut message = problem.detail;
        // There is no other place for evidence in this dialect.
        let mut details: Vec<String> = problem
            .refusals
            .iter()
            .filter_map(|refused| serde_json::to_string(refused).ok())
            .collect();
        if let Some(witness) = &problem.witness {
            details.extend(
                serde_json::to_string(witness).ok().map(|w| format!("{{\"witness\":{w}}}")),
            );
        }
        if !problem.differences.is_empty() {
            let differences = serde_json::to_string(&problem.differences).ok();
            details.extend(differences.map(|all| format!("{{\"differences\":{all}}}")));
        }
        if let Some(rejection) = &problem.rejection {
            details.push(rejection.to_string());
        }
        if !details.is_empty() {
            message = format!("{message}, details: [{}]", details.join(", "));
        }
        if let Some(hint) = &problem.hint {
            message = format!("{message} (hint: {hint})");
        }
        let body = ErrorBody { error_code: code.number(), message };
        reply::json(status(code.status()), dialect::MEDIA_TYPE, &body)
    }
}

impl IntoResponse for NativeError {
    fn into_response(self) -> Response {
        reply::json(status(self.0.status), problem::MEDIA_TYPE, &self.0)
    }
}

fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Gives a problem the shape of the face that a path belongs to.
pub fn shaped(path: &str, problem: Problem) -> Response {
    if path == "/v1" || path.starts_with("/v1/") {
        NativeError(problem).into_response()
    } else {
        DialectError(problem).into_response()
    }
}

/// Whatever refuses a request before a handler sees it (the router, an extractor, a panic) says so in its own words;
/// here they are put into those of the face.
pub fn reshaped(method: &Method, path: &str, response: Response) -> Response {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || response.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let problem = match response.status() {
        StatusCode::NOT_FOUND if path.contains("/subjects//") => {
            Problem::new(Code::SubjectInvalid, "a subject is empty")
        }
        StatusCode::NOT_FOUND => {
            Problem::new(Code::NotFound, format!("there is nothing at `{path}`"))
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(Code::MethodNotAllowed, format!("`{path}` does not take {method}"))
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Code::BodyTooLarge, "the body is larger than what is taken")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Code::MediaTypeUnsupported, "the media type of the body is not taken")
        }
        status if status.is_client_error() => {
            Problem::new(Code::PathInvalid, format!("`{path}` cannot be read"))
        }
        status => {
            tracing::error!(%path, %method, %status, "a request has failed inside");
            Problem::new(Code::Internal, "something went wrong inside")
        }
    };
    let mut shaped = shaped(path, problem);
    if let Some(allow) = allow {
        shaped.headers_mut().insert(header::ALLOW, allow);
    }
    shaped
}

fn is_json(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| text.contains("json"))
}
