//! Where the keys are from that sign JSON Web Tokens: a file, or the address of an issuer; both are read again.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

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
    Url(Url),
}

impl KeySource {
    /// Reads a text: an address where it begins as one.
    pub fn read(text: &str) -> Self {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => KeySource::Url(url),
            _ => KeySource::File(text.into()),
        }
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
        url: Url,
        /// Why not.
        #[source]
        cause: reqwest::Error,
    },
    /// The address answers with something large.
    #[error("what {url} answers has more than {MOST} bytes")]
    TooLarge {
        /// The address.
        url: Url,
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
    async fn open(url: Url) -> Result<Self, KeysError> {
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

async fn fetch(client: &reqwest::Client, url: &Url) -> Result<Keys, KeysError> {
    let failed =
        |cause: reqwest::Error| KeysError::Get { url: url.clone(), cause: cause.without_url() };
    let response = client.get(url.clone()).send().await.map_err(failed)?;
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
