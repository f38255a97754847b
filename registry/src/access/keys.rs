//! Where the keys are from that sign JSON Web Tokens: a file, or the address of an issuer; both are read again.

use std::{fmt, fs, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use reqwest::Url;
use tokio::{sync::Notify, task::JoinHandle, time};

use super::{
    LOOK,
    jwk::{KeyError, Keys, Secrets},
};
use crate::{outbound, watched::Watched};

/// How often an issuer is asked for its keys.
const REFRESH: Duration = Duration::from_mins(5);

/// The least time between two requests to an issuer, whoever shows tokens of unknown keys.
const BETWEEN: Duration = Duration::from_secs(30);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest set taken.
const MOST: usize = 1024 * 1024;

/// A file or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// An address.
    Url(Address),
}

/// The address of an issuer. It may hold a name and a password, which are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// An address from which keys would come in the clear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not https:, and not on this machine")]
pub struct InTheClear(Address);

/// Where keys may come from in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// From this machine.
    Here,
    /// From anywhere.
    Anywhere,
}

impl KeySource {
    /// Reads a text: an address where it begins as one.
    pub fn read(text: &str, clear: Clear) -> Result<Self, InTheClear> {
        match Url::parse(text).map(Address) {
            Ok(address) if address.0.scheme() == "https" => Ok(KeySource::Url(address)),
            Ok(address) if address.0.scheme() == "http" => {
                if clear == Clear::Anywhere || address.is_here() {
                    Ok(KeySource::Url(address))
                } else {
                    Err(InTheClear(address))
                }
            }
            _ => Ok(KeySource::File(text.into())),
        }
    }
}

impl Address {
    /// Whether it is on this machine.
    fn is_here(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("cannot read the keys in `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The address does not answer.
    #[error("cannot get the keys from {url}")]
    Get {
        /// The address.
        url: Address,
        /// Why not.
        #[source]
        cause: reqwest::Error,
    },
    /// The address answers with something large.
    #[error("what {url} answers has more than {MOST} bytes")]
    TooLarge {
        /// The address.
        url: Address,
    },
    /// They are none.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Keys that are kept current.
pub enum Jwks {
    /// Those of a file.
    File(Watched<Keys>),
    /// Those of an issuer.
    Url(Fetched),
}

/// The keys of an issuer.
pub struct Fetched {
    current: Arc<ArcSwap<Keys>>,
    missed: Arc<Notify>,
    asking: JoinHandle<()>,
}

impl Drop for Fetched {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

impl Jwks {
    /// Opens a source. An issuer that does not answer is asked again; until it does, none of its tokens is taken.
    pub async fn open(source: KeySource) -> Result<Self, KeysError> {
        match source {
            KeySource::File(path) => {
                let watched = Watched::open(path, LOOK, |path| {
                    let text = fs::read_to_string(path)
                        .map_err(|cause| KeysError::Read { path: path.to_owned(), cause })?;
                    Ok::<_, KeysError>(Keys::parse(&text, Secrets::Taken)?)
                });
                Ok(Jwks::File(watched?))
            }
            KeySource::Url(url) => Ok(Jwks::Url(Fetched::open(url).await?)),
        }
    }

    /// The keys.
    pub fn current(&self) -> Arc<Keys> {
        match self {
            Jwks::File(watched) => watched.current(),
            Jwks::Url(fetched) => fetched.current.load_full(),
        }
    }

    /// A token names a key that is not known: the issuer may have a new one.
    pub fn missed(&self) {
        if let Jwks::Url(fetched) = self {
            fetched.missed.notify_one();
        }
    }
}

impl Fetched {
    async fn open(url: Address) -> Result<Self, KeysError> {
        let client = outbound::client(PATIENCE)
            .map_err(|cause| KeysError::Get { url: url.clone(), cause })?;
        let current = Arc::new(ArcSwap::from_pointee(Keys::default()));
        match fetch(&client, &url).await {
            Ok(keys) => current.store(Arc::new(keys)),
            Err(error) => complain(&error),
        }
        let missed = Arc::new(Notify::new());
        let (published, asked) = (Arc::clone(&current), Arc::clone(&missed));
        let asking = tokio::spawn(async move {
            loop {
                time::sleep(BETWEEN).await;
                // Running out of time is the usual reason to ask again.
                let _ = time::timeout(REFRESH, asked.notified()).await;
                match fetch(&client, &url).await {
                    Ok(keys) => published.store(Arc::new(keys)),
                    Err(error) => complain(&error),
                }
            }
        });
        Ok(Fetched { current, missed, asking })
    }
}

async fn fetch(client: &reqwest::Client, url: &Address) -> Result<Keys, KeysError> {
    let failed =
        |cause: reqwest::Error| KeysError::Get { url: url.clone(), cause: cause.without_url() };
    let response = client.get(url.0.clone()).send().await.map_err(failed)?;
    let mut response = response.error_for_status().map_err(failed)?;
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&piece);
        if body.len() > MOST {
            return Err(KeysError::TooLarge { url: url.clone() });
        }
    }
    Ok(Keys::parse(&String::from_utf8_lossy(&body), Secrets::LeftOut)?)
}

fn complain(error: &KeysError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the issuer's keys cannot be had; those known hold"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_clear_only_from_this_machine_or_where_that_is_allowed() {
        for (text, clear, taken) in [
            ("https://issuer.example/keys", Clear::Here, true),
            ("http://issuer.example/keys", Clear::Here, false),
            ("http://issuer.example/keys", Clear::Anywhere, true),
            ("http://127.0.0.1:9/keys", Clear::Here, true),
            ("http://[::1]/keys", Clear::Here, true),
            ("http://localhost/keys", Clear::Here, true),
            ("http://127.0.0.1.issuer.example/keys", Clear::Here, false),
            ("keys.json", Clear::Here, true),
        ] {
            assert_eq!(KeySource::read(text, clear).is_ok(), taken, "{text} {clear:?}");
        }
    }

    #[tokio::test]
    async fn what_is_secret_in_an_address_is_shown_nowhere() {
        let text = "http://ada:hunter2@127.0.0.1:1/keys?token=hunter3";
        let KeySource::Url(address) = KeySource::read(text, Clear::Here).unwrap() else { panic!() };
        let client = outbound::client(PATIENCE).unwrap();

        let refused = fetch(&client, &address).await.unwrap_err();
        let elsewhere =
            KeySource::read("http://ada:hunter2@issuer.example/?t=hunter3", Clear::Here);

        let mut told = format!("{refused} {refused:?} {address:?} {elsewhere:?}");
        let mut cause = std::error::Error::source(&refused);
        while let Some(next) = cause {
            told = format!("{told} {next} {next:?}");
            cause = next.source();
        }
        assert!(told.contains("http://127.0.0.1:1/keys"), "{told}");
        assert!(!told.contains("hunter") && !told.contains("ada"), "{told}");
    }
}
