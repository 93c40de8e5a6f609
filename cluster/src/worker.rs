//! Who takes shards and runs them: threads that run, and one that speaks with the server.

use crate::connect::{Access, NotConnected, Server, connect};
use crate::coordinator::{DeadLetter, WorkerState};
use crate::limits::{ANSWER, GIVE_WAY, PAUSE, PRESENCE, REQUEST_STANDS, STILL_AT_WORK, TAKEN_PER_SLOT};
use crate::names::{self, Build};
use crate::queue::Queue;
use crate::settle::{Held, give_back, give_up, settle};
use async_nats::Client;
use async_nats::jetstream::{AckKind, Message};
use crossbeam::channel::{Receiver, Sender, unbounded};
use futures_util::StreamExt as _;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

/// Jobs that are kept open.
const MOST_OPEN: usize = 4;
/// Time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Runs one shard by its number; `None` if it was interrupted. The other is how long the cluster made the thread wait: for this
/// shard, and for the result before it to be kept; `None` for the first.
pub type Run = Box<dyn FnMut(u64, Option<Duration>) -> Option<Vec<u8>>>;
/// A job that was opened: makes the runner of a thread, on that thread.
pub type OpenJob = Box<dyn Fn() -> Run + Send + Sync>;

/// Who takes shards.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Its name, which no other worker should have.
    pub name: String,
    /// Shards that it runs at a time.
    pub slots: usize,
    /// Which shards it may run.
    pub build: Build,
}

/// What a worker has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The server is there.
    Ready,
    /// A job was opened.
    Opened(String),
    /// Something failed and is tried again.
    Trouble(String),
}

/// Takes shards and runs them on threads of their own until `interrupted` is set; how many it has run. `open` makes a job of a
/// bundle. It waits for the server as long as it takes.
///
/// # Errors
/// The server does not let us in.
pub fn serve(
    server: &Server,
    access: &Access,
    options: &WorkerOptions,
    open: &(dyn Fn(&[u8]) -> Result<OpenJob, String> + Sync),
    interrupted: &AtomicBool,
    tell: &dyn Fn(Told),
) -> Result<u64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let (tasks, taken) = unbounded();
    let (done, ended) = mpsc::unbounded_channel();
    let counts = Counts::default();
    std::thread::scope(|scope| {
        for _ in 0..options.slots.max(1) {
            let (taken, done, running) = (taken.clone(), done.clone(), &counts.running);
            scope.spawn(move || slot(&taken, &done, running));
        }
        drop(done);
        let desk = async {
            let Some(client) = knock(server, access, &options.name, interrupted, tell).await? else {
                return Ok::<(), String>(());
            };
            let Some(queue) = reach(&client, interrupted, tell).await else { return Ok(()) };
            tell(Told::Ready);
            let desk = Desk {
                client,
                queue,
                options,
                open,
                interrupted,
                tell,
                counts: &counts,
                held: Rc::default(),
                freed: Rc::default(),
                jobs: RefCell::default(),
            };
            desk.run(tasks, ended).await;
            Ok(())
        };
        tokio::task::LocalSet::new().block_on(&runtime, desk)
    })?;
    Ok(counts.done.load(Ordering::Relaxed))
}

#[derive(Default)]
struct Counts {
    running: AtomicUsize,
    done: AtomicU64,
}

/// A shard on its way to a thread.
struct Task {
    handle: u64,
    number: u64,
    job: Arc<Opened>,
}

/// A job that shards are run of.
struct Opened {
    id: String,
    open: OpenJob,
}

/// A shard that a thread has done with.
pub(crate) struct Ended {
    pub(crate) handle: u64,
    pub(crate) bytes: Option<Vec<u8>>,
    /// When it was.
    at: Instant,
    /// Where its thread looks for how long it took to keep the result, in nanoseconds.
    settled_ns: Arc<AtomicU64>,
}

fn slot(tasks: &Receiver<Task>, done: &mpsc::UnboundedSender<Ended>, running: &AtomicUsize) {
    // Of this thread alone; where it cannot be had, results are kept a little later.
    let _ = rustix::process::nice(GIVE_WAY);
    let mut latest: Option<(Arc<Opened>, Run)> = None;
    let mut free_since: Option<Instant> = None;
    let settled_ns = Arc::new(AtomicU64::new(0));
    for task in tasks {
        let waited = free_since.map(|since| since.elapsed());
        if latest.as_ref().is_none_or(|(job, _)| !Arc::ptr_eq(job, &task.job)) {
            latest = Some((Arc::clone(&task.job), (task.job.open)()));
        }
        let Some((_, run)) = &mut latest else { continue };
        running.fetch_add(1, Ordering::Relaxed);
        let settled = Duration::from_nanos(settled_ns.load(Ordering::Relaxed));
        let begun =
            catch_unwind(AssertUnwindSafe(|| run(task.number, waited.map(|waited| waited + settled))));
        // A build that unwinds treats a shard that panics as one that brings its worker down; the others go on.
        let bytes = begun.unwrap_or_else(|_| {
            latest = None;
            None
        });
        running.fetch_sub(1, Ordering::Relaxed);
        let at = Instant::now();
        let ended = Ended { handle: task.handle, bytes, at, settled_ns: Arc::clone(&settled_ns) };
        if done.send(ended).is_err() {
            return;
        }
        free_since = Some(at);
    }
}

/// Waits for the server; `None` if it is interrupted first.
pub(crate) async fn knock(
    server: &Server,
    access: &Access,
    name: &str,
    interrupted: &AtomicBool,
    tell: &dyn Fn(Told),
) -> Result<Option<Client>, String> {
    let mut said = None;
    while !interrupted.load(Ordering::Relaxed) {
        match connect(server, access, name).await {
            Ok(client) => return Ok(Some(client)),
            Err(NotConnected::ForGood(why)) => return Err(why),
            Err(NotConnected::NotNow(why)) if said.as_ref() != Some(&why) => {
                tell(Told::Trouble(why.clone()));
                said = Some(why);
            }
            Err(NotConnected::NotNow(_)) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

/// Waits for JetStream; `None` if it is interrupted first.
async fn reach(client: &Client, interrupted: &AtomicBool, tell: &dyn Fn(Told)) -> Option<Queue> {
    let queue = Queue::new(client.clone());
    let mut said = Instant::now();
    while !interrupted.load(Ordering::Relaxed) {
        match tokio::time::timeout(LOOK * 10, queue.is_there()).await {
            Ok(Ok(())) => return Some(queue),
            Ok(Err(error)) if said.elapsed() > ANSWER => {
                said = Instant::now();
                tell(Told::Trouble(error));
            }
            Ok(Err(_)) => {}
            Err(_) if said.elapsed() > ANSWER => {
                said = Instant::now();
                tell(Told::Trouble("no answer yet".to_owned()));
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

/// The worker's side of the connection.
struct Desk<'a> {
    client: Client,
    queue: Queue,
    options: &'a WorkerOptions,
    open: &'a (dyn Fn(&[u8]) -> Result<OpenJob, String> + Sync),
    interrupted: &'a AtomicBool,
    tell: &'a dyn Fn(Told),
    counts: &'a Counts,
    /// What was taken and has no result yet.
    held: Rc<RefCell<HashMap<u64, Rc<Held>>>>,
    freed: Rc<Notify>,
    jobs: RefCell<VecDeque<Arc<Opened>>>,
}

impl Desk<'_> {
    async fn run(&self, tasks: Sender<Task>, mut ended: mpsc::UnboundedReceiver<Ended>) {
        let work = async {
            tokio::join!(self.take(&tasks), self.keep(&mut ended), self.still_at_work(), self.is_there())
        };
        tokio::select! {
            _ = work => {}
            () = self.stopped() => {}
        }
        // Threads go on to the end of what they have, which is near: an interrupted run ends early.
        drop(tasks);
        let rest = async {
            while let Some(ended) = ended.recv().await {
                self.end(ended).await;
            }
        };
        let _ = tokio::time::timeout(ANSWER, rest).await;
        let left: Vec<Rc<Held>> = self.held.borrow_mut().drain().map(|(_, held)| held).collect();
        for held in left {
            give_back(&held).await;
        }
        let _ = self.client.flush().await;
    }

    async fn stopped(&self) {
        while !self.interrupted.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes shards from the server as there is room for them, from the first job that has some.
    async fn take(&self, tasks: &Sender<Task>) {
        let mut next = 0;
        loop {
            if self.room() == 0 {
                self.freed.notified().await;
                continue;
            }
            let jobs = match self.queue.jobs(&self.options.build).await {
                Ok(jobs) => jobs,
                Err(error) => {
                    (self.tell)(Told::Trouble(error));
                    Vec::new()
                }
            };
            for job in &jobs {
                if let Err(error) = self.take_of(job, &mut next, tasks).await {
                    (self.tell)(Told::Trouble(error));
                    tokio::time::sleep(PAUSE).await;
                }
            }
            if jobs.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// How many more shards may be taken.
    fn room(&self) -> usize {
        (self.options.slots.max(1) * TAKEN_PER_SLOT).saturating_sub(self.held.borrow().len())
    }

    /// Takes shards of one job until it has none to give for a while.
    async fn take_of(&self, job: &str, next: &mut u64, tasks: &Sender<Task>) -> Result<(), String> {
        let Some(consumer) = self.queue.shards(&self.options.build, job).await? else { return Ok(()) };
        loop {
            let room = self.room();
            if room == 0 {
                self.freed.notified().await;
                continue;
            }
            let batch = consumer.batch().max_messages(room).expires(REQUEST_STANDS);
            let mut messages = batch.messages().await.map_err(|error| error.to_string())?;
            let before = *next;
            while let Some(message) = messages.next().await {
                let message = message.map_err(|error| error.to_string())?;
                *next += 1;
                self.begin(message, *next, tasks).await;
            }
            if *next == before {
                return Ok(());
            }
        }
    }

    /// Sees to it that a shard is run, or given up.
    async fn begin(&self, message: Message, handle: u64, tasks: &Sender<Task>) {
        let Some(held) = Held::of(message) else { return };
        if held.is_taken_too_often() {
            let why = format!("taken {} times without a result", held.taken - 1);
            give_up(&self.queue, &held, DeadLetter { command: held.command(), taken: held.taken, why }).await;
            return;
        }
        match self.job(&held.job).await {
            Ok(Some(job)) => {
                let number = held.number;
                self.held.borrow_mut().insert(handle, Rc::new(held));
                // The threads are there for as long as this is.
                let _ = tasks.send(Task { handle, number, job });
            }
            // Its coordinator has taken it off the server.
            Ok(None) => held.forget().await,
            Err(Unopened::Never(why)) => {
                give_up(&self.queue, &held, DeadLetter { command: held.command(), taken: held.taken, why })
                    .await;
            }
            Err(Unopened::NotNow(why)) => {
                (self.tell)(Told::Trouble(why));
                give_back(&held).await;
            }
        }
    }

    /// The job with this name, from the server if it was not opened yet; `None` if the server does not know it.
    async fn job(&self, id: &str) -> Result<Option<Arc<Opened>>, Unopened> {
        if let Some(job) = self.jobs.borrow().iter().find(|job| job.id == id) {
            return Ok(Some(Arc::clone(job)));
        }
        let Some(bundle) = self.queue.bundle(id).await.map_err(Unopened::NotNow)? else { return Ok(None) };
        let open = (self.open)(&bundle).map_err(Unopened::Never)?;
        let job = Arc::new(Opened { id: id.to_owned(), open });
        (self.tell)(Told::Opened(id.to_owned()));
        let mut jobs = self.jobs.borrow_mut();
        jobs.push_front(Arc::clone(&job));
        jobs.truncate(MOST_OPEN);
        Ok(Some(job))
    }

    /// Keeps results on the server, several at a time.
    async fn keep(&self, ended: &mut mpsc::UnboundedReceiver<Ended>) {
        let mut keeping = futures_util::stream::FuturesUnordered::new();
        loop {
            tokio::select! {
                Some(ended) = ended.recv() => keeping.push(self.end(ended)),
                Some(()) = keeping.next(), if !keeping.is_empty() => {}
                else => return,
            }
        }
    }

    async fn end(&self, ended: Ended) {
        let held = self.held.borrow().get(&ended.handle).cloned();
        let Some(held) = held else { return };
        match ended.bytes {
            Some(bytes) => {
                let most = self.client.server_info().max_payload;
                settle(&self.queue, &held, bytes, most, self.tell).await;
                self.counts.done.fetch_add(1, Ordering::Relaxed);
                let took = ended.at.elapsed().as_nanos();
                ended.settled_ns.store(u64::try_from(took).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
            None => give_back(&held).await,
        }
        self.held.borrow_mut().remove(&ended.handle);
        self.freed.notify_one();
    }

    /// Says for everything that was taken that somebody is at it.
    async fn still_at_work(&self) {
        loop {
            tokio::time::sleep(STILL_AT_WORK).await;
            let all: Vec<Rc<Held>> = self.held.borrow().values().cloned().collect();
            for held in all {
                held.say(AckKind::Progress).await;
            }
        }
    }

    /// Says now and then that this worker is there.
    async fn is_there(&self) {
        loop {
            let state = WorkerState {
                name: self.options.name.clone(),
                build: self.options.build.as_str().to_owned(),
                slots: self.options.slots,
                running: self.counts.running.load(Ordering::Relaxed),
                done: self.counts.done.load(Ordering::Relaxed),
            };
            if let Ok(payload) = serde_json::to_vec(&state) {
                // Nobody may be listening.
                let _ = self.client.publish(names::PRESENCE, payload.into()).await;
            }
            tokio::time::sleep(PRESENCE).await;
        }
    }
}

/// Why a job cannot be opened.
enum Unopened {
    /// Another worker, or another time, may do better.
    NotNow(String),
    /// What it holds is of no use.
    Never(String),
}
