//! The sidecar as a server: opened, ready, and stopped within a deadline.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use stele_client::{Client, ClientError, cache::Cache};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    config::Config,
    inline::Sidecar,
    plans::{Plans, Source},
};

/// How long events in flight may take to end once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(4);

/// Who may reach the sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Only this machine: an address of any other network is refused.
    Loopback,
    /// Whoever can reach the address; it has no authentication of its own.
    Anywhere,
}

/// Everything a sidecar needs to start.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may reach it.
    pub exposure: Exposure,
    /// The registry.
    pub registry: Client,
    /// Where schemas are kept between runs, if anywhere.
    pub cache: Option<PathBuf>,
    /// What it does.
    pub config: Config,
}

/// Why a sidecar does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can be reached from other machines.
    #[error("{0} can be reached from other machines, and the sidecar asks nobody who they are")]
    Exposed(SocketAddr),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// The cache cannot be used.
    #[error("cannot use the cache at `{}`", directory.display())]
    Cache {
        /// The directory.
        directory: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// The HTTP client to the consumers cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl ServeError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ServeError::Exposed(_) => Some(
                "listen on 127.0.0.1, or say --insecure where the network is guarded otherwise",
            ),
            ServeError::Listen { .. } => Some("see whether another process listens there"),
            ServeError::Cache { .. } | ServeError::Client(_) => None,
        }
    }
}

/// A sidecar that serves. Dropping it stops it without draining.
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// Starts a sidecar. It serves once this returns, whether or not the registry could be asked already; until then its
/// `/readyz` says what is missing.
pub async fn serve(serve: ServeConfig) -> Result<Running, ServeError> {
    let ServeConfig { listen, exposure, registry, cache, config } = serve;
    if exposure == Exposure::Loopback && !listen.ip().is_loopback() {
        return Err(ServeError::Exposed(listen));
    }
    let cache = match cache {
        None => Cache::none(),
        Some(directory) => {
            Cache::at(&directory).map_err(|cause| ServeError::Cache { directory, cause })?
        }
    };
    let not_listening = |cause| ServeError::Listen { address: listen, cause };
    let listener = TcpListener::bind(listen).await.map_err(not_listening)?;
    let address = listener.local_addr().map_err(not_listening)?;

    let plans = Plans::new(config.routes, Source::new(registry, cache));
    if let Err(error) = plans.load().await {
        tracing::warn!(error = stele_client::chain(&error), "not every subject could be loaded");
    }
    let http = stele_client::http(stele_client::Proxy::Never)?;
    let router = Sidecar::new(plans, http, config.limits).router();

    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stopping = async {
            // An error means that the handle is gone, which says the same.
            let _ = stopped.await;
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopping).await {
            tracing::error!(%error, "the server ended");
        }
    });
    Ok(Running { address, stop: Some(stop), server })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: no new events, those in flight end within the deadline.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the server has ended already.
            let _ = stop.send(());
        }
        if timeout(DRAIN, &mut self.server).await.is_err() {
            tracing::warn!("events were still in flight at the deadline");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}
