//! The sockets of IP Office lines: one TCP connection a line and direction. Whoever speaks opens it, greets, and writes words,
//! each behind its length. What cannot be written now is lost, as on a network; the engine repeats what must arrive.

use super::setup::{LinePeer, Setup};
use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use engine::id::LineId;
use mio::Waker;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Words that wait on a line, and words that wait to be heard.
const MOST_WAITING: usize = 4_096;
/// Longest greeting: two names and numbers.
const MAX_GREETING: u64 = 1_024;
/// How long a neighbour may take to be reached, and to read.
const PATIENCE: Duration = Duration::from_secs(1);
/// A neighbour that was not reached is left alone for so long.
const PAUSE: Duration = Duration::from_millis(500);
/// A connection on which nothing was heard for so long is given up: longer than any time between two keep-alives.
const SILENCE: Duration = Duration::from_secs(1_200);
/// Connections that are read at a time for each line: a neighbour that starts anew opens one before its old one is gone.
const READERS_A_LINE: usize = 4;

/// One word, and the line that it came on.
#[derive(Clone, Debug)]
pub struct Heard {
    /// This system's line.
    pub line: LineId,
    /// The word.
    pub bytes: Vec<u8>,
}

/// All IP Office lines of a system to other processes.
#[derive(Debug)]
pub struct Peers {
    /// By line.
    out: Vec<Option<Sender<Vec<u8>>>>,
    heard: Receiver<Heard>,
    waker: Arc<Waker>,
    lost: u64,
}

impl Peers {
    /// Listens where the solution says, and speaks to whoever the lines lead to; `waker` is told of each word that comes.
    ///
    /// # Errors
    /// If the address cannot be had, or there is no thread to be had.
    pub fn open(setup: &Setup, waker: Arc<Waker>) -> io::Result<Self> {
        let (said, heard) = bounded(MOST_WAITING);
        if let Some(at) = setup.addresses.lines_at {
            let listener = TcpListener::bind(at)
                .map_err(|error| io::Error::new(error.kind(), format!("{at}: {error}")))?;
            let door = Door {
                system: setup.plan.name().to_owned(),
                peers: setup.peers.clone(),
                said,
                waker: Arc::clone(&waker),
                readers: Arc::default(),
            };
            thread("lines", move || door.listen(&listener))?;
        }
        let mut out = Vec::with_capacity(setup.peers.len());
        for peer in &setup.peers {
            let Some(peer) = peer.clone() else {
                out.push(None);
                continue;
            };
            let (sender, words) = bounded(MOST_WAITING);
            let greeting = greeting(setup.plan.name(), &peer.system, peer.nth);
            thread("line", move || Mouth { to: peer.at, greeting, stream: None, tried: None }.speak(&words))?;
            out.push(Some(sender));
        }
        Ok(Self { out, heard, waker, lost: 0 })
    }

    /// Says a word on a line.
    pub fn say(&mut self, line: LineId, bytes: Vec<u8>) {
        if let Some(Some(out)) = self.out.get(line.index())
            && let Err(TrySendError::Full(_)) = out.try_send(bytes)
        {
            self.lost += 1;
        }
    }

    /// The next words that were heard; the owner is woken again if more are left.
    pub fn hear_some(&self, most: usize) -> Vec<Heard> {
        let words: Vec<Heard> = self.heard.try_iter().take(most).collect();
        if !self.heard.is_empty() {
            // The owner looks up by itself before long.
            let _ = self.waker.wake();
        }
        words
    }

    /// Words that were not said because too many waited.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// The first line of a connection: the same version of the program at both ends, who speaks, to whom, and on which of its lines
/// there.
fn greeting(from: &str, to: &str, nth: usize) -> String {
    format!("busyhour line {}\t{from}\t{to}\t{nth}\n", env!("CARGO_PKG_VERSION"))
}

/// Speaks on one line.
struct Mouth {
    to: SocketAddr,
    greeting: String,
    stream: Option<TcpStream>,
    tried: Option<Instant>,
}

impl Mouth {
    fn speak(&mut self, words: &Receiver<Vec<u8>>) {
        while let Ok(word) = words.recv() {
            self.connect();
            let Some(stream) = &mut self.stream else { continue };
            let Ok(length) = u16::try_from(word.len()) else { continue };
            let mut frame = length.to_le_bytes().to_vec();
            frame.extend_from_slice(&word);
            if stream.write_all(&frame).is_err() {
                self.stream = None;
            }
        }
    }

    fn connect(&mut self) {
        let tried_lately = self.tried.is_some_and(|tried| tried.elapsed() < PAUSE);
        if self.stream.is_some() || tried_lately {
            return;
        }
        self.tried = Some(Instant::now());
        // A neighbour that is not there is met again with the next word after the pause.
        self.stream = self.greet().ok();
    }

    fn greet(&self) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&self.to, PATIENCE)?;
        if stream.local_addr()? == stream.peer_addr()? {
            // Nobody listens on this port of our own machine: TCP has connected it with itself.
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(self.greeting.as_bytes())?;
        Ok(stream)
    }
}

/// Takes connections of neighbours.
struct Door {
    system: String,
    /// By line.
    peers: Vec<Option<LinePeer>>,
    said: Sender<Heard>,
    waker: Arc<Waker>,
    readers: Arc<AtomicUsize>,
}

impl Door {
    fn listen(&self, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            let is_neighbour = stream.peer_addr().is_ok_and(|peer| self.is_neighbour(peer.ip()));
            let readers = self.readers.load(Ordering::Relaxed);
            if !is_neighbour || readers >= READERS_A_LINE * self.peers.len() {
                // Whoever else it is, the connection closes.
                continue;
            }
            let ear = Ear {
                lines: self.lines(),
                said: self.said.clone(),
                waker: Arc::clone(&self.waker),
                readers: Arc::clone(&self.readers),
            };
            ear.readers.fetch_add(1, Ordering::Relaxed);
            // Without a thread the connection closes, and the neighbour tries again.
            let _ = thread("ear", move || ear.listen(stream));
        }
    }

    fn is_neighbour(&self, address: IpAddr) -> bool {
        self.peers.iter().flatten().any(|peer| peer.at.ip() == address)
    }

    /// Which greeting is for which line.
    fn lines(&self) -> Vec<(String, LineId)> {
        let known = self.peers.iter().enumerate();
        let known = known.filter_map(|(n, peer)| Some((LineId::at(n), peer.as_ref()?)));
        known.map(|(line, peer)| (greeting(&peer.system, &self.system, peer.nth), line)).collect()
    }
}

/// Hears one connection to its end.
struct Ear {
    lines: Vec<(String, LineId)>,
    said: Sender<Heard>,
    waker: Arc<Waker>,
    readers: Arc<AtomicUsize>,
}

impl Ear {
    fn listen(&self, stream: TcpStream) {
        // Ends with the connection, or with what is no word.
        let _ = self.words(stream);
    }

    fn words(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(SILENCE))?;
        let mut reader = BufReader::new(stream);
        let mut greeting = String::new();
        reader.by_ref().take(MAX_GREETING).read_line(&mut greeting)?;
        let known = self.lines.iter().find(|(wanted, _)| *wanted == greeting);
        let Some(&(_, line)) = known else { return Ok(()) };
        loop {
            let mut length = [0; 2];
            reader.read_exact(&mut length)?;
            let mut bytes = vec![0; usize::from(u16::from_le_bytes(length))];
            reader.read_exact(&mut bytes)?;
            // Waits while the owner is busy: then the neighbour's words wait too.
            if self.said.send(Heard { line, bytes }).is_err() {
                return Ok(());
            }
            // The owner looks up by itself before long.
            let _ = self.waker.wake();
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.readers.fetch_sub(1, Ordering::Relaxed);
    }
}
