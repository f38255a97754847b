//! An outbox carries messages to the sidecars of those who read them: in order, again and again until they are taken.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::http::StatusCode;
use stele_evolution::version::Version;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};

use super::{
    convention::{Packed, Registered, Unsendable},
    message::Message,
    plan,
    trace::{Step, Tally, What},
};

/// How long to wait after the first failure; twice as long after each further one, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(25);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// After so many attempts (about half a minute) a message is given up.
const ATTEMPTS: u32 = 40;
/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where messages leave one bounded context. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    context: &'static str,
    registered: Arc<Registered>,
    lanes: BTreeMap<&'static str, mpsc::UnboundedSender<Letter>>,
    waiting: Waiting,
    tally: Tally,
}

/// How many messages are under way, in all outboxes that share it.
pub(crate) type Waiting = watch::Sender<u32>;

/// One message on its way to one reader.
#[derive(Debug)]
struct Letter {
    message: Message,
    packed: Packed,
}

/// One way, to one reader.
struct Lane {
    context: &'static str,
    reader: &'static str,
    door: String,
    http: reqwest::Client,
    waiting: Waiting,
    tally: Tally,
}

/// What became of one attempt.
enum Attempt {
    Taken,
    /// May work later.
    Later(String),
    /// Never works.
    Never(String),
}

impl Outbox {
    /// Opens a lane from `context` to each of `doors`, the sidecars by the name of their context.
    pub fn open(
        context: &'static str,
        doors: &BTreeMap<&'static str, String>,
        http: &reqwest::Client,
        registered: Arc<Registered>,
        waiting: Waiting,
        tally: Tally,
        tasks: &mut JoinSet<()>,
    ) -> Outbox {
        let mut lanes = BTreeMap::new();
        for (reader, door) in doors {
            let (sender, letters) = mpsc::unbounded_channel();
            let lane = Lane {
                context,
                reader,
                door: door.clone(),
                http: http.clone(),
                waiting: waiting.clone(),
                tally: tally.clone(),
            };
            tasks.spawn(lane.run(letters));
            lanes.insert(*reader, sender);
        }
        Outbox { context, registered, lanes, waiting, tally }
    }

    /// Makes sure that a message can be sent at all.
    pub fn address(&self, message: &Message) -> Result<Packed, Unsendable> {
        self.registered.write(self.context, message)
    }

    /// Sends a message to everybody who reads its subject.
    pub fn send(&self, message: &Message, packed: &Packed, note: String) {
        let readers = plan::readers(&message.subject);
        self.tally.tell(&Step {
            context: self.context,
            what: What::Sent,
            subject: message.subject.clone(),
            written: message.version,
            read: None,
            order: message.order.clone(),
            to: readers.clone(),
            note,
        });
        for lane in readers.iter().filter_map(|reader| self.lanes.get(reader)) {
            let letter = Letter { message: message.clone(), packed: packed.clone() };
            self.waiting.send_modify(|waiting| *waiting += 1);
            if lane.send(letter).is_err() {
                // The lane is gone: the shop is closing.
                self.waiting.send_modify(|waiting| *waiting -= 1);
            }
        }
    }
}

impl Lane {
    async fn run(self, mut letters: mpsc::UnboundedReceiver<Letter>) {
        while let Some(letter) = letters.recv().await {
            self.deliver(&letter).await;
            self.waiting.send_modify(|waiting| *waiting -= 1);
        }
    }

    async fn deliver(&self, letter: &Letter) {
        let mut wait = FIRST_WAIT;
        for attempt in 1..=ATTEMPTS {
            match self.attempt(letter).await {
                Attempt::Taken => return,
                Attempt::Later(why) if attempt < ATTEMPTS => {
                    if attempt == 1 {
                        self.tell(What::Retried, letter, why);
                    }
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Attempt::Later(why) | Attempt::Never(why) => {
                    self.tell(What::Undelivered, letter, why);
                    return;
                }
            }
        }
    }

    async fn attempt(&self, letter: &Letter) -> Attempt {
        let request = self
            .http
            .post(&self.door)
            .timeout(PATIENCE)
            .headers(letter.packed.headers.clone())
            .body(letter.packed.body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Attempt::Later(said(&error.without_url())),
        };
        let status = response.status();
        if status.is_success() {
            return Attempt::Taken;
        }
        let why = response.text().await.unwrap_or_default();
        let why = format!("{status} {}", detail(&why));
        match status {
            StatusCode::NOT_FOUND
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_MANY_REQUESTS => Attempt::Later(why),
            status if status.is_server_error() => Attempt::Later(why),
            _ => Attempt::Never(why),
        }
    }

    fn tell(&self, what: What, letter: &Letter, note: String) {
        let Message { subject, version, order, .. } = &letter.message;
        let version: Version = *version;
        self.tally.tell(&Step {
            context: self.context,
            what,
            subject: subject.clone(),
            written: version,
            read: None,
            order: order.clone(),
            to: vec![self.reader],
            note,
        });
    }
}

/// What a problem document says, or else the answer itself.
fn detail(answer: &str) -> String {
    serde_json::from_str::<serde_json::Value>(answer)
        .ok()
        .and_then(|problem| problem.get("detail")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| answer.chars().take(200).collect())
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
