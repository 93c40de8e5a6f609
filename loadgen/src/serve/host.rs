//! A server on its sockets: one owner thread that takes what comes, lets time pass, and sends what is to be sent.

use super::core::{Action, Core};
use super::gate::Pressure;
use super::peers::{Heard, Peers};
use super::records::Records;
use super::reload::Reread;
use super::setup::Setup;
use super::signals::{Command, watch};
use super::speech::{Digit, Speech};
use super::status::Shown;
use super::unneeded::end_unneeded;
use crossbeam::channel::Receiver;
use engine::time::Instant;
use rustls::ServerConfig;
use sip::endpoint::Input;
use sip::io::{Clock, Network, UdpOptions};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Longest sleep: how often a server with nothing to do looks up.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How often it is told how the machine is.
const WINDOW: engine::time::Duration = engine::time::Duration::from_millis(100);
/// Turns in that time that may leave messages unread before the machine counts as not keeping up.
const MOST_BEHIND: u32 = 3;

/// Words of other systems that are heard before everything else has its turn.
const WORDS_A_TURN: usize = 256;

/// How old the status page may be.
const SHOWN_EVERY: engine::time::Duration = engine::time::Duration::from_secs(1);

/// What a server is opened with besides its system.
pub struct Opened {
    /// For SIP over TLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// Where call records go.
    pub records: Option<Records>,
    /// Another number each time that the same system starts.
    pub incarnation: u32,
    /// Reads the solution again when the operator says so.
    pub reread: Reread,
    /// How long calls in progress may go on once it is to end.
    pub drain: engine::time::Duration,
}

/// How serving has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// After the last call.
    Drained,
    /// With calls in progress, which were ended: they took too long, or it was told twice.
    Cut,
}

/// Whether new calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    /// They are not, and the server ends at this time at the latest.
    Shut(Instant),
}

/// A server and its sockets.
pub struct Host {
    core: Core,
    network: Network,
    peers: Peers,
    clock: Clock,
    digits: Receiver<Digit>,
    commands: Receiver<Command>,
    records: Option<Records>,
    reread: Reread,
    drain: engine::time::Duration,
    door: Door,
    /// When the server was last told how the machine is, messages lost until then, and turns that left messages unread since.
    felt: Instant,
    lost: u64,
    behind: u32,
    /// The status page, and when it was last made.
    shown: Option<Shown>,
    shown_at: Instant,
}

impl Host {
    /// Opens every socket.
    ///
    /// # Errors
    /// If an address cannot be had; the message names it.
    pub fn open(setup: Setup, opened: Opened) -> io::Result<Self> {
        let Opened { tls, records, incarnation, reread, drain } = opened;
        let mut network = Network::new()?;
        let at = setup.addresses.at;
        named(at, network.bind_udp(at, UdpOptions::default()))?;
        named(at, network.listen(at, None))?;
        if let (Some(tls), Some(address)) = (tls, &setup.addresses.tls) {
            named(address.at, network.listen(address.at, Some(tls)))?;
        }
        let waker = network.waker();
        let heard = move || {
            // The owner looks up by itself before long.
            let _ = waker.wake();
        };
        let status_at = setup.addresses.status_at;
        let shown = status_at.map(|at| named(at, Shown::serve(at))).transpose()?;
        let ports = setup.addresses.rtp_ports.clone();
        let (speech, digits) = Speech::start(at.ip(), ports, setup.seed, heard)?;
        let commands = watch(network.waker())?;
        let peers = Peers::open(&setup, network.waker())?;
        let clock = Clock::since_1970();
        let core = Core::new(setup, Box::new(speech), clock.now(), incarnation);
        Ok(Self {
            core,
            network,
            peers,
            clock,
            digits,
            commands,
            records,
            reread,
            drain,
            door: Door::Open,
            felt: Instant::ZERO,
            lost: 0,
            behind: 0,
            shown,
            shown_at: Instant::ZERO,
        })
    }

    /// Serves until it is told to end, and has ended.
    ///
    /// # Errors
    /// If the kernel's poll fails.
    pub fn run(&mut self) -> io::Result<Ended> {
        self.act();
        loop {
            let wait = self.core.poll_timeout().map_or(LONGEST_SLEEP, |at| self.clock.until(at));
            let (core, clock) = (&mut self.core, &self.clock);
            self.network.wait(Some(wait.min(LONGEST_SLEEP)), |input| core.receive(clock.now(), input))?;
            self.core.handle_timeout(self.clock.now());
            end_unneeded(&mut self.network, &self.core, std::time::Instant::now());
            self.feel();
            while let Ok(Digit { port, digit }) = self.digits.try_recv() {
                self.core.heard(self.clock.now(), port, digit);
            }
            let words = self.peers.hear_some(WORDS_A_TURN);
            for Heard { line, bytes } in words {
                self.core.line_says(self.clock.now(), line, &bytes);
            }
            self.show();
            let cut = self.obey();
            self.act();
            match self.door {
                Door::Open => {}
                Door::Shut(_) if self.core.calls() == 0 => return Ok(Ended::Drained),
                Door::Shut(at) if cut || self.clock.now() >= at => return Ok(self.cut()),
                Door::Shut(_) => {}
            }
        }
    }

    /// Tells the server, ten times a second, whether messages wait or were lost.
    fn feel(&mut self) {
        let now = self.clock.now();
        if self.network.has_more() {
            self.behind += 1;
        }
        if now.since(self.felt) < WINDOW {
            return;
        }
        let lost = self.network.dropped();
        let pressure =
            if lost > self.lost || self.behind > MOST_BEHIND { Pressure::High } else { Pressure::None };
        (self.felt, self.lost, self.behind) = (now, lost, 0);
        self.core.feel(pressure);
    }

    /// Makes the status page anew once a second, if there is one.
    fn show(&mut self) {
        let now = self.clock.now();
        let Some(shown) = &self.shown else { return };
        if self.shown_at == Instant::ZERO || now.since(self.shown_at) >= SHOWN_EVERY {
            shown.show(self.core.pages(now));
            self.shown_at = now;
        }
    }

    /// Calls in progress.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.core.calls()
    }

    /// Does what the operator says; whether to end at once.
    fn obey(&mut self) -> bool {
        let mut cut = false;
        while let Ok(command) = self.commands.try_recv() {
            match (command, self.door) {
                (Command::Reload, _) => self.reload(),
                (Command::Stop, Door::Open) => {
                    self.door = Door::Shut(self.clock.now() + self.drain);
                    self.core.drain();
                }
                (Command::Stop, Door::Shut(_)) => cut = true,
            }
        }
        cut
    }

    /// Reads the solution again, and opens the file of call records again.
    fn reload(&mut self) {
        if let Some(records) = &mut self.records
            && let Err(error) = records.reopen()
        {
            eprintln!("error: call records: {error}; they go on where they went");
        }
        let later = (self.reread)();
        match later.and_then(|later| self.core.reload(self.clock.now(), later)) {
            Ok(()) => eprintln!("the solution was read again"),
            Err(errors) => {
                for error in errors {
                    eprintln!("error: {error}");
                }
                self.core.reload_refused();
                eprintln!("{} goes on as before", self.core.system().plan().name());
            }
        }
    }

    /// Ends what is left.
    fn cut(&mut self) -> Ended {
        self.core.hang_up_all(self.clock.now());
        self.act();
        Ended::Cut
    }

    /// Does what the server wants done.
    fn act(&mut self) {
        while let Some(action) = self.core.poll_action() {
            match action {
                Action::Send { flow, bytes } => {
                    if !self.network.send(flow, bytes) {
                        self.core.receive(self.clock.now(), Input::Unreachable { flow });
                    }
                }
                Action::Line { line, bytes } => self.peers.say(line, bytes),
                Action::Record(record) => {
                    if let Some(records) = &mut self.records {
                        records.write(&record, self.core.system().plan());
                    }
                }
            }
        }
        self.network.flush();
        if let Some(records) = &mut self.records {
            records.flush();
        }
    }
}

/// An error of the kernel with the address that it is about.
fn named<T>(address: SocketAddr, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}
