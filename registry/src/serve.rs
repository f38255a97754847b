//! Starting and stopping: the log is opened and replayed, the writer started, the port bound, and all that undone.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use arc_swap::ArcSwap;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
    time,
};

use crate::{
    access::{Access, AccessError, Rates},
    archive::Archive,
    catalog::Catalog,
    config::{Config, ConfigError},
    feed::Feed,
    http::{self, Gate},
    judging::Judges,
    listen::{self, TlsError},
    listening::Room,
    log::{self, Log, LogError, Position, Sealed, SqliteLog},
    own,
    registry::{Parts, Registry},
    search::Index,
    telemetry::Telemetry,
    way::Ways,
    webhook::{WebhookError, Webhooks},
    writer::{Writer, replay},
};

/// How long requests in flight are waited for when the registry stops.
const GRACE: Duration = Duration::from_secs(4);

/// Why a registry did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can be reached by others.
    #[error("{0} can be reached from other machines, and nobody would have to say who they are")]
    Exposed(SocketAddr),
    /// Nobody could come in, or not as it is said.
    #[error("cannot tell who may come in")]
    Access(#[from] AccessError),
    /// The certificate is not to be had.
    #[error("cannot speak TLS")]
    Tls(#[from] TlsError),
    /// Nobody could be told of what happens.
    #[error("cannot tell webhooks")]
    Webhooks(#[from] WebhookError),
    /// Flags that do not go together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The program was built with schemas of its own that do not hold.
    #[error("cannot register the registry's own schemas")]
    Own(#[from] own::CarryError),
    /// The log is not to be had.
    #[error("cannot start from the log")]
    Log(#[from] LogError),
    /// The address is not to be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// No thread is to be had.
    #[error("cannot start the writer")]
    Thread(#[source] std::io::Error),
    /// A task that was to open the log has ended.
    #[error("the start was interrupted")]
    Interrupted,
}

impl StartError {
    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            StartError::Exposed(_) => Some(
                "say who may come in with --tokens or --jwks, listen on 127.0.0.1, or say --insecure if something in front protects it",
            ),
            StartError::Log(LogError::InUse { .. }) => {
                Some("stop the other registry, or choose another --data")
            }
            StartError::Config(ConfigError::InTheClear(_)) => Some(
                "name an address that is https:, or say --jwks-allow-http if nobody is in between",
            ),
            StartError::Listen { .. } => Some("choose another --listen; port 0 takes any free one"),
            _ => None,
        }
    }
}

/// A registry that serves.
pub struct Running {
    address: SocketAddr,
    registry: Registry,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    telling_webhooks: JoinHandle<()>,
    scheme: &'static str,
    writer: thread::JoinHandle<()>,
}

/// Starts a registry. It serves once this answers.
pub async fn serve(config: Config) -> Result<Running, StartError> {
    let access = Access::set_up(config.access()?).await?;
    if access.is_open() && !config.listen.ip().is_loopback() && !config.insecure {
        return Err(StartError::Exposed(config.listen));
    }
    let tls = config.tls()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    if !access.is_open() && tls.is_none() && !config.listen.ip().is_loopback() {
        tracing::warn!(
            "tokens come in the clear: say --tls-cert and --tls-key, or put TLS in front"
        );
    }
    let defaults = config.default_policy();
    let data = config.data.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let mut log = log::open(&data)?;
        let mut catalog = Catalog::new(defaults);
        own::register(&mut catalog)?;
        if let Err(error) = replay(&*log, &mut catalog) {
            let end = catalog.position();
            if !error.is_damage() || end == Position::START {
                return Err(error.into());
            }
            let after = end.0;
            let told = error.told();
            tracing::error!(after, error = told, "the log is damaged: it is only read from");
            log = Box::new(Sealed::damaged(log, end, error));
        }
        let reader = SqliteLog::open_to_read(&data).and_then(|reader| {
            reader.read(Position::START, 1)?;
            Ok(reader)
        });
        let reader = reader.or_else(|_| SqliteLog::open_unwritten(&data))?;
        Ok::<_, StartError>((log, reader, catalog))
    });
    let (log, reader, catalog) = opened.await.map_err(|_| StartError::Interrupted)??;
    tracing::info!(events = catalog.position().0, "the log is replayed");

    let refused = |cause| StartError::Listen { address: config.listen, cause };
    let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;

    let telemetry = Telemetry::default();
    let webhooks = Webhooks::open(&config.data, config.webhooks(), catalog.position())?;
    let archive = Archive::new(config.data.clone(), config.max_import);
    let seal = log.seal();
    let (stop, stopping) = watch::channel(false);
    let (position, end) = watch::channel(catalog.position());
    let published = Arc::new(ArcSwap::from_pointee(catalog));
    let (writer, thread) = Writer::start(log, Arc::clone(&published), position, telemetry.clone())
        .map_err(StartError::Thread)?;
    let room = Room { all: config.max_listeners, each: config.max_listeners_per_token };
    let feed = Feed::new(Box::new(reader), end, stopping.clone(), room);
    let registry = Registry::new(Parts {
        published,
        writer,
        judges: Judges::start(telemetry.clone()),
        feed,
        ways: Ways::default(),
        index: Index::default(),
        telemetry,
        webhooks: webhooks.clone(),
        archive,
        seal,
    });
    let (knowing, telling) = (registry.clone(), registry.telemetry().clone());
    let telling_webhooks =
        tokio::spawn(webhooks.run(move || knowing.catalog(), registry.feed().clone(), telling));

    let gate = Gate {
        access,
        rates: Rates::new(config.rate_limit),
        room: Arc::new(Semaphore::new(config.max_requests)),
    };
    let front = http::front(registry.clone(), gate);
    let server = tokio::spawn(listen::serve(listener, tls, front, stopping));
    Ok(Running { address, scheme, registry, stop, server, telling_webhooks, writer: thread })
}

impl Running {
    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Stops it: no new requests, those in flight are finished if they do not take too long, the writer has written.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        let mut server = self.server;
        if time::timeout(GRACE, &mut server).await.is_err() {
            server.abort();
            // The task is waited for, so that its way to the writer is gone.
            let _ = server.await;
        }
        // The writer closes the log as the last, so that all of it is in its file.
        let _ = time::timeout(Duration::from_millis(500), self.telling_webhooks).await;
        drop(self.registry);
        let writer = self.writer;
        let ended = tokio::task::spawn_blocking(move || writer.join());
        // A connection that outlived the grace may still hold on to the writer; the log is safe either way.
        let _ = time::timeout(Duration::from_millis(500), ended).await;
    }
}
