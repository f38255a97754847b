//! The client: one method a request, typed both ways.

use std::{env, fmt, fs, net::IpAddr, path::Path, sync::Arc, time::Duration};

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use stele_api::{
    change::Changes,
    check::{CheckAnswer, CheckRequest, SubjectCheckAnswer, SubjectCheckRequest},
    dialect::{Config, ConfigUpdate, SchemaById, SubjectVersion},
    diff::Diff,
    id::SchemaId,
    path::{dialect, native},
    plan::{LensResource, PlanResource},
    search::Found,
    selector::Selector,
    stream::{SubjectResource, SubjectSummary, SubjectUpdate},
    subject::Subject,
    text::JsonText,
    translate::Translated,
    version::{RegisterRequest, VersionResource, VersionSummary},
};
use stele_evolution::version::Version;

use crate::error::{ClientError, Problem};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(3);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// A registry, as its clients see it. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Token,
}

/// What says who asks.
#[derive(Clone)]
enum Token {
    None,
    Given(String),
    /// In a file that is read anew for every request, since whoever issues tokens replaces it.
    File(Arc<Path>),
}

impl Client {
    /// A client of the registry at `url`. The token in `STELE_TOKEN`, or in the file that `STELE_TOKEN_FILE` names, goes
    /// with every request.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let refused = || ClientError::Address { url: url.to_owned() };
        let base = Url::parse(url.trim_end_matches('/')).map_err(|_| refused())?;
        let host = base.host_str().ok_or_else(refused)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(refused());
        }
        let is_local = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let http = http(if is_local { Proxy::Never } else { Proxy::System })?;
        let said = |name: &str| env::var(name).ok().filter(|said| !said.is_empty());
        let token = match (said("STELE_TOKEN"), said("STELE_TOKEN_FILE")) {
            (Some(token), _) => Token::Given(token),
            (None, Some(file)) => Token::File(Path::new(&file).into()),
            (None, None) => Token::None,
        };
        Ok(Client { http, base, token })
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Token::Given(token.into());
        self
    }

    /// The same with the token in a file, which may be replaced while it runs.
    #[must_use]
    pub fn with_token_file(mut self, file: &Path) -> Self {
        self.token = Token::File(file.into());
        self
    }

    /// The registry's address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether the registry serves.
    pub async fn ready(&self) -> Result<(), ClientError> {
        self.get::<Value>(native::READY.route()).await.map(drop)
    }

    /// Compares two schemas, without any subject.
    pub async fn check(&self, request: &CheckRequest) -> Result<CheckAnswer, ClientError> {
        self.send(Method::POST, native::CHECK.route(), request).await
    }

    /// Compares a candidate with the versions of a subject that its level names.
    pub async fn check_subject(
        &self,
        subject: &Subject,
        request: &SubjectCheckRequest,
    ) -> Result<SubjectCheckAnswer, ClientError> {
        self.send(Method::POST, &native::subject_check(subject), request).await
    }

    /// Registers a version, together with its lens if there is one.
    pub async fn register(
        &self,
        subject: &Subject,
        request: &RegisterRequest,
    ) -> Result<VersionResource, ClientError> {
        self.send(Method::POST, &native::versions(subject), request).await
    }

    /// Every subject.
    pub async fn subjects(&self) -> Result<Vec<SubjectSummary>, ClientError> {
        self.get(native::SUBJECTS.route()).await
    }

    /// What is known of a subject, its versions included.
    pub async fn subject(&self, subject: &Subject) -> Result<SubjectResource, ClientError> {
        self.get(&native::subject(subject)).await
    }

    /// The subjects in which every word occurs.
    pub async fn search(&self, words: &str) -> Result<Found, ClientError> {
        self.get(&native::search(words)).await
    }

    /// Says what a subject is.
    pub async fn describe(
        &self,
        subject: &Subject,
        update: &SubjectUpdate,
    ) -> Result<SubjectResource, ClientError> {
        self.send(Method::PUT, &native::subject(subject), update).await
    }

    /// The versions of a subject, oldest first.
    pub async fn versions(&self, subject: &Subject) -> Result<Vec<VersionSummary>, ClientError> {
        self.get(&native::versions(subject)).await
    }

    /// One version of a subject.
    pub async fn version(
        &self,
        subject: &Subject,
        selector: &Selector,
    ) -> Result<VersionResource, ClientError> {
        self.get(&native::version(subject, selector)).await
    }

    /// The schema with an id.
    pub async fn schema_by_id(&self, id: SchemaId) -> Result<SchemaById, ClientError> {
        self.get(&dialect::schema(id)).await
    }

    /// The versions that are the schema with an id.
    pub async fn schema_versions(&self, id: SchemaId) -> Result<Vec<SubjectVersion>, ClientError> {
        self.get(&dialect::schema_versions(id)).await
    }

    /// What changed between two versions.
    pub async fn diff(
        &self,
        subject: &Subject,
        from: &Selector,
        to: &Selector,
    ) -> Result<Diff, ClientError> {
        self.get(&native::diff(subject, from, to)).await
    }

    /// The written lens of one edge.
    pub async fn lens(
        &self,
        subject: &Subject,
        from: Version,
        to: Version,
    ) -> Result<LensResource, ClientError> {
        self.get(&native::lens(subject, from, to)).await
    }

    /// Writes the lens of one edge; the registry checks it first.
    pub async fn put_lens(
        &self,
        subject: &Subject,
        from: Version,
        to: Version,
        lens: &Value,
    ) -> Result<LensResource, ClientError> {
        self.send(Method::PUT, &native::lens(subject, from, to), lens).await
    }

    /// The plan from one version to another.
    pub async fn plan(
        &self,
        subject: &Subject,
        from: &Selector,
        to: &Selector,
    ) -> Result<PlanResource, ClientError> {
        self.get(&native::plan(subject, from, to)).await
    }

    /// Carries one event across, in the registry.
    pub async fn translate(
        &self,
        subject: &Subject,
        from: &Selector,
        to: &Selector,
        event: &JsonText,
    ) -> Result<Translated, ClientError> {
        self.send(Method::POST, &native::translate(subject, from, to), event).await
    }

    /// What happened after a place in the order, waiting up to `wait` for something to happen.
    pub async fn changes(&self, after: u64, wait: Duration) -> Result<Changes, ClientError> {
        let path = native::changes(after, Some(wait.as_secs()).filter(|seconds| *seconds > 0));
        let request = self.request(Method::GET, &path)?.timeout(ANSWER + wait);
        self.answer(&path, request).await
    }

    /// The level and content model of a subject, or of the server.
    pub async fn config(&self, subject: Option<&Subject>) -> Result<Config, ClientError> {
        self.get(&config_path(subject)).await
    }

    /// Sets the level and content model of a subject, or of the server.
    pub async fn put_config(
        &self,
        subject: Option<&Subject>,
        update: &ConfigUpdate,
    ) -> Result<ConfigUpdate, ClientError> {
        self.send(Method::PUT, &config_path(subject), update).await
    }

    /// The whole log as lines of JSON, as it comes.
    pub async fn export(&self) -> Result<Response, ClientError> {
        self.download(native::EXPORT.route()).await
    }

    /// The file of the log, as it comes.
    pub async fn backup(&self) -> Result<Response, ClientError> {
        self.download(native::BACKUP.route()).await
    }

    /// Takes in what was exported, into a registry in which nothing has happened; answers with how many events it is.
    pub async fn import(&self, lines: Vec<u8>) -> Result<u64, ClientError> {
        let path = native::IMPORT.route();
        let request = self.request_without_end(Method::POST, path)?;
        let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(lines);
        let answer: Value = self.answer(path, request).await?;
        Ok(answer.get("events").and_then(Value::as_u64).unwrap_or_default())
    }

    async fn download(&self, path: &str) -> Result<Response, ClientError> {
        let request = self.request_without_end(Method::GET, path)?;
        let response = request.send().await.map_err(|cause| self.unreachable(cause))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(self.refused(path, status, response).await)
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.answer(path, self.request(Method::GET, path)?).await
    }

    async fn send<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, ClientError> {
        self.answer(path, self.request(method, path)?.json(body)).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let request = self.request_without_end(method, path)?;
        Ok(request.timeout(ANSWER).header(header::ACCEPT, "application/json"))
    }

    /// A request whose answer may go on for as long as it likes.
    pub(crate) fn request_without_end(
        &self,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder, ClientError> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|_| ClientError::Address { url })?;
        let mut request = self.http.request(method, url);
        if let Some(token) = self.token.read()? {
            request = request.bearer_auth(token);
        }
        Ok(request)
    }

    async fn answer<A: DeserializeOwned>(
        &self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<A, ClientError> {
        let response = request.send().await.map_err(|cause| self.unreachable(cause))?;
        let status = response.status();
        if !status.is_success() {
            return Err(self.refused(path, status, response).await);
        }
        let body = response.bytes().await.map_err(|cause| self.unreachable(cause))?;
        serde_json::from_slice(&body).map_err(|cause| ClientError::Unexpected {
            url: path.to_owned(),
            status,
            cause,
        })
    }

    /// The registry's "no", read from an answer that is no success.
    pub(crate) async fn refused(
        &self,
        path: &str,
        status: StatusCode,
        response: Response,
    ) -> ClientError {
        let unexpected = |cause| ClientError::Unexpected { url: path.to_owned(), status, cause };
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(cause) => return self.unreachable(cause),
        };
        match serde_json::from_slice::<Value>(&body) {
            Err(cause) => unexpected(cause),
            Ok(body) => match Problem::read(status, &body) {
                Some(problem) => ClientError::Problem(Box::new(problem)),
                None => unexpected(serde::de::Error::custom("the answer is no problem document")),
            },
        }
    }

    pub(crate) fn unreachable(&self, cause: reqwest::Error) -> ClientError {
        // The address is said once already.
        ClientError::Unreachable { base: self.base.clone(), cause: cause.without_url() }
    }
}

impl Token {
    /// The token of this moment.
    fn read(&self) -> Result<Option<String>, ClientError> {
        match self {
            Token::None => Ok(None),
            Token::Given(token) => Ok(Some(token.clone())),
            Token::File(file) => match fs::read_to_string(file) {
                Ok(token) => Ok(Some(token.trim().to_owned())),
                Err(cause) => Err(ClientError::TokenFile { file: file.to_path_buf(), cause }),
            },
        }
    }
}

/// Whether requests go by way of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// As the environment says.
    System,
    /// Never: the other side is on this machine.
    Never,
}

/// An HTTP client with Stele's defaults: a short time to connect, no redirects, TLS by rustls with ring.
pub fn http(proxy: Proxy) -> Result<reqwest::Client, ClientError> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("stele/", env!("CARGO_PKG_VERSION")));
    if proxy == Proxy::Never {
        http = http.no_proxy();
    }
    http.build().map_err(|cause| ClientError::Setup { cause })
}

fn config_path(subject: Option<&Subject>) -> String {
    match subject {
        Some(subject) => dialect::subject_config(subject),
        None => dialect::CONFIG.route().to_owned(),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the token.
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["", "registry", "ftp://registry", "http://"] {
            assert!(matches!(Client::new(url), Err(ClientError::Address { .. })), "{url}");
        }
    }

    #[test]
    fn an_address_may_have_a_path() {
        let client = Client::new("http://registry.example/stele/").unwrap();

        let request = client.request(Method::GET, "/v1/subjects/a%2Fb").unwrap().build().unwrap();

        assert_eq!(request.url().as_str(), "http://registry.example/stele/v1/subjects/a%2Fb");
    }

    #[test]
    fn a_token_in_a_file_is_read_anew_for_every_request() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        let client = Client::new("http://127.0.0.1:1").unwrap().with_token_file(&file);
        let sent = || {
            let request = client.request(Method::GET, "/").unwrap().build().unwrap();
            request.headers()["authorization"].to_str().unwrap().to_owned()
        };

        fs::write(&file, "one\n").unwrap();
        assert_eq!(sent(), "Bearer one");
        fs::write(&file, "two\n").unwrap();
        assert_eq!(sent(), "Bearer two");
        fs::remove_file(&file).unwrap();
        let missing = client.request(Method::GET, "/").unwrap_err();
        assert!(matches!(missing, ClientError::TokenFile { .. }));
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable_and_says_why() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let client = Client::new(&format!("http://{free}")).unwrap();

        let error = client.subjects().await.unwrap_err();

        assert!(error.is_unreachable());
        assert!(error.chain().contains("Connection refused"), "{}", error.chain());
    }
}
