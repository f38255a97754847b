//! The typed client of the registry: one method a request.

pub mod cache;
mod client;
mod error;

pub use self::{
    client::Client,
    error::{ClientError, Problem, chain},
};
