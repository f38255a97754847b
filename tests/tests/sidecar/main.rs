//! The sidecar as a process that things happen to: it is killed, its registry goes away, its consumers misbehave, its plans
//! change under load.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod away;
mod consumers;
mod crash;
mod house;
mod letters;
mod swap;
