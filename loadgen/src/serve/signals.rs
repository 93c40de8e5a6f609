//! What the operator says by signals.

use crossbeam::channel::{Receiver, Sender, bounded};
use mio::Waker;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;

/// Commands that may wait.
const WAITING: usize = 16;

/// What a server is told while it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// SIGHUP: read the solution again, open the files again.
    Reload,
    /// SIGTERM or SIGINT: take no new calls, and end when those in progress are over. Said again: end now.
    Stop,
}

/// Commands as the signals say them; `waker` is told of each.
///
/// # Errors
/// If the signals cannot be had.
pub fn watch(waker: Arc<Waker>) -> io::Result<Receiver<Command>> {
    let (said, commands) = bounded(WAITING);
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let listen = move || {
        for signal in &mut signals {
            let command = if signal == SIGHUP { Command::Reload } else { Command::Stop };
            say(&said, command, &waker);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen)?;
    Ok(commands)
}

fn say(said: &Sender<Command>, command: Command, waker: &Waker) {
    // A server that has so many to do already does this as well when it does them.
    let _ = said.try_send(command);
    // The owner looks up by itself before long.
    let _ = waker.wake();
}
