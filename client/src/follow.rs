//! A follower sees everything that happens in a registry from a place on, each change once and in order, however often
//! the connection breaks.
//!
//! It takes the feed as a stream. Where something in between holds streams back, or the registry knows none, it asks
//! again and again instead, and waits for the answer.

use std::{collections::VecDeque, future::Future, pin::Pin, time::Duration};

use reqwest::{Method, Response, StatusCode, header};
use stele_api::{
    change::{self, Change, Changes},
    path::native,
};
use tokio::time::{self, Instant};

use crate::{
    Client, ClientError, chain,
    sse::{Event, Reader},
};

/// How long a stream may say nothing: three of the registry's heartbeats.
const SILENCE: Duration = Duration::from_secs(45);

/// How long the answer to a request for a stream may take, and its first bytes.
const OPENING: Duration = Duration::from_secs(10);

/// How long one request waits for something to happen where there is no stream.
const POLL: Duration = Duration::from_secs(25);

/// The least time between two requests that brought nothing.
const BETWEEN: Duration = Duration::from_secs(1);

/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Follows what happens in a registry. Made by [`Client::follow`].
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = stele_client::Client::new("http://127.0.0.1:8081")?;
/// let mut follower = client.follow(0);
/// loop {
///     let change = follower.next().await?;
///     println!("{} {}", change.sequence, change.kind);
/// }
/// # }
/// ```
pub struct Follower {
    client: Client,
    position: u64,
    way: Way,
    held: VecDeque<Change>,
    failures: u32,
    /// Whether anything was ever heard.
    has_heard: bool,
    not_before: Option<Instant>,
}

/// A request that is under way. It is kept between two calls of [`Follower::next`]: whoever asks with a timeout shorter
/// than the registry takes to answer would otherwise begin it anew each time, and never hear.
type Pending<T> = Pin<Box<dyn Future<Output = Result<T, ClientError>> + Send>>;

/// How the next change is come by.
enum Way {
    /// By a stream that is to be opened.
    Closed,
    /// By a stream that is being opened.
    Opening(Pending<Option<Stream>>),
    /// By this stream.
    Open(Box<Stream>),
    /// By asking again and again.
    Poll,
    /// By the answer to this question, asked at this moment.
    Asking(Instant, Pending<Changes>),
}

struct Stream {
    response: Response,
    reader: Reader,
    /// When it was opened, or last said anything.
    last: Instant,
    /// Whether it has ever said anything.
    heard: bool,
}

/// What a stream comes to.
enum Told {
    Change(Change),
    End(String),
    Unreadable(serde_json::Error),
    /// The answer is there, and it does not come through.
    HeldBack,
}

impl Client {
    /// Follows what happens after a place in the order: 0 for everything, else the sequence number of the last change
    /// that is known.
    pub fn follow(&self, after: u64) -> Follower {
        Follower {
            client: self.clone(),
            position: after,
            way: Way::Closed,
            held: VecDeque::new(),
            failures: 0,
            has_heard: false,
            not_before: None,
        }
    }
}

impl Follower {
    /// The next change. Waits for as long as it takes: where the connection breaks or the registry is gone, it connects
    /// again, with pauses, and goes on where it was.
    ///
    /// An error is something that trying again does not mend, such as a token that is not taken, or a registry that has
    /// never come as far as this follower (`position_unknown`). Nothing is lost where the future is dropped before it
    /// is done, and a request that is under way stays under way, so it may stand in a `select!` or under a timeout
    /// however short.
    pub async fn next(&mut self) -> Result<Change, ClientError> {
        loop {
            if let Some(change) = self.held.pop_front() {
                // Never twice, whatever a registry or a proxy does.
                if change.sequence <= self.position {
                    continue;
                }
                self.position = change.sequence;
                return Ok(change);
            }
            if let Some(pause) = self.not_before {
                time::sleep_until(pause).await;
                self.not_before = None;
            }
            match &mut self.way {
                Way::Closed => self.way = Way::Opening(self.opening()),
                Way::Opening(opening) => match opening.await {
                    Ok(Some(stream)) => self.way = Way::Open(Box::new(stream)),
                    Ok(None) => self.way = Way::Poll,
                    Err(error) => self.failed(Way::Closed, error)?,
                },
                Way::Open(stream) => match stream.told().await {
                    Told::Change(change) => {
                        (self.failures, self.has_heard) = (0, true);
                        self.held.push_back(change);
                    }
                    Told::End(why) => {
                        self.has_heard |= stream.heard;
                        self.way = Way::Closed;
                        self.pause(&why);
                    }
                    Told::Unreadable(cause) => {
                        self.way = Way::Closed;
                        let url = native::stream(self.position);
                        return Err(ClientError::Unexpected { url, status: StatusCode::OK, cause });
                    }
                    Told::HeldBack => {
                        tracing::info!("streams are held back on the way: asking again and again");
                        self.way = Way::Poll;
                    }
                },
                Way::Poll => self.way = Way::Asking(Instant::now(), self.asking()),
                Way::Asking(asked, asking) => {
                    let asked = *asked;
                    match asking.await {
                        Ok(page) => {
                            (self.failures, self.has_heard) = (0, true);
                            self.held = page.changes.into();
                            if self.held.is_empty() {
                                // What lies between is not for this follower.
                                self.position = self.position.max(page.next);
                            }
                            // Whoever does not wait when asked to is not asked again at once.
                            self.not_before =
                                Some(asked + BETWEEN).filter(|_| self.held.is_empty());
                            self.way = Way::Poll;
                        }
                        Err(error) => self.failed(Way::Poll, error)?,
                    }
                }
            }
        }
    }

    fn opening(&self) -> Pending<Option<Stream>> {
        let (client, after) = (self.client.clone(), self.position);
        Box::pin(async move { client.stream(after).await })
    }

    fn asking(&self) -> Pending<Changes> {
        let (client, after) = (self.client.clone(), self.position);
        // The first answer comes at once: it tells that there is somebody.
        let wait = if self.has_heard { POLL } else { Duration::ZERO };
        Box::pin(async move { client.changes(after, wait).await })
    }

    /// The sequence number of the last change that was given out, or the place it started at.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether nothing was heard from the registry yet, or the last attempt came to nothing: what is known may be out of
    /// date.
    pub fn is_cut_off(&self) -> bool {
        match &self.way {
            Way::Open(stream) => !stream.heard,
            Way::Closed | Way::Opening(_) | Way::Poll | Way::Asking(..) => {
                !self.has_heard || self.failures > 0
            }
        }
    }

    /// A request failed; `way` is how it goes on.
    fn failed(&mut self, way: Way, error: ClientError) -> Result<(), ClientError> {
        self.way = way;
        match &error {
            ClientError::Problem(problem) if !may_pass(problem.status) => Err(error),
            ClientError::Address { .. } | ClientError::Setup { .. } => Err(error),
            other => {
                self.pause(&other.chain());
                Ok(())
            }
        }
    }

    fn pause(&mut self, why: &str) {
        let pause = PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(Instant::now() + pause);
        tracing::debug!(why, after = self.position, ?pause, "the feed is broken off");
    }
}

/// Whether a refusal may be gone a little later.
fn may_pass(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 425 | 429)
}

impl Client {
    /// Opens the feed as a stream; `None` where the answer is a page, as from a registry that knows no streams.
    async fn stream(&self, after: u64) -> Result<Option<Stream>, ClientError> {
        let path = native::stream(after);
        let request = self
            .request_without_end(Method::GET, &path)?
            .header(header::ACCEPT, change::STREAM)
            .header(change::LAST_EVENT_ID, after);
        let response = match time::timeout(OPENING, request.send()).await {
            Ok(response) => response.map_err(|cause| self.unreachable(cause))?,
            // Something waits for the end of an answer that has none.
            Err(_) => return Ok(None),
        };
        if !response.status().is_success() {
            let status = response.status();
            return Err(self.refused(&path, status, response).await);
        }
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let is_stream = media_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with(change::STREAM));
        let stream =
            Stream { response, reader: Reader::default(), last: Instant::now(), heard: false };
        Ok(is_stream.then_some(stream))
    }
}

impl Stream {
    async fn told(&mut self) -> Told {
        loop {
            match self.reader.next() {
                Ok(Some(event)) => return told(&event),
                Ok(None) => {}
                Err(error) => return Told::End(error.to_string()),
            }
            let patience = if self.heard { SILENCE } else { OPENING };
            let piece = match time::timeout_at(self.last + patience, self.response.chunk()).await {
                Err(_) if self.heard => return Told::End("nothing was heard for long".to_owned()),
                Err(_) => return Told::HeldBack,
                Ok(Err(error)) => return Told::End(chain(&error.without_url())),
                Ok(Ok(None)) => return Told::End("the registry ended the stream".to_owned()),
                Ok(Ok(Some(piece))) => piece,
            };
            (self.heard, self.last) = (true, Instant::now());
            if let Err(error) = self.reader.push(&piece) {
                return Told::End(error.to_string());
            }
        }
    }
}

fn told(event: &Event) -> Told {
    if event.name == change::PROBLEM {
        return Told::End(event.data.clone());
    }
    match serde_json::from_str(&event.data) {
        Ok(change) => Told::Change(change),
        Err(error) => Told::Unreadable(error),
    }
}
