//! An endpoint on its sockets: one turn after another.

use super::clock::Clock;
use super::network::Network;
use crate::endpoint::{Endpoint, Event, Input, Output};
use engine::time::Instant;
use std::io;
use std::time::Duration;

/// An endpoint, its sockets and the clock, in one thread.
#[derive(Debug)]
pub struct Host {
    /// The sockets.
    pub network: Network,
    /// The endpoint. After a command outside of [`Host::turn`] its outputs go out with the next turn.
    pub endpoint: Endpoint,
    /// The clock.
    pub clock: Clock,
}

impl Host {
    /// Puts them together.
    #[must_use]
    pub fn new(network: Network, endpoint: Endpoint) -> Self {
        Self { network, endpoint, clock: Clock::start() }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Sends what is to be sent, waits for something to come, for a timer or for `longest`, and hands over each event
    /// with the endpoint, to which commands may be given at that time.
    ///
    /// # Errors
    /// If the kernel's poll fails.
    pub fn turn(
        &mut self,
        longest: Duration,
        mut on: impl FnMut(&mut Endpoint, Instant, Event),
    ) -> io::Result<()> {
        self.drain(&mut on);
        let wait = self.endpoint.poll_timeout().map_or(longest, |(at, _)| self.clock.until(at).min(longest));
        let (endpoint, clock) = (&mut self.endpoint, &self.clock);
        self.network.wait(Some(wait), |input| endpoint.handle(clock.now(), input))?;
        self.endpoint.handle_timeout(self.clock.now());
        self.drain(&mut on);
        Ok(())
    }

    fn drain(&mut self, on: &mut impl FnMut(&mut Endpoint, Instant, Event)) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Event(event) => on(&mut self.endpoint, self.clock.now(), event),
                Output::Send { flow, bytes } => {
                    if !self.network.send(flow, bytes) {
                        self.endpoint.handle(self.clock.now(), Input::Unreachable { flow });
                    }
                }
            }
        }
        self.network.flush();
    }
}
