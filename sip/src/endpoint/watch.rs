//! Peers asked regularly with OPTIONS whether they live.

use super::client::Owner;
use super::core::Endpoint;
use super::types::{Event, Flow, PeerState, Refusal, Target, TimerKind, WatchId};
use super::uac::Named;
use crate::message::Method;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;

/// A watched peer.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    flow: Flow,
    uri: Box<str>,
    from: Box<str>,
    interval: Duration,
    asked_at: Instant,
    up: Option<bool>,
    timer: Option<TimerId>,
}

impl Endpoint {
    /// Asks a peer with OPTIONS, now and every `interval` after its answer or its silence (32 seconds). A change is
    /// an event; so is the first finding.
    ///
    /// # Errors
    /// If a table is full.
    pub fn watch(
        &mut self,
        now: Instant,
        flow: Flow,
        uri: &str,
        from: &str,
        interval: Duration,
    ) -> Result<WatchId, Refusal> {
        self.advance(now);
        if self.watches.len() >= self.config.max_watches {
            return Err(Refusal::Full);
        }
        let watch = Watch {
            flow,
            uri: uri.into(),
            from: from.into(),
            interval,
            asked_at: now,
            up: None,
            timer: None,
        };
        let id = WatchId::new(self.watches.insert(watch));
        self.ask(id);
        Ok(id)
    }

    /// Stops asking.
    ///
    /// # Errors
    /// If the peer is not watched.
    pub fn unwatch(&mut self, now: Instant, watch: WatchId) -> Result<(), Refusal> {
        self.advance(now);
        let gone = self.watches.remove(watch.index, watch.generation).ok_or(Refusal::Unknown)?;
        self.disarm(gone.timer);
        Ok(())
    }

    fn ask(&mut self, id: WatchId) {
        let now = self.now();
        let Some(watch) = self.watches.get_mut(id.index, id.generation) else { return };
        watch.asked_at = now;
        let copy = watch.clone();
        let to = format!("<{}>", copy.uri);
        let target = Target { flow: copy.flow, uri: &copy.uri, from: &copy.from, to: &to, contact: None };
        let named = Named::default();
        let asked =
            self.start_standalone(Owner::Watch(id), Method::Options, &target, &named, &[], None, None);
        if asked.is_err() {
            // No room to ask says nothing about the peer.
            self.ask_later(id);
        }
    }

    fn ask_later(&mut self, id: WatchId) {
        let Some(watch) = self.watches.get(id.index, id.generation) else { return };
        let timer = self.arm(watch.interval, TimerKind::Watch, (id.index, id.generation));
        if let Some(watch) = self.watches.get_mut(id.index, id.generation) {
            watch.timer = Some(timer);
        }
    }

    pub(super) fn watch_timeout(&mut self, id: WatchId) {
        self.ask(id);
    }

    pub(super) fn watch_final(&mut self, id: WatchId, status: u16) {
        let now = self.now();
        let Some(watch) = self.watches.get_mut(id.index, id.generation) else { return };
        // Any answer shows life, but 503 says that calls are not welcome, and 408 that there was none.
        let up = !matches!(status, 408 | 503);
        let changed = watch.up != Some(up);
        watch.up = Some(up);
        let round_trip = now.since(watch.asked_at);
        if changed {
            let state = if up { PeerState::Up { round_trip } } else { PeerState::Down };
            self.emit(Event::Peer { watch: id, state });
        }
        self.ask_later(id);
    }
}
