//! The feed: what happened after a place, at once or as soon as something does.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use stele_api::{
    change::{Change, Changes},
    text::JsonText,
};
use tokio::{sync::watch, task, time};

use crate::{
    failure::Failure,
    log::{Log, LogError, Position, Recorded},
};

/// The most changes in one answer.
pub const PAGE: usize = 500;

/// What happened in the registry. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    log: Arc<Mutex<Box<dyn Log>>>,
    position: watch::Receiver<Position>,
    stopping: watch::Receiver<bool>,
}

impl Feed {
    /// Reads from a log whose end `position` tells. Nobody waits any longer once `stopping` says so.
    pub fn new(
        log: Box<dyn Log>,
        position: watch::Receiver<Position>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Feed { log: Arc::new(Mutex::new(log)), position, stopping }
    }

    /// What happened after a place; where nothing has, waits that long for something to happen.
    pub async fn after(
        &self,
        after: Position,
        limit: usize,
        wait: Duration,
    ) -> Result<Changes, Failure> {
        let (mut position, mut stopping) = (self.position.clone(), self.stopping.clone());
        let happened = async {
            tokio::select! {
                // Both end with an error when the registry goes down, and then there is nothing to wait for.
                _ = position.wait_for(|end| *end > after) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        };
        // Running out of time is an answer: nothing happened.
        let _ = time::timeout(wait, happened).await;
        if *self.position.borrow() <= after {
            return Ok(Changes { changes: Vec::new(), next: after.0 });
        }
        let log = Arc::clone(&self.log);
        let page = task::spawn_blocking(move || {
            log.lock().unwrap_or_else(PoisonError::into_inner).read(after, limit)
        });
        let page = page.await.map_err(|_| Failure::Broken)?;
        let changes = page
            .and_then(|page| page.iter().map(change).collect::<Result<Vec<_>, _>>())
            .map_err(|error| Failure::Log(Arc::new(error)))?;
        let next = changes.last().map_or(after.0, |change| change.sequence);
        Ok(Changes { changes, next })
    }
}

fn change(recorded: &Recorded) -> Result<Change, LogError> {
    let data =
        recorded.event.to_json().and_then(JsonText::new).map_err(|cause| LogError::Event {
            sequence: recorded.sequence,
            kind: recorded.event.kind().to_owned(),
            cause: cause.into(),
        })?;
    Ok(Change {
        sequence: recorded.sequence.0,
        time: recorded.time.to_string(),
        kind: recorded.event.kind().to_owned(),
        subject: recorded.event.subject().cloned(),
        data,
    })
}
