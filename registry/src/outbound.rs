//! Requests that the registry makes: to an issuer of tokens, and to webhooks. No redirects, and a time to answer.

use std::time::Duration;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(3);

/// A client whose answers come within a time.
pub fn client(patience: Duration) -> Result<reqwest::Client, reqwest::Error> {
    builder(patience).build()
}

/// The same, still to be finished.
pub fn builder(patience: Duration) -> reqwest::ClientBuilder {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("stele-registry/", env!("CARGO_PKG_VERSION")))
}
