//! Sockets for the media of many calls: pairs of ports, read with the kernel's time of arrival, written on the minute.

use mio::net::UdpSocket;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::{TimeSpec, TimeValLike as _};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Ports of RTP, the even ones; RTCP has the next one. Below those that the kernel gives away by itself.
pub const MEDIA_PORTS: Range<u16> = 16_384..32_768;
/// Longest datagram of media that is read; what is longer is no audio.
const MAX_DATAGRAM: usize = 2_048;
/// Datagrams read from one socket before the next one has its turn.
const TURN: usize = 64;
/// A datagram is taken to have come at most so long ago: the wall clock may have been set.
const OLDEST: Duration = Duration::from_secs(10);

const WAKER: Token = Token(0);
const TIMER: Token = Token(1);
const SOCKETS: usize = 2;

/// Which socket of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaSocket {
    /// The stream itself.
    Rtp,
    /// Reports about it.
    Rtcp,
}

/// An even port for RTP and the next one for RTCP.
#[derive(Debug)]
pub struct MediaPort {
    sockets: [UdpSocket; 2],
    at: SocketAddr,
}

impl MediaPort {
    /// Takes the first free pair of ports from `hint` on, in [`MEDIA_PORTS`] and around its end.
    ///
    /// # Errors
    /// If no pair is free, or there are no more files.
    pub fn bind(ip: IpAddr, hint: u16) -> io::Result<Self> {
        let pairs = (MEDIA_PORTS.end - MEDIA_PORTS.start) / 2;
        let first = (hint % (MEDIA_PORTS.end - MEDIA_PORTS.start)) / 2;
        let mut refused = io::Error::from(io::ErrorKind::AddrInUse);
        for n in 0..pairs {
            let port = MEDIA_PORTS.start + 2 * ((first + n) % pairs);
            match Self::bind_pair(ip, port) {
                Ok(pair) => return Ok(pair),
                Err(e) if e.kind() == io::ErrorKind::AddrInUse => refused = e,
                Err(e) => return Err(e),
            }
        }
        Err(refused)
    }

    fn bind_pair(ip: IpAddr, port: u16) -> io::Result<Self> {
        let at = SocketAddr::new(ip, port);
        let sockets = [UdpSocket::bind(at)?, UdpSocket::bind(SocketAddr::new(ip, port + 1))?];
        for socket in &sockets {
            setsockopt(socket, sockopt::ReceiveTimestampns, &true)?;
        }
        Ok(Self { sockets, at })
    }

    /// Where RTP is received.
    #[must_use]
    pub const fn at(&self) -> SocketAddr {
        self.at
    }
}

/// What comes in.
#[derive(Clone, Copy, Debug)]
pub struct MediaInput<'a> {
    /// The pair, as [`MediaSockets::add`] named it.
    pub port: usize,
    /// Which of its sockets.
    pub socket: MediaSocket,
    /// How long ago the kernel had it.
    pub age: Duration,
    /// The datagram.
    pub bytes: &'a [u8],
}

/// Pairs of ports of one thread, which sleeps to the microsecond.
#[derive(Debug)]
pub struct MediaSockets {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    timer: TimerFd,
    ports: Vec<Option<MediaPort>>,
    free: Vec<usize>,
    /// Sockets that were left with something to read.
    unread: Vec<usize>,
    buffer: Vec<u8>,
    control: Vec<u8>,
}

impl MediaSockets {
    /// No ports yet.
    ///
    /// # Errors
    /// If the kernel has no poll or no timer for us.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK)?;
        let fd = timer.as_fd().as_raw_fd();
        poll.registry().register(&mut SourceFd(&fd), TIMER, Interest::READABLE)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(256),
            waker,
            timer,
            ports: Vec::new(),
            free: Vec::new(),
            unread: Vec::new(),
            buffer: vec![0; MAX_DATAGRAM],
            control: nix::cmsg_space!(TimeSpec),
        })
    }

    /// Ends a wait from another thread.
    #[must_use]
    pub fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Takes a pair of ports over; its name here, which is the lowest that is free.
    ///
    /// # Errors
    /// If the kernel has no room for it in the poll.
    pub fn add(&mut self, mut port: MediaPort) -> io::Result<usize> {
        let place = self.free.pop().unwrap_or(self.ports.len());
        for (n, socket) in port.sockets.iter_mut().enumerate() {
            let token = Token(SOCKETS + 2 * place + n);
            self.poll.registry().register(socket, token, Interest::READABLE)?;
        }
        if place == self.ports.len() {
            self.ports.push(None);
        }
        self.ports[place] = Some(port);
        Ok(place)
    }

    /// Closes a pair of ports.
    pub fn remove(&mut self, place: usize) {
        let Some(mut port) = self.ports.get_mut(place).and_then(Option::take) else { return };
        for socket in &mut port.sockets {
            // Closing the socket takes it out of the poll as well.
            let _ = self.poll.registry().deregister(socket);
        }
        self.free.push(place);
    }

    /// Sends a datagram now; whether the kernel took it. One that it does not take is lost, as on the network.
    pub fn send(&mut self, place: usize, socket: MediaSocket, to: SocketAddr, bytes: &[u8]) -> bool {
        let Some(port) = self.ports.get(place).and_then(Option::as_ref) else { return false };
        let socket = &port.sockets[socket as usize];
        // An error of an earlier datagram (nobody listens there) is told to the next one.
        (0..2).any(|_| socket.send_to(bytes, to).is_ok())
    }

    /// Waits for so long, or until something comes or the waker is called, and hands over what has come.
    ///
    /// # Errors
    /// If the kernel's poll or timer fails.
    pub fn wait(&mut self, timeout: Duration, mut on: impl FnMut(MediaInput<'_>)) -> io::Result<()> {
        let at_once = !self.unread.is_empty() || timeout.is_zero();
        if !at_once {
            let wanted = TimeSpec::nanoseconds(timeout.as_nanos().min(u128::from(u32::MAX)) as i64);
            self.timer.set(Expiration::OneShot(wanted), TimerSetTimeFlags::empty())?;
        }
        match self.poll.poll(&mut self.events, at_once.then_some(Duration::ZERO)) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        let mut ready = std::mem::take(&mut self.unread);
        let came = self.events.iter().map(|event| event.token().0).filter(|&token| token >= SOCKETS);
        ready.extend(came);
        for token in ready {
            if self.read(token, &mut on) && !self.unread.contains(&token) {
                self.unread.push(token);
            }
        }
        Ok(())
    }

    /// Reads a socket; whether there may be more.
    fn read(&mut self, token: usize, on: &mut impl FnMut(MediaInput<'_>)) -> bool {
        let (place, which) = ((token - SOCKETS) / 2, (token - SOCKETS) % 2);
        let Some(port) = self.ports.get(place).and_then(Option::as_ref) else { return false };
        let fd = port.sockets[which].as_raw_fd();
        let socket = if which == 0 { MediaSocket::Rtp } else { MediaSocket::Rtcp };
        for _ in 0..TURN {
            let mut slices = [IoSliceMut::new(&mut self.buffer)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let control = Some(self.control.as_mut_slice());
            let (bytes, came) = match recvmsg::<SockaddrStorage>(fd, &mut slices, control, flags) {
                Ok(message) => {
                    let mut stamps = message.cmsgs().into_iter().flatten();
                    let came = stamps.find_map(|c| {
                        if let ControlMessageOwned::ScmTimestampns(at) = c { Some(at.into()) } else { None }
                    });
                    (message.bytes, came)
                }
                // What a datagram sent earlier met on its way.
                Err(nix::errno::Errno::ECONNREFUSED | nix::errno::Errno::EINTR) => continue,
                Err(_) => return false,
            };
            let age = came.map_or(Duration::ZERO, age);
            on(MediaInput { port: place, socket, age, bytes: &self.buffer[..bytes] });
        }
        true
    }
}

fn age(came: Duration) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(came).min(OLDEST)
}

/// Asks for as many open files as this process may have: every call with media has four, every connection one.
pub fn raise_file_limit() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Refused where a sandbox says so: ports and connections run out earlier then.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}
