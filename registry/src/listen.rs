//! Listening: connections are taken as long as there is room, with or without TLS, and each has a time to say what it
//! wants.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hyper::server::conn::{http1, http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time,
};
use tokio_rustls::TlsAcceptor;

use crate::{http::Front, watched::Watched};

/// The most connections at a time; one more waits outside.
const CONNECTIONS: usize = 8192;

/// How long the head of a request may take to come, also on a connection that is kept.
const HEAD: Duration = Duration::from_mins(1);

/// The longest head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How often a connection in HTTP/2 is asked whether it still lives.
const PING: Duration = Duration::from_secs(30);

/// How often the certificate is looked at.
const LOOK: Duration = Duration::from_secs(30);

/// The certificate and its key, read again when they change.
pub type Tls = Watched<ServerConfig>;

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or holds something else.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: rustls_pki_types::pem::Error,
    },
    /// A certificate and a key that do not belong together, or cannot be used.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[from] rustls::Error),
}

/// Reads a chain of certificates and the key of the first, both PEM.
pub fn tls(certificate: PathBuf, key: PathBuf) -> Result<Tls, TlsError> {
    Watched::open(certificate, LOOK, move |certificate| server_config(certificate, &key))
}

fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |cause| TlsError::Read { path, cause }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unread(certificate))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Serves until it is told to stop, and then until every connection has had its answer.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    front: Front,
    mut stopping: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            // Never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            // An error means that nobody is left to say so, which says it as well.
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = Connection {
                    tls: tls.as_ref().map(|tls| TlsAcceptor::from(tls.current())),
                    front: front.clone(),
                    watcher: graceful.watcher(),
                };
                connections.spawn(async move {
                    let _place = place;
                    connection.serve(stream).await;
                });
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection is not had");
                // Such as too many open files: others must end first.
                time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    graceful.shutdown().await;
}

struct Connection {
    tls: Option<TlsAcceptor>,
    front: Front,
    watcher: Watcher,
}

/// What bytes go through.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Wire for T {}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // Answers are small and wait for nothing to be sent with.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "a connection delays");
        }
        let Some(acceptor) = self.tls else {
            return first(stream, self.front, self.watcher).await;
        };
        match time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                second(stream, self.front, self.watcher).await;
            }
            Ok(Ok(stream)) => first(stream, self.front, self.watcher).await,
            Ok(Err(error)) => broken(&error),
            Err(_) => tracing::debug!("a handshake takes too long"),
        }
    }
}

/// A connection in HTTP/1.1.
async fn first(stream: impl Wire, front: Front, watcher: Watcher) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), front);
    if let Err(error) = watcher.watch(connection).await {
        broken(&error);
    }
}

/// A connection in HTTP/2.
async fn second(stream: impl Wire, front: Front, watcher: Watcher) {
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(64 * 1024)
        .max_concurrent_streams(256)
        .keep_alive_interval(PING)
        .serve_connection(TokioIo::new(stream), front);
    if let Err(error) = watcher.watch(connection).await {
        broken(&error);
    }
}

/// Whoever went away, spoke something else or too slowly: nothing to be done here.
fn broken(error: &(dyn std::error::Error + 'static)) {
    tracing::debug!(error, "a connection has ended early");
}
