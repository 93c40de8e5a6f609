//! Who puts a job on the server and hears what comes of it.

use crate::connect::{Access, NotConnected, Server, connect};
use crate::limits::{ABSENT, KEEPS, PAUSE, REACH, RESULTS_AT_A_TIME, UNCONFIRMED};
use crate::names::{self, Build};
use crate::queue::Queue;
use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::context::PublishAckFuture;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A bundle and the shards that it is for.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name: equal for equal jobs, letters and digits.
    pub id: String,
    /// Who may run it.
    pub build: Build,
    /// What every worker needs.
    pub bundle: Vec<u8>,
    /// What is to be done.
    pub shards: Vec<Shard>,
    /// How often a shard may be taken without a result before it is given up.
    pub tries: u32,
}

/// A piece of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number in the job.
    pub number: u64,
    /// How to run it by hand.
    pub command: String,
}

/// What a coordinator hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A result; the same shard may have another, later or earlier.
    Result {
        /// The shard's number.
        number: u64,
        /// What its worker says.
        bytes: Vec<u8>,
    },
    /// A shard that was given up.
    Dead {
        /// The shard's number.
        number: u64,
        /// Why.
        why: String,
    },
    /// Who is there, now and then.
    Workers(Vec<WorkerState>),
    /// The server is not to be reached for the moment, or something of it failed and is tried again.
    Trouble(String),
}

/// A worker, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerState {
    /// Its name.
    pub name: String,
    /// Its build, as in [`Build::as_str`].
    pub build: String,
    /// Shards that it can run at a time.
    pub slots: usize,
    /// Shards that it runs.
    pub running: usize,
    /// Shards that it has run.
    pub done: u64,
}

/// A job on the server. Dropped without [`Coordinator::finish`], it leaves everything there: workers go on, and results wait.
pub struct Coordinator {
    events: Receiver<Event>,
    orders: mpsc::UnboundedSender<Vec<Shard>>,
    stop: Option<oneshot::Sender<Ending>>,
    thread: Option<JoinHandle<()>>,
}

/// What becomes of what is on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It goes.
    Remove,
    /// Shards go, so that nobody runs them in vain; results that are under way wait for the next time.
    Suspend,
}

impl Coordinator {
    /// Puts a job on the server, which has all of it when this returns.
    ///
    /// # Errors
    /// The server cannot be reached, does not let us in, or has no JetStream.
    pub fn start(server: &Server, access: &Access, mut job: Job) -> Result<Self, String> {
        let (events, heard) = channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let shards = std::mem::take(&mut job.shards);
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = channel();
        let (server, access) = (server.clone(), access.clone());
        let thread = std::thread::Builder::new().name("cluster".to_owned()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error.to_string()))),
            };
            runtime.block_on(async {
                match Desk::open(&server, &access, job, events).await {
                    Ok(desk) => {
                        publish(&desk.queue, &desk.job, shards, 0, &desk.events).await;
                        let _ = ready.send(Ok(()));
                        desk.run(ordered, stopped).await;
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            });
        });
        let thread = thread.map_err(|error| error.to_string())?;
        let opened = is_ready.recv().unwrap_or_else(|_| Err("the cluster's thread has ended".to_owned()));
        opened.map(|()| Self { events: heard, orders, stop: Some(stop), thread: Some(thread) })
    }

    /// What was heard next; `None` if nothing is for so long.
    ///
    /// # Errors
    /// The connection is over for good.
    pub fn next(&self, at_most: Duration) -> Result<Option<Event>, String> {
        match self.events.recv_timeout(at_most) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("the connection to the server is over".to_owned()),
        }
    }

    /// These shards have no result that is of use, and nothing was heard for long: has them run once more, unless the server
    /// still has shards or results of the job to give. A server that was killed can have lost track of what was taken then.
    pub fn miss(&self, shards: Vec<Shard>) {
        // A thread that has ended is told by `next`.
        let _ = self.orders.send(shards);
    }

    /// The job is done: takes it off the server.
    pub fn finish(mut self) {
        self.end(Ending::Remove);
    }

    /// The job goes on another time: what is not begun is not begun, and results of the rest wait.
    pub fn suspend(mut self) {
        self.end(Ending::Suspend);
    }

    fn end(&mut self, ending: Ending) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(ending);
        }
        if let Some(thread) = self.thread.take() {
            // One that failed has nothing more to say.
            let _ = thread.join();
        }
    }
}

/// The coordinator's side of the connection.
struct Desk {
    queue: Queue,
    job: Job,
    events: Sender<Event>,
    presence: async_nats::Subscriber,
    results: PullConsumer,
    dead: PullConsumer,
}

impl Desk {
    async fn open(server: &Server, access: &Access, job: Job, events: Sender<Event>) -> Result<Self, String> {
        let client = connect(server, access, "coordinator").await.map_err(NotConnected::into_text)?;
        let said = |error: String| format!("{}: {error}", server.shown());
        let queue = Queue::new(client.clone());
        reach(&queue).await.map_err(said)?;
        queue.prepare(&job.build, &job.id, &job.bundle).await.map_err(said)?;
        let presence = client.subscribe(names::PRESENCE).await.map_err(|error| said(error.to_string()))?;
        let results = queue.results(&job.id).await.map_err(said)?;
        let dead = queue.dead(&job.id).await.map_err(said)?;
        Ok(Self { queue, job, events, presence, results, dead })
    }

    async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Vec<Shard>>,
        stopped: oneshot::Receiver<Ending>,
    ) {
        let ending = {
            let work = async {
                tokio::join!(
                    publish_missed(&self.queue, &self.job, &mut orders, &self.events),
                    hear(&self.results, &self.events, result),
                    hear(&self.dead, &self.events, dead_letter),
                    watch(&mut self.presence, &self.events),
                )
            };
            tokio::select! {
                _ = work => Ending::Suspend,
                ending = stopped => match ending {
                    Ok(ending) => ending,
                    // Dropped: everything stays.
                    Err(_) => return,
                },
            }
        };
        match ending {
            Ending::Remove => self.queue.remove(&self.job.build, &self.job.id).await,
            Ending::Suspend => self.queue.drop_shards(&self.job.build, &self.job.id).await,
        }
    }
}

/// JetStream comes up a little after its server.
async fn reach(queue: &Queue) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let there = queue.is_there().await;
        if there.is_ok() || began.elapsed() > REACH {
            return there.map_err(|error| format!("no JetStream: {error}"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Puts shards that are missed into the queue again.
async fn publish_missed(
    queue: &Queue,
    job: &Job,
    orders: &mut mpsc::UnboundedReceiver<Vec<Shard>>,
    events: &Sender<Event>,
) {
    let mut round = 1;
    while let Some(shards) = orders.recv().await {
        if queue.has_nothing_to_give(&job.build, &job.id).await == Ok(true) {
            publish(queue, job, shards, round, events).await;
            round += 1;
        }
    }
}

/// Puts every shard into the queue; what the server does not confirm is put there again, and it knows it by its name.
async fn publish(queue: &Queue, job: &Job, shards: Vec<Shard>, round: u32, events: &Sender<Event>) {
    let mut waiting: VecDeque<Shard> = shards.into();
    let mut unconfirmed: VecDeque<(Shard, PublishAckFuture)> = VecDeque::new();
    loop {
        while unconfirmed.len() < UNCONFIRMED
            && let Some(shard) = waiting.pop_front()
        {
            let mut headers = HeaderMap::new();
            headers.insert(NATS_MESSAGE_ID, format!("{}-{round}-{}", job.id, shard.number));
            headers.insert(names::TRIES, job.tries.to_string());
            let subject = names::shard(&job.build, &job.id, shard.number);
            let command = shard.command.clone().into();
            match queue.context.publish_with_headers(subject, headers, command).await {
                Ok(confirmation) => unconfirmed.push_back((shard, confirmation)),
                Err(error) => {
                    let _ = events.send(Event::Trouble(error.to_string()));
                    waiting.push_front(shard);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        let Some((shard, confirmation)) = unconfirmed.pop_front() else { break };
        if let Err(error) = confirmation.await {
            let _ = events.send(Event::Trouble(error.to_string()));
            waiting.push_back(shard);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Hands on what comes, whatever happens to the server in between.
async fn hear(consumer: &PullConsumer, events: &Sender<Event>, read: fn(u64, &[u8]) -> Event) {
    loop {
        let stream = consumer.stream().max_messages_per_batch(RESULTS_AT_A_TIME);
        let opened = stream.heartbeat(ABSENT / 2).expires(ABSENT * 2).messages().await;
        let mut messages = match opened {
            Ok(messages) => messages,
            Err(error) => {
                let _ = events.send(Event::Trouble(error.to_string()));
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        while let Some(message) = messages.next().await {
            // A server that is silent is asked anew.
            let Ok(message) = message else { break };
            if let Some((_, number)) = names::job_and_number(&message.subject)
                && events.send(read(number, &message.payload)).is_err()
            {
                return;
            }
            // One that comes again is counted once.
            let _ = message.ack().await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn result(number: u64, bytes: &[u8]) -> Event {
    Event::Result { number, bytes: bytes.to_vec() }
}

fn dead_letter(number: u64, bytes: &[u8]) -> Event {
    let letter: Option<DeadLetter> = serde_json::from_slice(bytes).ok();
    let why = letter.map_or_else(|| "given up".to_owned(), |letter| letter.why);
    Event::Dead { number, why }
}

/// A shard that was given up, as it lies on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    /// The command that runs it by hand.
    pub(crate) command: String,
    /// How often it was taken.
    pub(crate) taken: i64,
    /// Why it was given up.
    pub(crate) why: String,
}

/// Tells who is there, as often as anybody says so.
async fn watch(presence: &mut async_nats::Subscriber, events: &Sender<Event>) {
    let mut workers: BTreeMap<String, (Instant, WorkerState)> = BTreeMap::new();
    loop {
        match tokio::time::timeout(ABSENT, presence.next()).await {
            Ok(Some(message)) => {
                if let Ok(state) = serde_json::from_slice::<WorkerState>(&message.payload) {
                    workers.insert(state.name.clone(), (Instant::now(), state));
                }
            }
            Ok(None) => return tokio::time::sleep(KEEPS).await,
            Err(_) => {}
        }
        workers.retain(|_, (seen, _)| seen.elapsed() < ABSENT);
        let all = workers.values().map(|(_, state)| state.clone()).collect();
        if events.send(Event::Workers(all)).is_err() {
            return;
        }
    }
}
