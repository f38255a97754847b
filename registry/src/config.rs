//! How a registry is started: every flag is also an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use stele_api::stream::Policy;
use stele_evolution::{containment::ContentModel, policy::Level};

/// The schema registry. Prints its address once it serves; SIGTERM stops it.
#[derive(Debug, Clone, Parser)]
#[command(name = "stele-registry", version)]
pub struct Config {
    /// The address to serve at; port 0 takes any free one
    #[arg(long, env = "STELE_LISTEN", default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// The directory that holds the log; made if it is not there
    #[arg(long, env = "STELE_DATA", value_name = "DIR")]
    pub data: PathBuf,

    /// The level where none was set
    #[arg(
        long,
        env = "STELE_DEFAULT_COMPATIBILITY",
        default_value = "ADDITIONS_ONLY",
        value_name = "LEVEL"
    )]
    pub default_compatibility: Level,

    /// The content model where none was set: `event` or `strict`
    #[arg(
        long,
        env = "STELE_DEFAULT_CONTENT_MODEL",
        default_value = "event",
        value_name = "MODEL",
        value_parser = content_model
    )]
    pub default_content_model: ContentModel,

    /// Serve at an address that others can reach, although nobody has to say who they are
    #[arg(long, env = "STELE_INSECURE")]
    pub insecure: bool,
}

impl Config {
    /// A registry on any free port of this machine, with everything else as by default.
    pub fn local(data: impl Into<PathBuf>) -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: data.into(),
            default_compatibility: Level::AdditionsOnly,
            default_content_model: ContentModel::Event,
            insecure: false,
        }
    }

    /// The policy where none was set.
    pub fn default_policy(&self) -> Policy {
        Policy {
            compatibility: self.default_compatibility,
            content_model: self.default_content_model,
        }
    }
}

/// Why a text is no content model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a content model: expected `event` or `strict`")]
pub struct ContentModelError(String);

/// Reads a content model by its name.
pub fn content_model(text: &str) -> Result<ContentModel, ContentModelError> {
    match text {
        "event" => Ok(ContentModel::Event),
        "strict" => Ok(ContentModel::Strict),
        other => Err(ContentModelError(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn every_flag_is_an_environment_variable() {
        let command = Config::command();
        for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
            assert!(argument.get_env().is_some(), "{argument}");
        }
    }
}
