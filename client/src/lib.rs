//! The typed client of the registry: one method a request, the history of a subject to plan with locally, and a follower
//! of everything that happens.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use stele_client::{Client, History, cache::Cache};
//!
//! let client = Client::new("http://127.0.0.1:8081")?;
//! let history = History::load(&client, &"OrderPlaced".parse()?, &Cache::none()).await?;
//! let plan = history.plan("3".parse()?, "1".parse()?)?;
//! # Ok(())
//! # }
//! ```

pub mod cache;
mod client;
mod error;
mod follow;
pub mod history;
mod sse;

pub use self::{
    client::{Client, Proxy, http},
    error::{ClientError, Problem, chain},
    follow::Follower,
    history::{History, HistoryError},
};
