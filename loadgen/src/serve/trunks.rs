//! Far ends of SIP lines: where they are, and whether they answer.

use super::core::Core;
use super::setup::Setup;
use engine::id::LineId;
use engine::time::Instant;
use engine::{Input, Service};
use sip::endpoint::{Flow, PeerState, Transport, WatchId};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

type Lines = SmallVec<[LineId; 2]>;

/// The far ends, by where their calls come from. Looked up, never iterated.
#[derive(Debug)]
pub(super) struct Trunks {
    datagrams: HashMap<SocketAddr, Lines, ahash::RandomState>,
    /// Connections come from any port.
    streams: HashMap<(Transport, IpAddr), Lines, ahash::RandomState>,
    watched: HashMap<WatchId, LineId, ahash::RandomState>,
}

impl Trunks {
    pub(super) fn new(setup: &Setup) -> Self {
        let mut trunks =
            Self { datagrams: HashMap::default(), streams: HashMap::default(), watched: HashMap::default() };
        for (n, far_end) in setup.far_ends.iter().enumerate() {
            let Some(far_end) = far_end else { continue };
            let lines = match far_end.transport {
                Transport::Udp => trunks.datagrams.entry(far_end.address).or_default(),
                stream @ (Transport::Tcp | Transport::Tls) => {
                    trunks.streams.entry((stream, far_end.address.ip())).or_default()
                }
            };
            lines.push(LineId::at(n));
        }
        trunks
    }

    /// Other far ends from now on; the watches stay.
    pub(super) fn lead_to(&mut self, setup: &Setup) {
        let watched = std::mem::take(&mut self.watched);
        *self = Self { watched, ..Self::new(setup) };
    }

    /// The lines that calls from there come in on, in order of their numbers.
    pub(super) fn lines_from(&self, source: Flow) -> &[LineId] {
        let lines = match source.transport {
            Transport::Udp => self.datagrams.get(&source.remote),
            stream @ (Transport::Tcp | Transport::Tls) => self.streams.get(&(stream, source.remote.ip())),
        };
        lines.map_or(&[], |lines| lines.as_slice())
    }
}

impl Core {
    /// Asks the far ends of SIP lines whether they are there, as far as the solution says so.
    pub(super) fn watch_trunks(&mut self, now: Instant) {
        for n in 0..self.setup.far_ends.len() {
            self.watch_trunk(now, LineId::at(n));
        }
    }

    fn watch_trunk(&mut self, now: Instant, line: LineId) {
        let Some(far_end) = self.setup.far_ends[line.index()] else { return };
        let Some(interval) = far_end.options_interval else { return };
        let from = format!("<sip:{}>", self.setup.addresses.domain);
        let flow = Flow { transport: far_end.transport, channel: 0, remote: far_end.address };
        let uri = format!("sip:{}", far_end.address);
        if let Ok(watch) = self.endpoint.watch(now, flow, &uri, &from, interval) {
            self.trunks.watched.insert(watch, line);
        }
    }

    /// A line leads elsewhere from now on: what was known of the other far end says nothing of this one.
    pub(super) fn trunk_moved(&mut self, now: Instant, line: LineId) {
        let watches: Vec<WatchId> =
            self.trunks.watched.iter().filter(|&(_, &of)| of == line).map(|(&watch, _)| watch).collect();
        for watch in watches {
            self.trunks.watched.remove(&watch);
            // Nobody else stops a watch.
            let _ = self.endpoint.unwatch(now, watch);
        }
        let leads = self.setup.far_ends[line.index()].is_some();
        let is_meant = self.setup.plan.lines()[line.index()].in_service;
        let service = Service::when(leads && is_meant);
        self.tell_engine(now, Input::LineService { line, service });
        self.watch_trunk(now, line);
    }

    /// The far end of a line answers, or no longer: the engine's ARS takes other routes then.
    pub(super) fn trunk_heard(&mut self, now: Instant, watch: WatchId, state: PeerState) {
        let Some(&line) = self.trunks.watched.get(&watch) else { return };
        let is_meant = self.setup.plan.lines()[line.index()].in_service;
        let service = match state {
            PeerState::Up { .. } if is_meant => Service::In,
            PeerState::Up { .. } | PeerState::Down => Service::Out,
        };
        self.tell_engine(now, Input::LineService { line, service });
    }
}
