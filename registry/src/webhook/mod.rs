//! Webhooks: each is told every change in order, once it has taken the one before; again and again where it does not
//! take one, with longer and longer pauses, until it counts as dead.

mod guard;
mod sign;
mod store;

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header;
use stele_api::{
    change::Change,
    webhook::{
        EVENT, SIGNATURE, TIMESTAMP, Webhook, WebhookName, WebhookRequest, WebhookResource,
        WebhookState,
    },
};
use tokio::{sync::Notify, task, task::JoinHandle, time};

pub use self::guard::{GuardError, Reach};
use self::{
    sign::{secret, signature},
    store::{Kept, Store},
};
use crate::{
    catalog::Catalog, event::is_about_webhooks, feed::Feed, log::Position, telemetry::Telemetry,
};

/// The shortest secret taken, in characters.
const SECRET: usize = 16;

/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// How many changes are read at a time for one webhook.
const PAGE: usize = 32;

/// How long a webhook rests whose state cannot be kept.
const REST: Duration = Duration::from_secs(5);

/// How webhooks are told.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many attempts in a row fail before one counts as dead.
    pub attempts: u32,
    /// Which addresses may be told.
    pub reach: Reach,
}

/// The webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    store: Store,
    settings: Settings,
    client: reqwest::Client,
    changed: Notify,
}

/// Why there are no webhooks.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// What is kept of them cannot be read or written.
    #[error("cannot use `webhooks.db`")]
    Store(#[from] rusqlite::Error),
    /// There is no HTTP client.
    #[error("cannot set up an HTTP client")]
    Client(#[from] reqwest::Error),
    /// The address may not be told.
    #[error("`url` {0}")]
    Guard(#[from] GuardError),
    /// A secret that could be guessed.
    #[error("`secret` has less than {SECRET} characters")]
    Secret,
    /// A place that is still to come.
    #[error("`after` is {0}, and the feed has not come that far")]
    After(u64),
    /// The system gives none.
    #[error("the system has no randomness to give")]
    Randomness,
}

impl Webhooks {
    /// Opens what is kept of webhooks, beside a log that ends at a place.
    pub fn open(
        directory: &std::path::Path,
        settings: Settings,
        end: Position,
    ) -> Result<Self, WebhookError> {
        let opened = Store::open(directory).and_then(|store| {
            // What is written there from now on would be taken for told.
            for (webhook, cursor) in store.set_back(end)? {
                let end = end.0;
                tracing::error!(
                    webhook,
                    cursor,
                    end,
                    "the log was set back to before what a webhook was told: it is dead until it is set again"
                );
            }
            Ok(store)
        });
        // A disk that takes nothing is no reason not to be read from.
        let store = opened.or_else(|error| {
            let error = &error as &dyn Error;
            tracing::error!(
                error,
                "`webhooks.db` cannot be used: no webhook is told until the next start"
            );
            Store::passing()
        })?;
        let client = guard::client(settings.reach)?;
        Ok(Webhooks(Arc::new(Inner { store, settings, client, changed: Notify::new() })))
    }

    /// Looks at what is asked before it is decided; the webhook that it asks for.
    pub fn look(&self, request: &WebhookRequest, end: Position) -> Result<Webhook, WebhookError> {
        guard::look(&request.url, self.0.settings.reach)?;
        if request.secret.as_ref().is_some_and(|secret| secret.chars().count() < SECRET) {
            return Err(WebhookError::Secret);
        }
        if let Some(after) = request.after.filter(|after| *after > end.0) {
            return Err(WebhookError::After(after));
        }
        Ok(Webhook {
            url: request.url.clone(),
            subject_prefix: request.subject_prefix.clone(),
            types: request.types.clone().unwrap_or_default(),
        })
    }

    /// Takes over what is not in the log, and brings a dead webhook back. The secret, where it was made up.
    pub fn set(
        &self,
        name: &WebhookName,
        request: &WebhookRequest,
        end: Position,
    ) -> Result<Option<String>, WebhookError> {
        let known = self.0.store.find(name)?;
        let made_up = match (&request.secret, &known) {
            (None, None) => Some(secret().ok_or(WebhookError::Randomness)?),
            _ => None,
        };
        let secret = made_up.clone().or_else(|| request.secret.clone());
        let kept = Kept {
            secret: secret.or_else(|| Some(known.as_ref()?.secret.clone())).unwrap_or_default(),
            cursor: request
                .after
                .or(known.as_ref().map(|known| known.cursor))
                .unwrap_or(end.0)
                .min(end.0),
            failures: 0,
            dead: false,
            reason: None,
            turn: known.map_or(0, |known| known.turn + 1),
        };
        self.0.store.keep(name, &kept)?;
        self.0.changed.notify_one();
        Ok(made_up)
    }

    /// Forgets what is not in the log.
    pub fn remove(&self, name: &WebhookName) -> Result<(), WebhookError> {
        self.0.store.forget(name)?;
        self.0.changed.notify_one();
        Ok(())
    }

    /// A webhook as it travels.
    pub fn shown(
        &self,
        name: &WebhookName,
        webhook: &Webhook,
        end: Position,
    ) -> Result<WebhookResource, WebhookError> {
        let kept = self.0.store.find(name)?;
        let lost = || Kept {
            secret: String::new(),
            cursor: 0,
            failures: 0,
            dead: true,
            reason: Some("its secret is not here: set it again".to_owned()),
            turn: 0,
        };
        let kept = kept.unwrap_or_else(lost);
        let state = match kept.failures {
            _ if kept.dead => WebhookState::Dead,
            0 => WebhookState::Active,
            _ => WebhookState::Retrying,
        };
        Ok(WebhookResource {
            name: name.clone(),
            webhook: webhook.clone(),
            state,
            cursor: kept.cursor,
            behind: end.0.saturating_sub(kept.cursor),
            failures: kept.failures,
            reason: kept.reason,
            secret: None,
        })
    }

    /// Tells all of them, for as long as the registry serves.
    pub async fn run(self, catalog: impl Fn() -> Arc<Catalog>, feed: Feed, telemetry: Telemetry) {
        let mut told: BTreeMap<WebhookName, (Webhook, JoinHandle<()>)> = BTreeMap::new();
        loop {
            let wanted: BTreeMap<WebhookName, Webhook> =
                catalog().webhooks().map(|(name, hook)| (name.clone(), hook.clone())).collect();
            told.retain(|name, (hook, running)| {
                let stays = wanted.get(name) == Some(hook) && !running.is_finished();
                if !stays {
                    running.abort();
                    telemetry.webhook(&name.to_string(), None);
                }
                stays
            });
            for (name, hook) in wanted {
                if told.contains_key(&name) {
                    continue;
                }
                let teller = Teller {
                    name: name.clone(),
                    hook: hook.clone(),
                    inner: Arc::clone(&self.0),
                    feed: feed.clone(),
                    telemetry: telemetry.clone(),
                };
                told.insert(name, (hook, tokio::spawn(teller.run())));
            }
            if feed.is_stopping() {
                for (_, running) in told.into_values() {
                    running.abort();
                    // What it holds of the log is let go of once it has ended.
                    let _ = running.await;
                }
                return;
            }
            tokio::select! {
                () = self.0.changed.notified() => {}
                () = feed.stopped() => {}
            }
        }
    }
}

/// Tells one webhook.
struct Teller {
    name: WebhookName,
    hook: Webhook,
    inner: Arc<Inner>,
    feed: Feed,
    telemetry: Telemetry,
}

impl Teller {
    /// Ends where there is nothing more to be done: it is dead, forgotten, or the registry stops.
    async fn run(self) {
        loop {
            match self.kept() {
                Ok(Some(kept)) if !kept.dead => {
                    if !self.tell(kept).await {
                        return;
                    }
                }
                Ok(_) => return,
                Err(error) => {
                    complain(&self.name, &error);
                    time::sleep(REST).await;
                }
            }
        }
    }

    /// Tells what has happened since; whether there may be more.
    async fn tell(&self, mut kept: Kept) -> bool {
        let page = match self.feed.next_page(Position(kept.cursor), PAGE).await {
            Ok(page) if page.is_empty() => return false,
            Ok(page) => page,
            Err(error) => {
                complain(&self.name, &error);
                time::sleep(REST).await;
                return true;
            }
        };
        for change in page {
            let sequence = change.sequence;
            if self.wants(&change) {
                if let Err(reason) = self.post(&kept.secret, &change).await {
                    return self.failed(kept, reason).await;
                }
                (kept.failures, kept.reason) = (0, None);
            }
            kept.cursor = sequence;
            if !self.keep(&kept).await {
                return true;
            }
            let lag = self.feed.position().0.saturating_sub(sequence);
            self.telemetry.webhook(&self.name.to_string(), Some(lag));
        }
        true
    }

    fn wants(&self, change: &Change) -> bool {
        let types = &self.hook.types;
        let prefix = self.hook.subject_prefix.as_deref();
        let is_about = |prefix: &str| {
            change.subject.as_ref().is_some_and(|it| it.to_string().starts_with(prefix))
        };
        // No webhook is told where another leads.
        !is_about_webhooks(&change.kind)
            && (types.is_empty() || types.contains(&change.kind))
            && prefix.is_none_or(is_about)
    }

    /// One attempt; why it has failed.
    async fn post(&self, secret: &str, change: &Change) -> Result<(), String> {
        let body = serde_json::to_vec(&Change { who: None, why: None, ..change.clone() });
        let body = Bytes::from(body.map_err(|error| error.to_string())?);
        // Looked at again: what may be told can have changed since it was set.
        let url = guard::look(&self.hook.url, self.inner.settings.reach)
            .map_err(|error| format!("the url {error}"))?;
        let now = Timestamp::now().as_second();
        let request = self
            .inner
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(EVENT, change.sequence)
            .header(TIMESTAMP, now)
            .header(SIGNATURE, signature(secret, now, &body))
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("it answered {}", response.status())),
            Err(error) => Err(chain(&error.without_url())),
        }
    }

    async fn failed(&self, mut kept: Kept, reason: String) -> bool {
        kept.failures = kept.failures.saturating_add(1);
        kept.dead = kept.failures >= self.inner.settings.attempts;
        let (name, failures, dead) = (self.name.to_string(), kept.failures, kept.dead);
        tracing::warn!(webhook = name, failures, dead, reason, "a webhook does not take a change");
        let doublings = kept.failures.saturating_sub(1).min(16);
        kept.reason = Some(reason);
        if !self.keep(&kept).await {
            return true;
        }
        if kept.dead {
            return false;
        }
        time::sleep(PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)).await;
        true
    }

    fn kept(&self) -> Result<Option<Kept>, rusqlite::Error> {
        task::block_in_place(|| self.inner.store.find(&self.name))
    }

    /// Whether it was kept. Where it was not, the change is told again, as it may be at any time. Where the webhook was
    /// set again meanwhile, what it was set to holds.
    async fn keep(&self, kept: &Kept) -> bool {
        match task::block_in_place(|| self.inner.store.progress(&self.name, kept)) {
            Ok(kept) => kept,
            Err(error) => {
                complain(&self.name, &error);
                time::sleep(REST).await;
                false
            }
        }
    }
}

fn complain(name: &WebhookName, error: &(dyn Error + 'static)) {
    tracing::error!(webhook = %name, error, "a webhook rests");
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let (mut line, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
