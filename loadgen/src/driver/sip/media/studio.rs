//! The thread that has all audio: sends packets when they are due, listens in between.

use super::audio::Audio;
use super::figures::AudioFigures;
use super::player::{AudioId, Whose};
use crate::driver::sip::legs::Counts;
use crossbeam::channel::Receiver;
use engine::time::Instant;
use sip::io::{Clock, MediaPort, MediaSocket, MediaSockets, Waker, thread_time};
use sip::sdp::Negotiated;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::sync::Arc;

/// Longest sleep; a word from the generator ends it.
const LONGEST_SLEEP: std::time::Duration = std::time::Duration::from_secs(1);
/// Packets sent between two looks at the sockets.
const SENT_AT_A_TIME: usize = 64;

/// A word to the thread.
#[derive(Debug)]
pub(super) enum Command {
    /// A party has these ports.
    Open { audio: AudioId, port: MediaPort, whose: Whose, seed: u64 },
    /// It talks like this.
    Play { audio: AudioId, agreed: Negotiated },
    /// It does not any more.
    Close { audio: AudioId },
    /// The run is over.
    Stop,
}

/// A party.
struct Seat {
    audio: AudioId,
    whose: Whose,
    seed: u64,
    /// `None` until both sides have agreed.
    playing: Option<Audio>,
}

/// The thread's own things.
pub(super) struct Studio {
    sockets: MediaSockets,
    clock: Clock,
    commands: Receiver<Command>,
    /// By place in the sockets.
    seats: Vec<Option<Seat>>,
    /// Looked up, never iterated.
    places: HashMap<AudioId, usize>,
    /// When which place wants to send; those that are out of date are passed over.
    due: BinaryHeap<Reverse<(Instant, usize, AudioId)>>,
    talking: u64,
    figures: AudioFigures,
    out: Vec<u8>,
}

impl Studio {
    pub(super) fn new(clock: Clock, commands: Receiver<Command>) -> io::Result<Self> {
        Ok(Self {
            sockets: MediaSockets::new()?,
            clock,
            commands,
            seats: Vec::new(),
            places: HashMap::new(),
            due: BinaryHeap::new(),
            talking: 0,
            figures: AudioFigures::new(),
            out: Vec::new(),
        })
    }

    pub(super) fn waker(&self) -> Arc<Waker> {
        self.sockets.waker()
    }

    /// Plays until it is told to stop.
    pub(super) fn run(mut self) -> io::Result<AudioFigures> {
        while self.obey()? {
            self.send_due();
            let now = self.clock.now();
            let sleep = match self.due.peek() {
                Some(Reverse((at, ..))) => std::time::Duration::from_nanos(at.since(now).as_nanos()),
                None => LONGEST_SLEEP,
            };
            self.listen(sleep.min(LONGEST_SLEEP))?;
        }
        let places: Vec<usize> = self.places.values().copied().collect();
        places.into_iter().for_each(|place| self.leave(place));
        self.figures.processor = thread_time();
        Ok(self.figures)
    }

    /// Does what it was told; whether to go on.
    fn obey(&mut self) -> io::Result<bool> {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Open { audio, port, whose, seed } => {
                    let place = self.sockets.add(port)?;
                    if place == self.seats.len() {
                        self.seats.push(None);
                    }
                    self.seats[place] = Some(Seat { audio, whose, seed, playing: None });
                    self.places.insert(audio, place);
                }
                Command::Play { audio, agreed } => self.play(audio, agreed),
                Command::Close { audio } => {
                    if let Some(place) = self.places.remove(&audio) {
                        self.leave(place);
                    }
                }
                Command::Stop => return Ok(false),
            }
        }
        Ok(true)
    }

    fn play(&mut self, audio: AudioId, agreed: Negotiated) {
        let Some(&place) = self.places.get(&audio) else { return };
        let Some(seat) = self.seats[place].as_mut() else { return };
        let now = self.clock.now();
        match &mut seat.playing {
            Some(playing) => playing.agree(now, agreed),
            empty @ None => {
                *empty = Some(Audio::new(now, seat.seed, agreed));
                self.talking += 1;
                self.figures.parties_peak = self.figures.parties_peak.max(self.talking);
            }
        }
        self.plan(place);
    }

    /// Notes when a place wants to send next.
    fn plan(&mut self, place: usize) {
        let Some(seat) = self.seats[place].as_ref() else { return };
        if let Some(due) = seat.playing.as_ref().and_then(Audio::next) {
            self.due.push(Reverse((due.at, place, seat.audio)));
        }
    }

    fn send_due(&mut self) {
        for _ in 0..SENT_AT_A_TIME {
            let now = self.clock.now();
            let Some(&Reverse((at, place, audio))) = self.due.peek() else { return };
            if at > now {
                return;
            }
            self.due.pop();
            let Some(seat) = self.seats[place].as_mut().filter(|seat| seat.audio == audio) else { continue };
            let Some(playing) = seat.playing.as_mut() else { continue };
            let Some(due) = playing.next().filter(|due| due.at == at) else { continue };
            playing.write(now, &due, &mut self.out);
            let sent = self.sockets.send(place, due.socket, due.to, &self.out);
            if due.socket == MediaSocket::Rtp && seat.whose.counts == Counts::Yes {
                self.figures.lateness.record(self.clock.now().since(at));
                self.figures.unsent += u64::from(!sent);
            }
            self.plan(place);
        }
    }

    fn listen(&mut self, timeout: std::time::Duration) -> io::Result<()> {
        let Self { sockets, clock, seats, .. } = self;
        sockets.wait(timeout, |input| {
            let playing = seats.get_mut(input.port).and_then(Option::as_mut).and_then(|s| s.playing.as_mut());
            let Some(playing) = playing else { return };
            let age = input.age.as_nanos() as u64;
            let at = Instant::from_nanos(clock.now().as_nanos().saturating_sub(age));
            playing.hear(at, input.socket, input.bytes);
        })
    }

    /// A party leaves; what it has heard is counted.
    fn leave(&mut self, place: usize) {
        let Some(seat) = self.seats[place].take() else { return };
        if let Some(playing) = seat.playing {
            if let Some((to, bytes)) = playing.goodbye() {
                self.sockets.send(place, MediaSocket::Rtcp, to, &bytes);
            }
            self.talking -= 1;
            let heard = playing.end(self.clock.now());
            if seat.whose.counts == Counts::Yes {
                self.figures.count(seat.whose, &heard);
            }
        }
        self.sockets.remove(place);
    }
}
