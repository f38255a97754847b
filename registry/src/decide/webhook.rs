//! Deciding on who is told of what happens.

use stele_api::webhook::WebhookName;

use crate::{
    catalog::Catalog,
    command::SetWebhook,
    event::{Event, WebhookRemoved, WebhookSet},
    refusal::Refusal,
};

/// The most webhooks.
const MOST: usize = 100;

/// The longest address, in bytes.
const URL: usize = 2048;

/// The most types of changes that one is told of.
const TYPES: usize = 32;

pub(super) fn set(catalog: &Catalog, command: &SetWebhook) -> Result<Vec<Event>, Refusal> {
    let refused = |field, why: &str| Err(Refusal::Field { field, why: why.to_owned() });
    if command.webhook.url.len() > URL {
        return refused("url", "has more than 2048 bytes");
    }
    if command.webhook.types.len() > TYPES {
        return refused("types", "has more than 32 entries");
    }
    let known = catalog.webhook(&command.name);
    if known.is_none() && catalog.webhooks().count() >= MOST {
        return refused("name", "would be the 101st webhook; at most 100 are kept");
    }
    if known == Some(&command.webhook) {
        return Ok(Vec::new());
    }
    let (name, webhook) = (command.name.clone(), command.webhook.clone());
    Ok(vec![Event::WebhookSet(WebhookSet { name, webhook })])
}

pub(super) fn remove(catalog: &Catalog, name: &WebhookName) -> Result<Vec<Event>, Refusal> {
    if catalog.webhook(name).is_none() {
        return Err(Refusal::WebhookNotFound(name.clone()));
    }
    Ok(vec![Event::WebhookRemoved(WebhookRemoved { name: name.clone() })])
}
