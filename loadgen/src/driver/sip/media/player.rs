//! The generator's side of the audio: ports for offers, and words to the thread that plays and listens.

use super::figures::AudioFigures;
use super::studio::{self, Command};
use crossbeam::channel::{Sender, bounded};
use sip::io::{Clock, MediaPort};
use sip::sdp::Negotiated;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Words that may wait for the thread; the generator waits for room, and its lateness shows it.
const WORDS: usize = 4_096;

/// One party's audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) struct AudioId(pub(super) u64);

/// Which side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Party {
    Caller,
    Called,
}

/// Whose audio it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Whose {
    pub(in super::super) party: Party,
    /// The call, by a number that both parties have.
    pub(in super::super) call: u64,
    pub(in super::super) counts: super::super::legs::Counts,
}

/// Plays and listens for all parties of a run.
#[derive(Debug)]
pub(in super::super) struct Player {
    commands: Sender<Command>,
    waker: Arc<sip::io::Waker>,
    thread: Option<JoinHandle<io::Result<AudioFigures>>>,
    seed: u64,
    opened: u64,
}

impl Player {
    /// Starts the thread.
    pub(in super::super) fn start(seed: u64, clock: Clock) -> io::Result<Self> {
        sip::io::raise_file_limit();
        let (commands, received) = bounded(WORDS);
        let studio = studio::Studio::new(clock, received)?;
        let waker = studio.waker();
        let thread = std::thread::Builder::new().name("audio".to_owned()).spawn(move || studio.run())?;
        Ok(Self { commands, waker, thread: Some(thread), seed, opened: 0 })
    }

    /// Ports for one party at `ip`: its name and where it receives RTP.
    ///
    /// # Errors
    /// If there are no ports, or no more files.
    pub(in super::super) fn open(&mut self, ip: IpAddr, whose: Whose) -> io::Result<(AudioId, SocketAddr)> {
        self.opened += 1;
        let audio = AudioId(self.opened);
        // Each party takes the next ports, so that packets of a call that is over find nobody; runs begin apart.
        let hint = self.seed.wrapping_add(2 * self.opened) as u16;
        let port = MediaPort::bind(ip, hint)?;
        let at = port.at();
        let seed = self.seed ^ self.opened.rotate_left(32);
        self.say(Command::Open { audio, port, whose, seed });
        Ok((audio, at))
    }

    /// The party talks from now on, or goes on otherwise than before.
    pub(in super::super) fn play(&mut self, audio: AudioId, agreed: Negotiated) {
        self.say(Command::Play { audio, agreed });
    }

    /// The party has hung up, or never talked.
    pub(in super::super) fn close(&mut self, audio: AudioId) {
        self.say(Command::Close { audio });
    }

    fn say(&self, command: Command) {
        // A thread that has ended is heard of in `finish`.
        if self.commands.send(command).is_ok() {
            let _ = self.waker.wake();
        }
    }

    /// Ends it; what was heard.
    ///
    /// # Errors
    /// If the thread's poll failed.
    pub(in super::super) fn finish(mut self) -> io::Result<AudioFigures> {
        self.say(Command::Stop);
        let thread = self.thread.take().expect("taken here alone");
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the audio thread panicked")))
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.say(Command::Stop);
            // A panic there has been printed; here it must not become a second one.
            let _ = thread.join();
        }
    }
}
