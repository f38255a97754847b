//! The translators of `stele dev`: one that carries whatever the registry holds, and those a scenario asks for.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use stele_client::Client;
use stele_translator::{Exposure, Running, ServeConfig, config::Config};

use super::DevError;
use crate::error::Failure;

/// Starts a translator.
pub(super) async fn start(
    registry: &Client,
    listen: SocketAddr,
    queue: PathBuf,
    config: Config,
) -> Result<Running, Failure> {
    let serve = ServeConfig {
        listen,
        exposure: Exposure::Loopback,
        registry: registry.clone(),
        cache: None,
        queue: Some(queue),
        config,
    };
    Ok(stele_translator::serve(serve).await.map_err(DevError::Translator)?)
}

/// The configuration that somebody wrote; where nobody did, every subject to its newest version, and what is registered
/// meanwhile as well.
pub(super) fn configuration(path: Option<&Path>) -> Result<Config, Failure> {
    Ok(match path {
        Some(path) => Config::read(path).map_err(DevError::Config)?,
        None => Config::everything(),
    })
}
