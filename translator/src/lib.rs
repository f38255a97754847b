//! The translator: events in one version in, the consumer's version out.
//!
//! One pure core ([`translate::translate`]), and what carries envelopes to it and from it: a pipe, an inline sidecar.

mod arrival;
pub mod config;
pub mod convention;
mod delivery;
pub mod envelope;
pub mod fault;
mod http;
mod letter;
pub mod pipe;
pub mod plans;
mod poll;
mod push;
pub mod queue;
pub mod route;
pub mod serve;
#[cfg(test)]
mod shop;
mod stopping;
pub mod table;
pub mod telemetry;
pub mod translate;

pub use self::serve::{Exposure, Running, ServeConfig, ServeError, serve};
