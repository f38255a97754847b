//! The schema registry: a log of decisions that is only ever appended to, and the catalog folded from it.
//!
//! A [`command::Command`] is judged off the writer ([`findings`]), decided purely ([`decide`]), recorded ([`log`]) by the
//! one [`writer`], and folded into the [`catalog`] that every reader sees. [`http`] is a thin face over that.

pub mod access;
pub mod archive;
pub mod candidate;
pub mod catalog;
pub mod command;
pub mod composed;
pub mod config;
pub mod decide;
pub mod event;
pub mod failure;
pub mod feed;
pub mod findings;
pub mod http;
pub mod judging;
pub mod listen;
pub mod listening;
pub mod log;
pub mod means;
pub mod outbound;
pub mod own;
pub mod refusal;
pub mod registry;
pub mod search;
pub mod serve;
pub mod telemetry;
pub mod watched;
pub mod way;
pub mod webhook;
pub mod writer;

pub use crate::{
    config::Config,
    serve::{Running, StartError, serve},
};
