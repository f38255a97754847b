//! The translators of `stele dev`: one that follows the registry, and those a scenario asks for.

use std::{net::SocketAddr, num::NonZeroUsize, path::Path, time::Duration};

use stele_api::selector::Selector;
use stele_client::Client;
use stele_translator::{
    Exposure, Running, ServeConfig,
    config::{Config, Limits, USUAL_MAX_BODY},
    convention::{Convention, NamePattern},
    route::{Route, Routes},
};

use super::DevError;
use crate::error::Failure;

/// How long one question for changes may wait.
const WAIT: Duration = Duration::from_secs(20);
/// How long it is quiet before changes count as complete: a folder is registered version by version.
const QUIET: Duration = Duration::from_millis(200);

/// Starts a translator.
pub(super) async fn start(
    registry: &Client,
    listen: SocketAddr,
    config: Config,
) -> Result<Running, Failure> {
    let serve = ServeConfig {
        listen,
        exposure: Exposure::Loopback,
        registry: registry.clone(),
        cache: None,
        config,
    };
    Ok(stele_translator::serve(serve).await.map_err(DevError::Translator)?)
}

/// A translator for whatever the registry holds: every subject, to its newest version.
pub(super) struct Following {
    registry: Client,
    address: SocketAddr,
    running: Option<Running>,
    /// Whether somebody said what it does, so that it has nothing to follow.
    is_given: bool,
    after: u64,
}

impl Following {
    /// Starts it with what the registry holds now, or with the configuration that somebody wrote.
    pub async fn start(
        registry: &Client,
        listen: SocketAddr,
        config: Option<&Path>,
    ) -> Result<Following, Failure> {
        let after = end(registry, 0).await?;
        let config_now = match config {
            Some(path) => Config::read(path).map_err(DevError::Config)?,
            None => everything(registry).await?,
        };
        let running = start(registry, listen, config_now).await?;
        Ok(Following {
            registry: registry.clone(),
            address: running.address(),
            running: Some(running),
            is_given: config.is_some(),
            after,
        })
    }

    /// Where it listens; the same for as long as it runs.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes up what is registered, for as long as it is asked to. Ends only where it fails.
    pub async fn follow(&mut self) -> Result<(), Failure> {
        if self.is_given {
            return std::future::pending().await;
        }
        loop {
            let changes = self.registry.changes(self.after, WAIT).await?;
            if changes.changes.is_empty() {
                continue;
            }
            tokio::time::sleep(QUIET).await;
            self.after = end(&self.registry, changes.next).await?;
            let config = everything(&self.registry).await?;
            if let Some(running) = self.running.take() {
                running.shutdown().await;
            }
            self.running = Some(start(&self.registry, self.address, config).await?);
        }
    }

    /// Stops it.
    pub async fn shutdown(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }
}

/// The end of what happened in the registry so far.
async fn end(registry: &Client, mut after: u64) -> Result<u64, Failure> {
    loop {
        let changes = registry.changes(after, Duration::ZERO).await?;
        if changes.changes.is_empty() {
            return Ok(after);
        }
        after = changes.next;
    }
}

/// Every subject of the registry to its newest version. Of two with one name, in two contexts, the first is taken.
async fn everything(registry: &Client) -> Result<Config, Failure> {
    let mut routes: Vec<Route> = Vec::new();
    for summary in registry.subjects().await? {
        let name = NamePattern::default().of(summary.subject.name());
        if summary.latest.is_none() || routes.iter().any(|route| route.name == name) {
            continue;
        }
        routes.push(Route {
            subject: summary.subject,
            to: Selector::Latest,
            name,
            conventions: Convention::usual(),
            out: None,
            consumer: None,
        });
    }
    let limits = Limits {
        max_in_flight: NonZeroUsize::MIN.saturating_add(255),
        max_body: USUAL_MAX_BODY,
        consumer_timeout: Duration::from_secs(10),
    };
    Ok(Config { routes: Routes::Named(routes), limits })
}
