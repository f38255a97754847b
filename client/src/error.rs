//! Why a request to the registry has no good answer: nobody answered, the registry said no, or it was not understood.

use std::{error::Error, fmt, io, path::PathBuf};

use reqwest::{StatusCode, Url};
use serde_json::Value;

/// Why a request to the registry failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is none.
    #[error("`{url}` is not the address of a registry: expected such as http://127.0.0.1:8081")]
    Address {
        /// What was given.
        url: String,
    },
    /// The HTTP client could not be set up.
    #[error("cannot set up an HTTP client")]
    Setup {
        /// Why not.
        #[source]
        cause: reqwest::Error,
    },
    /// The token cannot be read.
    #[error("cannot read the token at `{}`", file.display())]
    TokenFile {
        /// Where it should be.
        file: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// Nobody answered, or not in time.
    #[error("cannot reach the registry at {base}")]
    Unreachable {
        /// The registry's address.
        base: Url,
        /// What happened on the way.
        #[source]
        cause: reqwest::Error,
    },
    /// The registry said no.
    #[error(transparent)]
    Problem(Box<Problem>),
    /// Something answered, but not as a registry does.
    #[error("unexpected answer from {url} (status {status})")]
    Unexpected {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: StatusCode,
        /// What could not be read in it.
        #[source]
        cause: serde_json::Error,
    },
}

impl ClientError {
    /// The stable code, where the registry said no.
    pub fn code(&self) -> Option<&str> {
        match self {
            ClientError::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// Whether nobody answered.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, ClientError::Unreachable { .. })
    }

    /// What to do about it, where somebody knows.
    pub fn hint(&self) -> Option<&str> {
        match self {
            ClientError::Problem(problem) => problem.hint.as_deref(),
            ClientError::Unreachable { .. } => {
                Some("see that it runs and that the address is its own")
            }
            ClientError::Unexpected { .. } => {
                Some("see that the address is that of a Stele registry")
            }
            ClientError::TokenFile { .. } => Some("see what STELE_TOKEN_FILE names"),
            ClientError::Address { .. } | ClientError::Setup { .. } => None,
        }
    }

    /// The error and what caused it, in one line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error and its causes in one line, each said once.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !line.contains(&said) {
            line.push_str(": ");
            line.push_str(&said);
        }
        cause = error.source();
    }
    line
}

/// The registry's "no": RFC 9457, or the error body of the Confluent dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code, such as `incompatible` (in the dialect its number, such as `40901`).
    pub code: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// What happened here, in a sentence.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The whole answer, with its evidence.
    pub body: Value,
}

impl Problem {
    /// Reads the body of an answer that is no success; `None` if it is no problem.
    pub(crate) fn read(status: StatusCode, body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let code = text("code").or_else(|| body.get("error_code").map(ToString::to_string))?;
        let detail = text("detail").or_else(|| text("message"))?;
        Some(Problem {
            status: status.as_u16(),
            title: text("title").unwrap_or_else(|| detail.clone()),
            code,
            detail,
            hint: text("hint"),
            body: body.clone(),
        })
    }

    /// The answer with its evidence typed; `None` where it is from the dialect, or newer than this client.
    pub fn typed(&self) -> Option<stele_api::problem::Problem> {
        serde_json::from_value(self.body.clone()).ok()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for Problem {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_faces_say_no_in_their_own_words() {
        let native = json!({"code": "subject_not_found", "title": "there is no such subject",
            "status": 404, "detail": "there is no subject `a`", "hint": "register", "type": "urn:x"});
        let dialect = json!({"error_code": 40401, "message": "Subject 'a' not found."});

        let native = Problem::read(StatusCode::NOT_FOUND, &native).unwrap();
        let dialect = Problem::read(StatusCode::NOT_FOUND, &dialect).unwrap();

        assert_eq!(
            (&*native.code, native.hint.as_deref()),
            ("subject_not_found", Some("register"))
        );
        assert_eq!((&*dialect.code, &*dialect.detail), ("40401", "Subject 'a' not found."));
        assert_eq!(Problem::read(StatusCode::BAD_GATEWAY, &json!("nginx")), None);
    }
}
