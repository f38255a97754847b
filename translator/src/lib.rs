//! The translator: events in one version in, the consumer's version out.

pub mod envelope;
pub mod fault;
