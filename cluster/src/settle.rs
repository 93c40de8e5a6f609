//! How a shard that was taken ends: its result is kept, it goes back, or it is given up.

use crate::coordinator::DeadLetter;
use crate::limits::PAUSE;
use crate::names;
use crate::queue::Queue;
use crate::worker::Told;
use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::{AckKind, Message};

/// A shard that was taken.
pub(crate) struct Held {
    message: Message,
    pub(crate) job: String,
    pub(crate) number: u64,
    /// How often it was taken, this time included.
    pub(crate) taken: i64,
    /// How often it may be.
    tries: i64,
    /// By what the server knows this taking of it.
    place: u64,
}

impl Held {
    /// `None` if it is no shard at all.
    pub(crate) fn of(message: Message) -> Option<Self> {
        let (job, number) = names::job_and_number(&message.subject)?;
        let (job, info) = (job.to_owned(), message.info().ok()?);
        let (taken, place) = (info.delivered, info.stream_sequence);
        let tries = message.headers.as_ref().and_then(|headers| headers.get(names::TRIES));
        let tries = tries.and_then(|tries| tries.as_str().parse().ok()).unwrap_or(1);
        Some(Self { job, number, taken, tries, place, message })
    }

    pub(crate) const fn is_taken_too_often(&self) -> bool {
        self.taken > self.tries
    }

    /// The command that runs it by hand.
    pub(crate) fn command(&self) -> String {
        String::from_utf8_lossy(&self.message.payload).into_owned()
    }

    /// Tells the server what becomes of it; what does not get there shows as silence.
    pub(crate) async fn say(&self, kind: AckKind) {
        let _ = self.message.ack_with(kind).await;
    }

    /// Takes it off the queue without a result.
    pub(crate) async fn forget(&self) {
        self.say(AckKind::Term).await;
    }
}

/// Lets another worker have it.
pub(crate) async fn give_back(held: &Held) {
    held.say(AckKind::Nak(None)).await;
}

/// Keeps its result, then takes it off the queue. The server may be away for a while. A job that is gone from the server wants
/// no result; one that only seems so, while the server starts, has the shard run again.
pub(crate) async fn settle(queue: &Queue, held: &Held, bytes: Vec<u8>, most: usize, tell: &dyn Fn(Told)) {
    if bytes.len() > most {
        let why = format!("its result has {} bytes, and the server takes {most}", bytes.len());
        let letter = DeadLetter { command: held.command(), taken: held.taken, why };
        return give_up(queue, held, letter).await;
    }
    let subject = names::result(&held.job, held.number);
    if put(queue, subject, &held.name(), bytes, tell).await == Put::Kept {
        held.say(AckKind::Ack).await;
    }
}

/// Puts it among the dead letters, then takes it off the queue.
pub(crate) async fn give_up(queue: &Queue, held: &Held, letter: DeadLetter) {
    let Ok(bytes) = serde_json::to_vec(&letter) else { return };
    let subject = names::dead(&held.job, held.number);
    if put(queue, subject, &held.name(), bytes, &|_| {}).await == Put::Kept {
        held.say(AckKind::Ack).await;
    }
}

/// What became of something that was put on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    /// The server has it.
    Kept,
    /// The server has no place for it.
    Nowhere,
}

impl Held {
    /// The same each time that the same is put on the server again.
    fn name(&self) -> String {
        format!("{}-{}-{}-{}", self.job, self.number, self.place, self.taken)
    }
}

/// Until the server says that it has it, or that nobody wants it.
async fn put(queue: &Queue, subject: String, name: &str, bytes: Vec<u8>, tell: &dyn Fn(Told)) -> Put {
    loop {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, name);
        let put = queue.context.publish_with_headers(subject.clone(), headers, bytes.clone().into()).await;
        let error = match put {
            Ok(confirmation) => match confirmation.await {
                Ok(_) => return Put::Kept,
                Err(error) if error.kind() == PublishErrorKind::StreamNotFound => return Put::Nowhere,
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        tell(Told::Trouble(error));
        tokio::time::sleep(PAUSE).await;
    }
}
