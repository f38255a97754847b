//! Deciding turns a command into the events it causes, or into the refusal. Pure: no clock, no disk, no waiting.

mod add_lens;
mod describe;
mod register;
mod set_config;

use crate::{catalog::Catalog, command::Command, event::Event, refusal::Refusal};

/// Decides what a command changes: the events to record, none where it changes nothing.
pub fn decide(catalog: &Catalog, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Register(command) => register::decide(catalog, command),
        Command::AddLens(command) => add_lens::decide(catalog, command),
        Command::SetConfig(command) => Ok(set_config::decide(catalog, command)),
        Command::Describe(command) => describe::decide(catalog, command),
    }
}

#[cfg(test)]
mod tests;
