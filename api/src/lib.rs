//! What travels over HTTP: the wire types of both faces of the registry, every path, every error code. No I/O.
//!
//! The Confluent dialect ([`dialect`], [`confluent`]) is what existing clients speak, at the root paths; Stele's own API
//! (everything else) lives under `/v1`. Schemas in bodies are [`text::JsonText`]: their key order is part of them.

pub mod change;
pub mod check;
pub mod confluent;
pub mod day;
pub mod dialect;
pub mod diff;
pub mod id;
pub mod kind;
pub mod mode;
pub mod patch;
pub mod path;
pub mod plan;
pub mod problem;
pub mod rules;
pub mod search;
pub mod selector;
pub mod stream;
pub mod subject;
pub mod text;
pub mod translate;
pub mod version;
pub mod webhook;
