//! The feed: what happened after a place, at once or as soon as something does.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use stele_api::{
    change::{Change, Changes},
    text::JsonText,
};
use tokio::{
    sync::{Mutex, watch},
    task, time,
};

use crate::{
    failure::Failure,
    listening::{Listeners, Room},
    log::{Log, LogError, Position, Recorded},
};

/// The most changes in one answer.
pub const PAGE: usize = 500;

/// The most changes that a stream holds in memory; fewer where they are large.
const HELD: usize = 64;

/// What happened in the registry. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    log: Arc<Mutex<Box<dyn Log>>>,
    position: watch::Receiver<Position>,
    stopping: watch::Receiver<bool>,
    listeners: Listeners,
}

impl Feed {
    /// Reads from a log whose end `position` tells. Nobody waits any longer once `stopping` says so.
    pub fn new(
        log: Box<dyn Log>,
        position: watch::Receiver<Position>,
        stopping: watch::Receiver<bool>,
        room: Room,
    ) -> Self {
        let listeners = Listeners::new(room);
        Feed { log: Arc::new(Mutex::new(log)), position, stopping, listeners }
    }

    /// The place of the last event that was published.
    pub fn position(&self) -> Position {
        *self.position.borrow()
    }

    /// What happened after a place; where nothing has, waits that long for something to happen.
    pub async fn after(
        &self,
        after: Position,
        limit: usize,
        wait: Duration,
        who: Option<&str>,
    ) -> Result<Changes, Failure> {
        self.reached(after)?;
        let _place = self.listeners.enter(who, None)?;
        // Running out of time is an answer: nothing happened.
        let _ = time::timeout(wait, self.grown(after)).await;
        let changes = self.page(after, limit).await?;
        let next = changes.last().map_or(after.0, |change| change.sequence);
        Ok(Changes { changes, next })
    }

    /// What happens after a place, for as long as somebody listens. It ends when the registry stops, and after a failure.
    ///
    /// A page is read when the one before it was taken, so that a slow listener costs no memory.
    pub fn follow(
        &self,
        after: Position,
        who: Option<&str>,
    ) -> Result<impl Stream<Item = Result<Change, Failure>> + Send + use<>, Failure> {
        self.reached(after)?;
        let listener = self.listeners.enter(who, Some(after))?;
        let start = Some((self.clone(), after, VecDeque::new(), listener));
        Ok(stream::unfold(start, |state| async move {
            let (feed, after, mut held, listener) = state?;
            while held.is_empty() {
                feed.grown(after).await;
                if feed.is_stopping() {
                    return None;
                }
                match feed.page(after, HELD).await {
                    Ok(page) => held = page.into(),
                    Err(failure) => return Some((Err(failure), None)),
                }
            }
            let change: Change = held.pop_front()?;
            let after = Position(change.sequence);
            listener.reached(after);
            Some((Ok(change), Some((feed, after, held, listener))))
        }))
    }

    /// How many listen, and how many events the slowest of them is behind.
    pub fn listeners(&self) -> (usize, u64) {
        self.listeners.behind(self.position())
    }

    /// Whether the registry goes down.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Refuses a place that is still to come: whoever names it has followed another registry, or this one before it was
    /// set back.
    fn reached(&self, place: Position) -> Result<(), Failure> {
        let end = self.position();
        if place > end {
            return Err(Failure::PositionUnknown { place, end });
        }
        Ok(())
    }

    /// Waits until something has happened after a place, or the registry goes down.
    async fn grown(&self, after: Position) {
        let (mut position, mut stopping) = (self.position.clone(), self.stopping.clone());
        tokio::select! {
            // Both end with an error when the registry goes down, and then there is nothing to wait for.
            _ = position.wait_for(|end| *end > after) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    /// The changes after a place, as soon as there are some; none once the registry stops.
    pub async fn next_page(&self, after: Position, limit: usize) -> Result<Vec<Change>, Failure> {
        self.grown(after).await;
        if self.is_stopping() { Ok(Vec::new()) } else { self.page(after, limit).await }
    }

    /// Waits until the registry goes down.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that nobody is left to say so, which says it as well.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Change>, Failure> {
        let page = self.recorded(after, limit).await?;
        let changes = page.iter().map(change).collect::<Result<_, _>>();
        changes.map_err(|error| Failure::Log(Arc::new(error)))
    }

    /// What is recorded after a place, and published.
    pub async fn recorded(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, Failure> {
        let end = self.position();
        if end <= after {
            return Ok(Vec::new());
        }
        // What is on disk may not be published yet; who hears of it would ask for it and not find it.
        let published = usize::try_from(end.0 - after.0).unwrap_or(usize::MAX);
        let log = Arc::clone(&self.log).lock_owned().await;
        let page = task::spawn_blocking(move || whole(&**log, after, limit.min(published)));
        page.await.map_err(|_| Failure::Broken)?.map_err(|error| Failure::Log(Arc::new(error)))
    }
}

/// The events after a place that is not the end, up to where one is missing; never none.
fn whole(log: &dyn Log, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
    let mut page = log.read(after, limit)?;
    let mut expected = after.next();
    let gap = page.iter().position(|recorded| {
        let follows = recorded.sequence == expected;
        expected = expected.next();
        !follows
    });
    if let Some(gap) = gap.filter(|gap| *gap > 0) {
        page.truncate(gap);
        return Ok(page);
    }
    match (gap, page.first()) {
        (None, Some(_)) => Ok(page),
        (_, first) => {
            let expected = after.next();
            // Where there is nothing at all, what comes next is after the end.
            let found = first.map_or(expected.next(), |recorded| recorded.sequence);
            Err(LogError::Gap { expected, found })
        }
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
        version: recorded.event.version(),
        subject: recorded.event.subject().cloned(),
        who: Some(recorded.origin.who.clone()),
        why: recorded.origin.why.clone(),
        data,
    })
}
