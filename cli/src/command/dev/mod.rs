//! `stele dev`: a registry and a translator in this process, to try things with; or a whole scenario on them.

pub mod args;
mod retail;
mod stop;
mod translators;

use std::{error::Error, io, net::SocketAddr, path::PathBuf};

use owo_colors::OwoColorize;
use stele_client::Client;
use stele_registry::{Config as RegistryConfig, StartError};
use stele_translator::{ServeError, config::ConfigError};

use self::{
    args::{Dev, Scenario},
    stop::Stop,
};
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    terminal::{self, Terminal},
};

/// Why `stele dev` cannot go on.
#[derive(Debug, thiserror::Error)]
enum DevError {
    #[error("cannot keep data at `{}`", directory.display())]
    Data {
        directory: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("cannot listen for the signal to stop")]
    Signals(#[source] io::Error),
    #[error("the registry does not start")]
    Registry(#[source] StartError),
    #[error("the translator does not start")]
    Translator(#[source] ServeError),
    #[error("cannot configure the translator")]
    Config(#[source] ConfigError),
    #[error("the scenario cannot {what}")]
    Scenario {
        what: &'static str,
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

impl Explain for DevError {
    fn hint(&self) -> Option<Hint> {
        match self {
            DevError::Registry(StartError::Listen { .. }) => Some(Hint::new(
                "something listens there already: choose another `--listen`; port 0 takes any free one",
            )),
            DevError::Registry(error) => error.hint().map(Hint::new),
            DevError::Translator(ServeError::Listen { .. }) => Some(Hint::new(
                "something listens there already: choose another `--translator-listen`; port 0 takes any free one",
            )),
            _ => None,
        }
    }
}

/// The registry of this process, and where it keeps its log.
struct House {
    registry: stele_registry::Running,
    client: Client,
    url: String,
    /// Where the log is; gone with the house unless somebody said where.
    data: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

/// Runs until it is stopped, or until the scenario is over.
pub async fn run(args: &Dev, terminal: &mut Terminal) -> Result<Exit, Failure> {
    terminal::start_logging();
    // Before anything is served, or a signal that comes early would end the process the hard way.
    let mut stop = Stop::listen().map_err(DevError::Signals)?;
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listen = match args.scenario {
        None => args.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8081))),
        Some(_) => args.listen.unwrap_or(any),
    };
    let house = House::open(args.data.clone(), listen).await?;
    let ended = match args.scenario {
        None => alone(args, &house, terminal, &mut stop).await,
        Some(Scenario::Retail) => tokio::select! {
            ended = retail::run(&house, terminal) => ended,
            () = stop.wait() => Ok(Exit::Breaking),
        },
    };
    house.registry.shutdown().await;
    ended
}

impl House {
    async fn open(data: Option<PathBuf>, listen: SocketAddr) -> Result<House, Failure> {
        let refused = |directory: PathBuf| move |cause| DevError::Data { directory, cause };
        let temporary = match &data {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(refused(std::env::temp_dir()))?),
        };
        let data = match (&temporary, data) {
            (Some(temporary), _) => temporary.path().to_owned(),
            (None, data) => data.unwrap_or_default(),
        };
        let config = RegistryConfig { listen, ..RegistryConfig::local(data.clone()) };
        let registry = stele_registry::serve(config).await.map_err(DevError::Registry)?;
        let url = format!("http://{}", registry.address());
        let client = Client::new(&url)?;
        Ok(House { registry, client, url, data, _temporary: temporary })
    }
}

async fn alone(
    args: &Dev,
    house: &House,
    terminal: &mut Terminal,
    stop: &mut Stop,
) -> Result<Exit, Failure> {
    let listen = args.translator_listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8090)));
    let config = translators::configuration(args.config.as_deref())?;
    let queue = house.data.join("translator");
    let translator = translators::start(&house.client, listen, queue, config).await?;
    terminal.result(welcome(house, translator.address()))?;
    stop.wait().await;
    terminal.message("stopping");
    translator.shutdown().await;
    Ok(Exit::Compatible)
}

fn welcome(house: &House, translator: SocketAddr) -> String {
    let (registry, data) = (&house.url, house.data.display());
    let option = if house.url.ends_with(":8081") {
        String::new()
    } else {
        format!(" --registry {registry}")
    };
    let heading = |text: &str| text.bold().to_string();
    format!(
        "\
{} {registry}
{} http://{translator}
{} {data}

{}
  stele register schemas{option}                  # what is under schemas/, in the order of its versions
  stele check schemas --against registry{option}
  stele list{option}
  curl {registry}/v1/subjects
  curl http://{translator}/translate -H 'ce-specversion: 1.0' -H 'ce-id: 1' -H 'ce-source: /me' \\
       -H 'ce-type: OrderPlaced.v1' -H 'content-type: application/json' -d @order.json
      # an event in any registered version; the answer is the same event in the newest

Ctrl-C stops both.
",
        heading("registry  "),
        heading("translator"),
        heading("log       "),
        heading("Try, in another terminal:"),
    )
}
