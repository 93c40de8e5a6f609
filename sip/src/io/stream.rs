//! One TCP or TLS connection: bytes into messages, messages into bytes.

use crate::limits::{MAX_WRITE_QUEUE, STREAM_BUFFER};
use crate::message::{Frame, next_frame};
use mio::net::TcpStream;
use rustls::Connection as Tls;
use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};

/// Reads before the other connections have their turn.
const TURN: usize = 8;

/// A connection.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) socket: TcpStream,
    /// Bytes that have come, keep-alives and those of TLS included.
    pub(super) heard: u64,
    tls: Option<Box<Tls>>,
    input: Vec<u8>,
    output: VecDeque<u8>,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It goes on.
    Open,
    /// It goes on, and there may be more to read.
    More,
    /// It has ended, or must.
    Closed,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, tls: Option<Tls>) -> Self {
        Self { socket, heard: 0, tls: tls.map(Box::new), input: Vec::new(), output: VecDeque::new() }
    }

    /// Queues a message. A peer that does not read is cut off.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Status {
        if self.output.len() + bytes.len() > MAX_WRITE_QUEUE {
            return Status::Closed;
        }
        match &mut self.tls {
            Some(tls) => {
                if tls.writer().write_all(bytes).is_err() {
                    return Status::Closed;
                }
            }
            None => self.output.extend(bytes),
        }
        Status::Open
    }

    /// Writes what the socket takes.
    pub(super) fn flush(&mut self) -> Status {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                match tls.write_tls(&mut self.socket) {
                    Ok(0) => return Status::Closed,
                    Ok(_) => {}
                    Err(e) if waits(&e) => return Status::Open,
                    Err(_) => return Status::Closed,
                }
            }
            return Status::Open;
        }
        while !self.output.is_empty() {
            match self.socket.write(self.output.as_slices().0) {
                Ok(0) => return Status::Closed,
                Ok(n) => {
                    self.output.drain(..n);
                }
                Err(e) if waits(&e) => return Status::Open,
                Err(_) => return Status::Closed,
            }
        }
        if self.output.capacity() > STREAM_BUFFER {
            self.output = VecDeque::new();
        }
        Status::Open
    }

    /// Whether a message has begun and not ended.
    pub(super) fn is_in_message(&self) -> bool {
        !self.input.is_empty()
    }

    /// Reads what there is, to an extent that leaves others their turn, and hands over each whole message.
    pub(super) fn receive(&mut self, mut on: impl FnMut(&[u8])) -> Status {
        let mut status = Status::Open;
        let mut chunk = [0; 16 * 1024];
        for _ in 0..TURN {
            let read = match &mut self.tls {
                Some(tls) => read_tls(tls, &mut self.socket, &mut self.input),
                None => self.socket.read(&mut chunk).inspect(|&n| self.input.extend_from_slice(&chunk[..n])),
            };
            match read {
                Ok(0) => status = Status::Closed,
                Ok(n) => self.heard += n as u64,
                Err(e) if waits(&e) => return status,
                Err(_) => status = Status::Closed,
            }
            if self.cut(&mut on) == Status::Closed {
                status = Status::Closed;
            }
            if status == Status::Closed {
                return status;
            }
        }
        Status::More
    }

    fn cut(&mut self, on: &mut impl FnMut(&[u8])) -> Status {
        let mut at = 0;
        let status = loop {
            match next_frame(&self.input[at..]) {
                Ok(Frame::Incomplete) => break Status::Open,
                Ok(Frame::LineEnd(n)) => at += n,
                Ok(Frame::Ping(n)) => {
                    at += n;
                    // RFC 5626 3.5.1: the answer to a keep-alive.
                    if self.send(b"\r\n") == Status::Closed {
                        break Status::Closed;
                    }
                }
                Ok(Frame::Message(n)) => {
                    on(&self.input[at..at + n]);
                    at += n;
                }
                Err(_) => break Status::Closed,
            }
        };
        self.input.drain(..at);
        if self.input.is_empty() && self.input.capacity() > STREAM_BUFFER {
            self.input = Vec::new();
        }
        status
    }
}

/// Reads records, then what they say; 0 if the peer has closed.
fn read_tls(tls: &mut Tls, socket: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<usize> {
    let read = tls.read_tls(socket)?;
    let state = tls.process_new_packets().map_err(io::Error::other)?;
    let plain = state.plaintext_bytes_to_read();
    if plain > 0 {
        let start = input.len();
        input.resize(start + plain, 0);
        tls.reader().read_exact(&mut input[start..])?;
    }
    Ok(read)
}

fn waits(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::NotConnected)
}
