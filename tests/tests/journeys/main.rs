//! The processes as people and other programs meet them: started, fed, killed, told to stop.

#![expect(clippy::unwrap_used, reason = "tests")]

mod bad_input;
mod crash_consistency;
mod dev;
mod feed;
mod gate;
mod remote_references;
mod stopping;
