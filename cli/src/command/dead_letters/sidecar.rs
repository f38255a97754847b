//! A translator, as the command line asks it.

use reqwest::{Method, Url};
use serde_json::Value;
use stele_client::{ClientError, Proxy};

use crate::{
    error::{Explain, Hint},
    exit::Exit,
};

/// A translator that serves somewhere.
pub struct Sidecar {
    http: reqwest::Client,
    base: Url,
}

/// Why a translator does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The address is none.
    #[error("`{0}` is not the address of a translator: expected such as http://127.0.0.1:8090")]
    Address(String),
    /// The HTTP client could not be set up.
    #[error(transparent)]
    Setup(#[from] ClientError),
    /// Nobody answered.
    #[error("cannot reach the translator at {base}")]
    Unreachable {
        /// The address.
        base: Url,
        /// Why not.
        #[source]
        cause: reqwest::Error,
    },
    /// It said no.
    #[error("{detail}")]
    Refused {
        /// What it said.
        detail: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something answered, but not as a translator does.
    #[error("unexpected answer from {0}")]
    Unexpected(Url),
}

impl Explain for SidecarError {
    fn exit(&self) -> Exit {
        match self {
            SidecarError::Unreachable { .. } => Exit::Unreachable,
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<Hint> {
        match self {
            SidecarError::Unreachable { .. } => {
                Some(Hint::new("see that it runs, and say its address by --translator"))
            }
            SidecarError::Refused { hint, .. } => hint.clone().map(Hint::new),
            _ => None,
        }
    }
}

impl Sidecar {
    /// The translator at an address.
    pub fn at(url: &str) -> Result<Sidecar, SidecarError> {
        let refused = || SidecarError::Address(url.to_owned());
        let base = Url::parse(url).map_err(|_| refused())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(refused());
        }
        Ok(Sidecar { http: stele_client::http(Proxy::Never)?, base })
    }

    /// Every dead letter, oldest first, without the events.
    pub async fn dead_letters(
        &self,
        subscription: Option<&str>,
    ) -> Result<Vec<Value>, SidecarError> {
        let (mut letters, mut after) = (Vec::new(), 0);
        loop {
            let mut url = self.url("dead-letters");
            url.query_pairs_mut().append_pair("after", &after.to_string());
            if let Some(subscription) = subscription {
                url.query_pairs_mut().append_pair("subscription", subscription);
            }
            let mut page = self.ask(Method::GET, url.clone()).await?;
            match page["dead_letters"].take() {
                Value::Array(some) => letters.extend(some),
                _ => return Err(SidecarError::Unexpected(url)),
            }
            match page["next"].as_u64() {
                Some(next) if next > after => after = next,
                _ => return Ok(letters),
            }
        }
    }

    /// One with its event.
    pub async fn dead_letter(&self, id: u64) -> Result<Value, SidecarError> {
        self.ask(Method::GET, self.url(&format!("dead-letters/{id}"))).await
    }

    /// Puts one back into its queue.
    pub async fn redrive(&self, id: u64) -> Result<(), SidecarError> {
        self.ask(Method::POST, self.url(&format!("dead-letters/{id}/redrive"))).await.map(drop)
    }

    /// Forgets one.
    pub async fn drop_letter(&self, id: u64) -> Result<(), SidecarError> {
        self.ask(Method::DELETE, self.url(&format!("dead-letters/{id}"))).await.map(drop)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }

    async fn ask(&self, method: Method, url: Url) -> Result<Value, SidecarError> {
        let unreachable = |cause: reqwest::Error| SidecarError::Unreachable {
            base: self.base.clone(),
            cause: cause.without_url(),
        };
        let answer = self.http.request(method, url.clone()).send().await.map_err(unreachable)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(unreachable)?;
        if status.is_success() && body.is_empty() {
            return Ok(Value::Null);
        }
        let body: Value =
            serde_json::from_slice(&body).map_err(|_| SidecarError::Unexpected(url.clone()))?;
        if status.is_success() {
            return Ok(body);
        }
        let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
        let detail = text("detail").or_else(|| text("code"));
        let detail = detail.ok_or(SidecarError::Unexpected(url))?;
        Err(SidecarError::Refused { detail, hint: text("hint") })
    }
}
