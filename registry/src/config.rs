//! How a registry is started: every flag is also an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use stele_api::stream::Policy;
use stele_evolution::{containment::ContentModel, policy::Level};

use crate::{
    access::{self, Clear, Expected, Grant, KeySource},
    listen::{self, Tls},
    serve::StartError,
    webhook::{self, Reach},
};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// The registry, or one of the things around it.
#[derive(Debug, Parser)]
#[command(name = "stele-registry", version, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true)]
pub struct Arguments {
    /// What to do instead of serving
    #[command(subcommand)]
    pub task: Option<Task>,

    /// How to serve
    #[command(flatten)]
    pub config: Option<Config>,
}

/// What else there is to do.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make a token: it is printed once, on standard output, and its line for the file of tokens on standard error
    Token {
        /// Who will have it; this stands in the log
        name: String,
        /// What they may do, such as `writer@.orders`, `reader@*` or `admin@.orders*`
        #[arg(required = true, value_name = "ROLE@CONTEXT")]
        grants: Vec<Grant>,
    },
}

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

    /// The file with the tokens of those who may come in; `stele-registry token` makes a line for it
    #[arg(long, env = "STELE_TOKENS", value_name = "FILE", help_heading = "Access")]
    pub tokens: Option<PathBuf>,

    /// The keys that sign JSON Web Tokens: a JSON Web Key Set, as a file or at an address
    // An address may hold a password.
    #[arg(
        long,
        env = "STELE_JWKS",
        hide_env_values = true,
        value_name = "FILE|URL",
        help_heading = "Access"
    )]
    pub jwks: Option<String>,

    /// Get the keys also from an address that is `http:` and not on this machine: whoever is in between can sign tokens
    #[arg(long, env = "STELE_JWKS_ALLOW_HTTP", help_heading = "Access")]
    pub jwks_allow_http: bool,

    /// Who must have issued a JSON Web Token
    #[arg(long, env = "STELE_JWT_ISSUER", value_name = "ISSUER", help_heading = "Access")]
    pub jwt_issuer: Option<String>,

    /// Whom a JSON Web Token must be for
    #[arg(long, env = "STELE_JWT_AUDIENCE", value_name = "AUDIENCE", help_heading = "Access")]
    pub jwt_audience: Option<String>,

    /// The claim that holds the grants, such as `writer@.orders`: a name, or a JSON pointer
    #[arg(
        long,
        env = "STELE_JWT_GRANTS",
        default_value = "stele",
        value_name = "CLAIM",
        help_heading = "Access"
    )]
    pub jwt_grants: String,

    /// The certificate to serve with, and those that vouch for it, as PEM
    #[arg(long, env = "STELE_TLS_CERT", value_name = "FILE", help_heading = "Access")]
    pub tls_cert: Option<PathBuf>,

    /// The key of that certificate, as PEM
    #[arg(long, env = "STELE_TLS_KEY", value_name = "FILE", help_heading = "Access")]
    pub tls_key: Option<PathBuf>,

    /// How many requests a second each token may make; 0 for as many as it likes
    #[arg(
        long,
        env = "STELE_RATE_LIMIT",
        default_value_t = 0,
        value_name = "N",
        help_heading = "Limits"
    )]
    pub rate_limit: u32,

    /// How many requests are answered at a time; one more is told to come back
    #[arg(
        long,
        env = "STELE_MAX_REQUESTS",
        default_value_t = 4096,
        value_name = "N",
        help_heading = "Limits"
    )]
    pub max_requests: usize,

    /// How many streams of the feed are open at a time
    #[arg(
        long,
        env = "STELE_MAX_LISTENERS",
        default_value_t = 1024,
        value_name = "N",
        help_heading = "Limits"
    )]
    pub max_listeners: usize,

    /// How many of them one token may have
    #[arg(
        long,
        env = "STELE_MAX_LISTENERS_PER_TOKEN",
        default_value_t = 64,
        value_name = "N",
        help_heading = "Limits"
    )]
    pub max_listeners_per_token: usize,

    /// The largest log taken in by `/v1/import`, in MiB; it takes some three times as much memory
    #[arg(
        long,
        env = "STELE_MAX_IMPORT",
        default_value_t = 1024,
        value_name = "MIB",
        help_heading = "Limits"
    )]
    pub max_import: u64,

    /// How many attempts in a row fail before a webhook counts as dead
    #[arg(
        long,
        env = "STELE_WEBHOOK_ATTEMPTS",
        default_value_t = 12,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Webhooks"
    )]
    pub webhook_attempts: u32,

    /// Tell webhooks also on this machine and in the network around it
    #[arg(long, env = "STELE_WEBHOOK_ALLOW_PRIVATE", help_heading = "Webhooks")]
    pub webhook_allow_private: bool,

    /// How log lines are written, on standard error: `human` or `json`
    #[arg(long, env = "STELE_LOG_FORMAT", default_value = "human", value_name = "FORMAT")]
    pub log_format: LogFormat,

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
            webhook_attempts: 12,
            webhook_allow_private: false,
            log_format: LogFormat::Human,
            tokens: None,
            jwks: None,
            jwks_allow_http: false,
            jwt_issuer: None,
            jwt_audience: None,
            jwt_grants: "stele".to_owned(),
            tls_cert: None,
            tls_key: None,
            rate_limit: 0,
            max_requests: 4096,
            max_listeners: 1024,
            max_listeners_per_token: 64,
            max_import: 1024,
        }
    }

    /// Who may come in.
    pub fn access(&self) -> Result<access::Settings, ConfigError> {
        let jwt = match (&self.jwks, &self.jwt_issuer, &self.jwt_audience) {
            (None, None, None) => None,
            (Some(keys), Some(issuer), Some(audience)) => Some((
                KeySource::read(
                    keys,
                    if self.jwks_allow_http { Clear::Anywhere } else { Clear::Here },
                )?,
                Expected {
                    issuer: issuer.clone(),
                    audience: audience.clone(),
                    grants: self.jwt_grants.clone(),
                },
            )),
            _ => return Err(ConfigError::Jwt),
        };
        Ok(access::Settings { tokens: self.tokens.clone(), jwt })
    }

    /// The certificate and the key to serve with; nothing where it is without TLS.
    pub fn tls(&self) -> Result<Option<Tls>, StartError> {
        match (&self.tls_cert, &self.tls_key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                Ok(Some(listen::tls(certificate.clone(), key.clone())?))
            }
            _ => Err(ConfigError::Tls.into()),
        }
    }

    /// How webhooks are told.
    pub fn webhooks(&self) -> webhook::Settings {
        let reach = if self.webhook_allow_private { Reach::Anywhere } else { Reach::Public };
        webhook::Settings { attempts: self.webhook_attempts, reach }
    }

    /// The policy where none was set.
    pub fn default_policy(&self) -> Policy {
        Policy::new(self.default_compatibility, self.default_content_model)
    }
}

/// Which flags do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Part of what a token is held to.
    #[error("--jwks, --jwt-issuer and --jwt-audience are said together or not at all")]
    Jwt,
    /// Keys that anybody on the way could put others in the place of.
    #[error("the keys of --jwks would come in the clear")]
    InTheClear(#[from] access::InTheClear),
    /// A certificate without a key, or the other way.
    #[error("--tls-cert and --tls-key are said together or not at all")]
    Tls,
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
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_flag_is_an_environment_variable() {
        let command = Config::command();
        for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
            assert!(argument.get_env().is_some(), "{argument}");
        }
    }
}
