//! The sidecar as a server: opened, ready, and stopped within a deadline.

use std::{collections::BTreeMap, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use stele_client::{Client, ClientError, cache::Cache};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet, spawn_blocking},
    time::{interval, sleep, timeout},
};

use crate::{
    config::{Config, Subscription, Way},
    http::{Sidecar, Stored},
    plans::{Plans, Source},
    poll::Desk,
    push::Pusher,
    queue::{Queue, QueueError},
    stopping::told,
};

/// How often settled events are looked at that are kept no longer.
const SWEEP: Duration = Duration::from_secs(1);

/// How often it is looked whether a queue is empty.
const LOOK: Duration = Duration::from_millis(10);

/// How many sweeps follow each other at most, where there is much to remove.
const SWEEPS: usize = 50;

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
    /// Where the durable queue is kept; goes before what the configuration says.
    pub queue: Option<PathBuf>,
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
    /// There are subscriptions, and nowhere to keep their events.
    #[error("there are subscriptions, but no directory for their queue")]
    NoQueue,
    /// The durable queue cannot be used.
    #[error("the durable queue cannot be opened")]
    Queue(#[from] QueueError),
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
            ServeError::NoQueue => {
                Some("say --queue DIR, or write `queue: DIR` into the configuration")
            }
            ServeError::Queue(QueueError::InUse { .. }) => {
                Some("every sidecar needs a directory of its own")
            }
            ServeError::Cache { .. } | ServeError::Client(_) | ServeError::Queue(_) => None,
        }
    }
}

/// A sidecar that serves. Dropping it stops it without draining.
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    drain: Duration,
    server: JoinHandle<()>,
    tasks: JoinSet<()>,
    queue: Option<Queue>,
}

/// Starts a sidecar. It serves once this returns, whether or not the registry could be asked already; until then its
/// `/readyz` says what is missing.
pub async fn serve(serve: ServeConfig) -> Result<Running, ServeError> {
    let ServeConfig { listen, exposure, registry, cache, queue, config } = serve;
    if exposure == Exposure::Loopback && !listen.ip().is_loopback() {
        return Err(ServeError::Exposed(listen));
    }
    let cache = match cache {
        None => Cache::none(),
        Some(directory) => {
            Cache::at(&directory).map_err(|cause| ServeError::Cache { directory, cause })?
        }
    };
    let Config { routes, limits, deliver, subscriptions, queue: configured } = config;
    let queue = open(queue.or(configured), &subscriptions).await?;
    let not_listening = |cause| ServeError::Listen { address: listen, cause };
    let listener = TcpListener::bind(listen).await.map_err(not_listening)?;
    let address = listener.local_addr().map_err(not_listening)?;

    let source = Source::new(registry, cache);
    let plans = Arc::new(match routes {
        Some(routes) => Plans::new(routes, source),
        None => Plans::of_everything(source),
    });
    plans.begin().await;
    let http = stele_client::http(stele_client::Proxy::Never)?;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(following(Arc::clone(&plans), stopping.clone()));
    let stored = match &queue {
        None => None,
        Some(queue) => {
            Some(deliver_from(queue, subscriptions, &plans, &http, &stopping, &mut tasks).await?)
        }
    };
    let sidecar = Sidecar::new(plans, http, limits, deliver, stored, stopping.clone());
    let router = sidecar.router();
    let server = tokio::spawn(async move {
        if let Err(error) =
            axum::serve(listener, router).with_graceful_shutdown(told(stopping)).await
        {
            tracing::error!(%error, "the server ended");
        }
    });
    Ok(Running { address, stop, drain: limits.drain, server, tasks, queue })
}

/// Opens the queue, where there is anything to queue.
async fn open(
    directory: Option<PathBuf>,
    subscriptions: &[Subscription],
) -> Result<Option<Queue>, ServeError> {
    if subscriptions.is_empty() {
        return Ok(None);
    }
    let directory = directory.ok_or(ServeError::NoQueue)?;
    let bounds: Vec<_> = subscriptions.iter().map(|one| (one.name.clone(), one.bound)).collect();
    let opened = spawn_blocking(move || Queue::open(&directory, &bounds)).await;
    Ok(Some(opened.map_err(|_| QueueError::Closing)??))
}

/// Starts whoever delivers from the queue.
async fn deliver_from(
    queue: &Queue,
    subscriptions: Vec<Subscription>,
    plans: &Arc<Plans>,
    http: &reqwest::Client,
    stopping: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<Stored, ServeError> {
    let (mut pushed, mut polled) = (BTreeMap::new(), BTreeMap::new());
    for subscription in subscriptions {
        tasks.spawn(sweeping(queue.clone(), subscription.clone(), stopping.clone()));
        let name = subscription.name.clone();
        let (queue, plans) = (queue.clone(), Arc::clone(plans));
        match subscription.way.clone() {
            Way::Push(push) => {
                let opened = Pusher::open(subscription, push, queue, plans, http.clone()).await?;
                let (way, one) = opened;
                tasks.spawn(one.run(stopping.clone()));
                pushed.insert(name, way);
            }
            Way::Poll { lease } => {
                let desk = Desk::open(subscription, lease, queue, plans).await?;
                polled.insert(name, Arc::new(desk));
            }
        }
    }
    Ok(Stored { queue: queue.clone(), pushed, polled })
}

/// Keeps the plans as new as the registry, until it is told to stop.
async fn following(plans: Arc<Plans>, stopping: watch::Receiver<bool>) {
    tokio::select! {
        () = plans.follow() => {}
        () = told(stopping) => {}
    }
}

/// Removes what is kept no longer, until it is told to stop.
async fn sweeping(queue: Queue, subscription: Subscription, stopping: watch::Receiver<bool>) {
    let sweep = async {
        let mut interval = interval(SWEEP);
        loop {
            interval.tick().await;
            for _ in 0..SWEEPS {
                match queue.sweep(&subscription.name, subscription.keep).await {
                    Ok(swept) if !swept.has_more => break,
                    Ok(_) => {}
                    Err(error) => {
                        let error = stele_client::chain(&error);
                        tracing::warn!(subscription = %subscription.name, error, "nothing is swept");
                        break;
                    }
                }
            }
        }
    };
    tokio::select! {
        () = sweep => {}
        () = told(stopping) => {}
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until nothing waits in the durable queue, or for that long; whether it is empty.
    pub async fn emptied(&self, patience: Duration) -> bool {
        let Some(queue) = &self.queue else { return true };
        let emptying = async {
            while !queue.is_empty() {
                sleep(LOOK).await;
            }
        };
        timeout(patience, emptying).await.is_ok()
    }

    /// Stops: it is not ready any more, takes no new events, lets those in flight end within the deadline, and has on disk
    /// what was settled.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let ending = async {
            // A server that has failed has said so.
            let _ = (&mut self.server).await;
            while self.tasks.join_next().await.is_some() {}
        };
        if timeout(self.drain, ending).await.is_err() {
            tracing::warn!("events were still in flight at the deadline");
            self.server.abort();
            self.tasks.shutdown().await;
        }
        if let Some(queue) = self.queue.take()
            && spawn_blocking(move || queue.close()).await.is_err()
        {
            tracing::error!("the queue did not close");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}
