//! Connections taken as they come, also when the process has no more descriptors.

use mio::net::{TcpListener, TcpStream};
use nix::errno::Errno;
use rustls::{ServerConfig, ServerConnection};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Connections taken before everything else has its turn.
pub(super) const TURN: usize = 64;

pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

/// What came of asking for the next connection.
pub(super) enum Next {
    Peer(TcpStream, SocketAddr, Room),
    /// Somebody who has gone already.
    Gone,
    Nobody,
    /// Somebody waits who cannot be taken.
    OutOfReach,
}

/// Whether there is room for a connection that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Enough,
    /// It has the descriptor that was kept for this: another one must be closed for it, or itself.
    Last,
}

impl Listener {
    /// The next connection. Without a free descriptor nobody can be taken, nor be turned away, nor even be seen: the spare one is for that.
    pub(super) fn next(&self, spare: &mut Spare) -> Next {
        spare.renew();
        match self.socket.accept() {
            Ok((socket, remote)) => Next::Peer(socket, remote, Room::Enough),
            Err(e) if is_out_of_descriptors(&e) && spare.0.take().is_some() => match self.socket.accept() {
                Ok((socket, remote)) => Next::Peer(socket, remote, Room::Last),
                Err(e) => failed(&e),
            },
            Err(e) => failed(&e),
        }
    }

    /// What a connection that came here speaks over. None, if it cannot be had.
    pub(super) fn session(&self) -> Option<Option<rustls::Connection>> {
        match &self.tls {
            None => Some(None),
            Some(config) => ServerConnection::new(config.clone()).ok().map(|tls| Some(tls.into())),
        }
    }
}

fn failed(e: &io::Error) -> Next {
    if e.kind() == io::ErrorKind::WouldBlock {
        Next::Nobody
    } else if is_out_of_descriptors(e) {
        Next::OutOfReach
    } else {
        // accept(2): errors of the connection itself come here as well.
        Next::Gone
    }
}

/// Whether the process, or the machine, has no descriptor left.
pub(super) fn is_out_of_descriptors(e: &io::Error) -> bool {
    let full = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM];
    e.raw_os_error().is_some_and(|code| full.iter().any(|&errno| errno as i32 == code))
}

/// A descriptor that is kept for the time when there are no others.
#[derive(Debug, Default)]
pub(super) struct Spare(Option<File>);

impl Spare {
    /// Keeps one again. Where there is none, whoever comes waits until there is.
    pub(super) fn renew(&mut self) {
        if self.0.is_none() {
            self.0 = File::open("/dev/null").ok();
        }
    }
}
