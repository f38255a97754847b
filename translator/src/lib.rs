//! The translator: events in one version in, the consumer's version out.
//!
//! One pure core ([`translate::translate`]), and what carries envelopes to it and from it: a pipe, an inline sidecar.

mod arrival;
pub mod config;
pub mod convention;
pub mod envelope;
pub mod fault;
pub mod inline;
pub mod pipe;
pub mod plans;
pub mod route;
pub mod serve;
#[cfg(test)]
mod shop;
pub mod table;
pub mod translate;

pub use self::serve::{Exposure, Running, ServeConfig, ServeError, serve};
