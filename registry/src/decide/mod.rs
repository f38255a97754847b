//! Deciding turns a command into the events it causes, or into the refusal. Pure: no clock, no disk, no waiting.

mod add_lens;
mod delete;
mod describe;
mod erase;
mod erase_context;
mod follows;
mod register;
mod restore;
mod set_config;
mod set_mode;
mod webhook;

use stele_api::subject::Subject;

pub use self::follows::{Unlikely, follows};
pub(crate) use self::register::is_there;

use crate::{
    catalog::Catalog,
    command::Command,
    event::{Event, Scope},
    own,
    refusal::Refusal,
};

/// Decides what a command changes: the events to record, none where it changes nothing.
pub fn decide(catalog: &Catalog, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Register(command) => register::decide(catalog, command),
        Command::AddLens(command) => add_lens::decide(catalog, command),
        Command::SetConfig(command) => set_config::decide(catalog, command),
        Command::SetMode(command) => set_mode::decide(catalog, command),
        Command::Describe(command) => describe::decide(catalog, command),
        Command::Delete(command) => delete::decide(catalog, command),
        Command::Erase(command) => erase::decide(catalog, command),
        Command::Restore(command) => restore::decide(catalog, command),
        Command::SetWebhook(command) => webhook::set(catalog, command),
        Command::RemoveWebhook(name) => webhook::remove(catalog, name),
        Command::EraseContext(context) => erase_context::decide(catalog, context),
    }
}

/// Refuses a change where the mode permits none, and any change to what belongs to the registry itself.
fn permitted(catalog: &Catalog, scope: &Scope) -> Result<(), Refusal> {
    belongs_to_people(scope)?;
    let mode = catalog.mode(scope);
    if mode.is_read_only() {
        return Err(Refusal::ReadOnly { scope: scope.clone(), mode });
    }
    Ok(())
}

fn permitted_for(catalog: &Catalog, subject: &Subject) -> Result<(), Refusal> {
    permitted(catalog, &Scope::Subject(subject.clone()))
}

fn belongs_to_people(scope: &Scope) -> Result<(), Refusal> {
    let context = match scope {
        Scope::Global => return Ok(()),
        Scope::Context(context) => context,
        Scope::Subject(subject) => subject.context(),
    };
    if context.as_str() == own::CONTEXT {
        return Err(Refusal::OwnContext(context.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
