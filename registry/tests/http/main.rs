//! The registry as its callers see it: a real server on a free port, real requests.

#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod archive;
mod bad_input;
mod checks;
mod confluent;
mod contexts;
mod deleting;
mod described;
mod durability;
mod failing_disk;
mod forged;
mod lenses;
mod listening;
mod modes;
mod native;
mod old_log;
mod policies;
mod recorded;
mod server;
mod telemetry;
mod webhooks;
