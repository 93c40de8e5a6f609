//! One load from several generators, as a generator sees it.

use crate::connect::{Access, Server};
use crate::generators::{Brought, GeneratorState, unix_ns};
use crate::limits::{LONGEST_CUE, PRESENCE};
use crate::names::{self, Build};
use crate::worker::{Told, knock};
use async_nats::{Client, Message};
use crossbeam::channel::{Receiver, Sender, bounded};
use futures_util::StreamExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;

/// Time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Does a part of a load: gets ready, says so, begins when its cue says, and brings what it has measured.
pub type Part<'a> = &'a (dyn Fn(&[u8], &Cue) -> Brought + Sync);

/// When a part begins, and whether it is to end early.
pub struct Cue {
    ready: mpsc::UnboundedSender<Event>,
    begins: Receiver<i64>,
    stop: Arc<AtomicBool>,
    since: Instant,
}

impl Cue {
    /// Everything is prepared.
    pub fn ready(&self) {
        // Its other end lives as long as the part.
        let _ = self.ready.send(Event::Ready);
    }

    /// When to begin; `None` while nobody has said so.
    ///
    /// # Errors
    /// Nobody is going to say so.
    pub fn begins(&self) -> Result<Option<Instant>, String> {
        match self.begins.try_recv() {
            Ok(at) => {
                let (now, wall) = (Instant::now(), unix_ns(SystemTime::now()));
                Ok(Some(now + Duration::from_nanos(u64::try_from(at - wall).unwrap_or(0))))
            }
            Err(_) if self.since.elapsed() > LONGEST_CUE => Err("nobody says when to begin".to_owned()),
            Err(_) => Ok(None),
        }
    }

    /// Set when the part is to end early.
    #[must_use]
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }
}

enum Event {
    Ready,
    Ended(Brought),
}

/// A part that is being done.
struct Doing {
    inbox: String,
    begins: Sender<i64>,
    stop: Arc<AtomicBool>,
}

/// Places parts of loads, one at a time, until `interrupted` is set; how many it has placed. It waits for the server as long as
/// it takes.
///
/// # Errors
/// The server does not let us in.
pub fn attend(
    server: &Server,
    access: &Access,
    (name, build): (&str, &Build),
    part: Part<'_>,
    interrupted: &AtomicBool,
    tell: &dyn Fn(Told),
) -> Result<u64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    std::thread::scope(|scope| {
        runtime.block_on(async {
            let Some(client) = knock(server, access, name, interrupted, tell).await? else { return Ok(0) };
            let address = format!("{}.{}", names::GENERATORS, client.new_inbox().replace('.', "-"));
            let asked = client.subscribe(format!("{address}.*")).await;
            let mut asked = asked.map_err(|error| format!("{}: {error}", server.shown()))?;
            tell(Told::Ready);
            let (events, mut heard) = mpsc::unbounded_channel();
            let mut presence = tokio::time::interval(PRESENCE);
            let mut look = tokio::time::interval(LOOK);
            let (mut doing, mut done): (Option<Doing>, u64) = (None, 0);
            loop {
                tokio::select! {
                    Some(message) = asked.next() => match verb(&message) {
                        names::TAKE => {
                            let answer = if doing.is_some() { "busy" } else { "" };
                            if doing.is_none() {
                                let (next, cue) = begin(&message, &events);
                                doing = Some(next);
                                let (payload, events) = (message.payload.clone(), events.clone());
                                scope.spawn(move || {
                                    let brought = part(&payload, &cue);
                                    // Its other end lives as long as the part.
                                    let _ = events.send(Event::Ended(brought));
                                });
                            }
                            reply(&client, &message, answer.to_owned()).await;
                        }
                        names::CLOCK => reply(&client, &message, unix_ns(SystemTime::now()).to_string()).await,
                        names::START => {
                            let at = std::str::from_utf8(&message.payload).ok().and_then(|at| at.parse().ok());
                            if let (Some(doing), Some(at)) = (&doing, at) {
                                // Once is enough.
                                let _ = doing.begins.try_send(at);
                            }
                            reply(&client, &message, String::new()).await;
                        }
                        names::STOP => end(doing.as_ref()),
                        _ => {}
                    },
                    Some(event) = heard.recv() => {
                        let Some(inbox) = doing.as_ref().map(|doing| doing.inbox.clone()) else { continue };
                        let (verb, payload) = match event {
                            Event::Ready => (names::READY, Vec::new()),
                            Event::Ended(brought) => {
                                (doing, done) = (None, done + 1);
                                match brought {
                                    Ok(bytes) => (names::DONE, bytes),
                                    Err(why) => {
                                        tell(Told::Trouble(why.clone()));
                                        (names::FAILED, why.into_bytes())
                                    }
                                }
                            }
                        };
                        // Who is gone hears nothing.
                        let _ = client.publish(format!("{inbox}.{verb}"), payload.into()).await;
                        let _ = client.flush().await;
                    }
                    _ = presence.tick() => present(&client, (name, build), &address, doing.is_some()).await,
                    _ = look.tick() => {
                        if interrupted.load(Ordering::Relaxed) {
                            end(doing.as_ref());
                            if doing.is_none() {
                                return Ok(done);
                            }
                        }
                    }
                }
            }
        })
    })
}

fn verb(message: &Message) -> &str {
    message.subject.rsplit_once('.').map_or("", |(_, verb)| verb)
}

fn begin(message: &Message, events: &mpsc::UnboundedSender<Event>) -> (Doing, Cue) {
    let inbox = message.headers.as_ref().and_then(|headers| headers.get(names::INBOX));
    let inbox = inbox.map_or_else(String::new, |inbox| inbox.as_str().to_owned());
    let (say, begins) = bounded(1);
    let stop = Arc::new(AtomicBool::new(false));
    let cue = Cue { ready: events.clone(), begins, stop: Arc::clone(&stop), since: Instant::now() };
    (Doing { inbox, begins: say, stop }, cue)
}

fn end(doing: Option<&Doing>) {
    if let Some(doing) = doing {
        doing.stop.store(true, Ordering::Relaxed);
    }
}

async fn reply(client: &Client, message: &Message, text: String) {
    if let Some(reply) = &message.reply {
        // Who is gone hears nothing.
        let _ = client.publish(reply.clone(), text.into()).await;
        let _ = client.flush().await;
    }
}

async fn present(client: &Client, (name, build): (&str, &Build), address: &str, busy: bool) {
    let (name, build) = (name.to_owned(), build.as_str().to_owned());
    let state = GeneratorState { name, build, address: address.to_owned(), busy };
    if let Ok(payload) = serde_json::to_vec(&state) {
        // Nobody may be listening.
        let _ = client.publish(names::GENERATORS, payload.into()).await;
    }
}
