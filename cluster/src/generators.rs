//! One load from several generators, as their coordinator sees it: who is there, what their clocks say, when they begin, what
//! they bring. All of it is core NATS: a load that is cut off is not to be taken up again later.

use crate::connect::{Access, NotConnected, Server, connect};
use crate::limits::{ABSENT, ANSWER, CLOCK_READINGS};
use crate::names::{self, Build};
use async_nats::{Client, HeaderMap, Subscriber};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::Runtime;

/// Time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// A generator, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GeneratorState {
    pub(crate) name: String,
    pub(crate) build: String,
    /// Where it hears; no other has it.
    pub(crate) address: String,
    /// Whether it has a part already.
    pub(crate) busy: bool,
}

/// What the clock of a generator says beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// How far it is ahead, in nanoseconds.
    pub ahead_ns: i64,
    /// By how much that may be wrong: half of the shortest way there and back.
    pub uncertain_ns: u64,
}

/// What a generator brings, or why it brings nothing.
pub type Brought = Result<Vec<u8>, String>;

/// Generators that have agreed to place a load together.
pub struct Generators {
    runtime: Runtime,
    client: Client,
    presence: Subscriber,
    said: Subscriber,
    inbox: String,
    team: Vec<Member>,
}

struct Member {
    name: String,
    address: String,
    seen: Instant,
}

impl Member {
    fn is_lost(&self) -> bool {
        self.seen.elapsed() > ABSENT
    }
}

/// What a generator said of its part.
enum Said {
    Ready,
    Ended(Brought),
}

impl Generators {
    /// Waits until `wanted` generators of this build are there and have nothing to do; `None` if it is interrupted first. `tell`
    /// hears how many there are.
    ///
    /// # Errors
    /// The server cannot be reached, or does not let us in.
    pub fn gather(
        server: &Server,
        access: &Access,
        build: &Build,
        wanted: usize,
        interrupted: &AtomicBool,
        tell: &dyn Fn(&str),
    ) -> Result<Option<Self>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let gathered = runtime.block_on(async {
            let client = connect(server, access, "load").await.map_err(NotConnected::into_text)?;
            let said = |error: &dyn std::fmt::Display| format!("{}: {error}", server.shown());
            let mut presence = client.subscribe(names::GENERATORS).await.map_err(|error| said(&error))?;
            let team = team(&mut presence, build, wanted, interrupted, tell).await;
            let inbox = client.new_inbox();
            let heard = client.subscribe(format!("{inbox}.>")).await.map_err(|error| said(&error))?;
            Ok::<_, String>((client, presence, team, heard, inbox))
        });
        let (client, presence, team, said, inbox) = gathered?;
        Ok(team.map(|team| Self { runtime, client, presence, said, inbox, team }))
    }

    /// Their names, in the order of parts.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.team.iter().map(|member| member.name.clone()).collect()
    }

    /// Reads every generator's clock; `None` for one that does not answer.
    #[must_use]
    pub fn clocks(&self) -> Vec<Option<ClockReading>> {
        self.runtime.block_on(async {
            let mut all = Vec::new();
            for member in &self.team {
                all.push(reading(&self.client, member).await);
            }
            all
        })
    }

    /// Gives each its part and waits until all are ready to begin; `false` if it is interrupted first.
    ///
    /// # Errors
    /// One does not take its part, or cannot do it.
    pub fn hand_out(&mut self, parts: Vec<Vec<u8>>, interrupted: &AtomicBool) -> Result<bool, String> {
        let (client, inbox) = (self.client.clone(), self.inbox.clone());
        for (n, (member, part)) in self.team.iter().zip(parts).enumerate() {
            let most = client.server_info().max_payload;
            if part.len() > most {
                return Err(format!(
                    "the files of a part have {} bytes, and the server takes {most}",
                    part.len()
                ));
            }
            let mut headers = HeaderMap::new();
            headers.insert(names::INBOX, format!("{inbox}.{n}"));
            let subject = format!("{}.{}", member.address, names::TAKE);
            let asked = client.request_with_headers(subject, headers, part.into());
            let answer = self.runtime.block_on(asked).map_err(|error| format!("{}: {error}", member.name))?;
            if !answer.payload.is_empty() {
                return Err(format!("{}: {}", member.name, String::from_utf8_lossy(&answer.payload)));
            }
        }
        let mut ready = vec![false; self.team.len()];
        while !ready.iter().all(|ready| *ready) {
            if interrupted.load(Ordering::Relaxed) {
                self.stop();
                return Ok(false);
            }
            match self.next() {
                Some((n, Said::Ready)) => ready[n] = true,
                Some((n, Said::Ended(brought))) => {
                    self.stop();
                    let why = brought.err().unwrap_or_else(|| "ended before it began".to_owned());
                    return Err(format!("{}: {why}", self.team[n].name));
                }
                None => {}
            }
            if let Some(lost) = self.team.iter().find(|member| member.is_lost()) {
                let why = format!("{} is not heard of any more", lost.name);
                self.stop();
                return Err(why);
            }
        }
        Ok(true)
    }

    /// Tells each when to begin: in so long, by its own clock.
    ///
    /// # Errors
    /// One does not answer.
    pub fn start(&self, lead: Duration, clocks: &[ClockReading]) -> Result<(), String> {
        let at = unix_ns(SystemTime::now()) + lead.as_nanos() as i64;
        for (member, clock) in self.team.iter().zip(clocks) {
            let subject = format!("{}.{}", member.address, names::START);
            let theirs = (at + clock.ahead_ns).to_string();
            let asked = self.client.request(subject, theirs.into());
            self.runtime.block_on(asked).map_err(|error| format!("{}: {error}", member.name))?;
        }
        Ok(())
    }

    /// Waits for what each brings. When it is interrupted, they are told to end, and bring what they have.
    pub fn results(&mut self, interrupted: &AtomicBool) -> Vec<Brought> {
        let mut results: Vec<Option<Brought>> = self.team.iter().map(|_| None).collect();
        let mut told = false;
        while results.iter().any(Option::is_none) {
            if interrupted.load(Ordering::Relaxed) && !told {
                self.stop();
                told = true;
            }
            if let Some((n, Said::Ended(brought))) = self.next() {
                results[n] = Some(brought);
            }
            for (result, member) in results.iter_mut().zip(&self.team) {
                if result.is_none() && member.is_lost() {
                    *result = Some(Err("not heard of any more".to_owned()));
                }
            }
        }
        results.into_iter().flatten().collect()
    }

    fn stop(&self) {
        self.runtime.block_on(async {
            for member in &self.team {
                let subject = format!("{}.{}", member.address, names::STOP);
                // Who is gone has nothing to stop.
                let _ = self.client.publish(subject, Vec::new().into()).await;
            }
            let _ = self.client.flush().await;
        });
    }

    /// What one of them has said next; `None` if nobody has for a while.
    fn next(&mut self) -> Option<(usize, Said)> {
        let Self { runtime, presence, said, team, .. } = self;
        runtime.block_on(async {
            let pause = tokio::time::sleep(LOOK);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => return None,
                    Some(message) = presence.next() => {
                        let state = serde_json::from_slice::<GeneratorState>(&message.payload).ok();
                        let member = state.and_then(|state| team.iter_mut().find(|m| m.address == state.address));
                        if let Some(member) = member {
                            member.seen = Instant::now();
                        }
                    }
                    Some(message) = said.next() => {
                        if let Some(heard) = heard(&message.subject, &message.payload).filter(|(n, _)| *n < team.len()) {
                            return Some(heard);
                        }
                    }
                    else => return None,
                }
            }
        })
    }
}

/// Number of the part and what was said of it.
fn heard(subject: &str, payload: &[u8]) -> Option<(usize, Said)> {
    let (rest, verb) = subject.rsplit_once('.')?;
    let (_, number) = rest.rsplit_once('.')?;
    let said = match verb {
        names::READY => Said::Ready,
        names::DONE => Said::Ended(Ok(payload.to_vec())),
        names::FAILED => Said::Ended(Err(String::from_utf8_lossy(payload).into_owned())),
        _ => return None,
    };
    Some((number.parse().ok()?, said))
}

/// The first `wanted` by name of those that are there and idle.
async fn team(
    presence: &mut Subscriber,
    build: &Build,
    wanted: usize,
    interrupted: &AtomicBool,
    tell: &dyn Fn(&str),
) -> Option<Vec<Member>> {
    let mut there: BTreeMap<(String, String), Instant> = BTreeMap::new();
    let mut told = None;
    while !interrupted.load(Ordering::Relaxed) {
        let message = tokio::time::timeout(LOOK, presence.next()).await.ok().flatten();
        let state = message.and_then(|m| serde_json::from_slice::<GeneratorState>(&m.payload).ok());
        if let Some(state) = state {
            let key = (state.name.clone(), state.address);
            if state.build != build.as_str() {
                tell(&format!(
                    "generator {} is of build {}, this is {}",
                    state.name,
                    state.build,
                    build.as_str()
                ));
            } else if state.busy {
                there.remove(&key);
            } else {
                there.insert(key, Instant::now());
            }
        }
        there.retain(|_, seen| seen.elapsed() < ABSENT);
        if there.len() >= wanted {
            let member = |((name, address), seen)| Member { name, address, seen };
            return Some(there.into_iter().take(wanted).map(member).collect());
        }
        if told.replace(there.len()) != Some(there.len()) {
            tell(&format!("{} of {wanted} generators are there", there.len()));
        }
    }
    None
}

/// Of several readings the one that was answered soonest.
async fn reading(client: &Client, member: &Member) -> Option<ClockReading> {
    let mut best: Option<ClockReading> = None;
    for _ in 0..CLOCK_READINGS {
        let (asked, began) = (unix_ns(SystemTime::now()), Instant::now());
        let subject = format!("{}.{}", member.address, names::CLOCK);
        let asking = client.request(subject, Vec::new().into());
        let answer = tokio::time::timeout(ANSWER, asking).await.ok()?.ok()?;
        let way_ns = began.elapsed().as_nanos() as u64;
        let theirs: i64 = std::str::from_utf8(&answer.payload).ok()?.parse().ok()?;
        let ahead_ns = theirs - (asked + (way_ns / 2) as i64);
        let read = ClockReading { ahead_ns, uncertain_ns: way_ns / 2 };
        best = best.filter(|best| best.uncertain_ns <= read.uncertain_ns).or(Some(read));
    }
    best
}

/// Nanoseconds since 1970.
pub(crate) fn unix_ns(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
