//! Lines and line groups.

use super::Compiler;
use crate::id::{LineGroupId, SystemId};
use crate::limits;
use crate::plan::model::{Line, LineGroup};
use crate::plan::spec::{BackedUp, BacksUp, LineKind, LineSpec, NetworkSpec};
use crate::route::incoming::IncomingNumber;

impl Compiler<'_> {
    pub(super) fn lines(&mut self, network: &NetworkSpec, own: SystemId) -> (Vec<Line>, Vec<LineGroup>) {
        let mut lines = Vec::with_capacity(self.spec.lines.len());
        let mut groups: Vec<LineGroup> = Vec::new();
        let mut by_number: Vec<usize> = (0..self.spec.lines.len()).collect();
        by_number.sort_by_key(|&n| self.spec.lines[n].number);
        for pair in by_number.windows(2) {
            if self.spec.lines[pair[0]].number == self.spec.lines[pair[1]].number {
                let at = format!("{}.lines[{}].number", self.path, pair[1]);
                self.faults
                    .add(at, format!("line number {} is in use already", self.spec.lines[pair[1]].number));
            }
        }
        for &n in &by_number {
            let number = self.spec.lines[n].outgoing_group;
            let line = crate::id::LineId::at(n);
            match groups.iter_mut().find(|g| g.number == number) {
                Some(group) => group.lines.push(line),
                None => groups.push(LineGroup { number, lines: vec![line] }),
            }
        }
        groups.sort_by_key(|g| g.number);
        for (n, spec) in self.spec.lines.iter().enumerate() {
            self.check_line(n);
            let group = groups.binary_search_by_key(&spec.outgoing_group, |g| g.number).unwrap_or(0);
            lines.push(Line {
                number: spec.number,
                name: spec.name.clone(),
                kind: spec.kind,
                channels: spec.channels,
                group: LineGroupId::at(group),
                incoming_group: spec.incoming_group,
                in_service: spec.in_service,
                uris: self.uris(n, spec),
                call_initiation_timeout: spec.call_initiation_timeout,
                endpoint: spec.endpoint,
                media_preservation: spec.media_preservation,
                keep_alive: spec.keep_alive,
                keep_alive_losses: spec.keep_alive_losses,
                backs_up: spec.backs_up,
                backed_up: backed_up_by(network, own, spec),
                peer: match spec.kind {
                    LineKind::IpOffice { peer } => Some(peer),
                    LineKind::Sip
                    | LineKind::PriE1
                    | LineKind::PriT1
                    | LineKind::Bri
                    | LineKind::Analog
                    | LineKind::H323 => None,
                },
            });
        }
        (lines, groups)
    }

    fn check_line(&mut self, n: usize) {
        let (line, path) = (&self.spec.lines[n], format!("{}.lines[{n}]", self.path));
        let most = match line.kind {
            LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => limits::MAX_CHANNELS,
            LineKind::PriE1 => 30,
            LineKind::PriT1 => 24,
            LineKind::Bri => 2,
            LineKind::Analog => 1,
        };
        if line.channels == 0 || line.channels > most {
            let what = format!("{} channels, but a line of this kind has 1 to {most}", line.channels);
            self.faults.add(format_args!("{path}.channels"), what);
        }
        if line.call_initiation_timeout.is_zero() {
            self.faults.add(format_args!("{path}.call_initiation_timeout"), "must be longer than 0 s");
        }
        if line.keep_alive.is_zero() || line.keep_alive_losses == 0 {
            self.faults.add(format_args!("{path}.keep_alive"), "period and losses must be more than 0");
        }
        if line.backs_up.is_some() && !matches!(line.kind, LineKind::IpOffice { .. }) {
            self.faults.add(format_args!("{path}.backs_up"), "only an IP Office line supports resiliency");
        }
        if line.outgoing_group > limits::MAX_GROUP_NUMBER {
            let what = format!("{} is above {}", line.outgoing_group, limits::MAX_GROUP_NUMBER);
            self.faults.add(format_args!("{path}.outgoing_group"), what);
        }
    }

    fn uris(&mut self, n: usize, spec: &LineSpec) -> Vec<IncomingNumber> {
        let parsed = spec.uris.iter().enumerate().filter_map(|(u, uri)| {
            let number = IncomingNumber::parse(uri);
            number.map_err(|e| self.faults.add(format_args!("{}.lines[{n}].uris[{u}]", self.path), e)).ok()
        });
        parsed.collect()
    }
}

/// What the other end of an IP Office line has backed up by `own`, by its line back; voicemail only from server to server.
fn backed_up_by(network: &NetworkSpec, own: SystemId, line: &LineSpec) -> Option<BacksUp> {
    let LineKind::IpOffice { peer } = line.kind else { return None };
    let lines = &network.systems.get(peer.index())?.lines;
    let mut back = lines.iter().filter(|back| back.kind == LineKind::IpOffice { peer: own });
    let backed_up = back.find_map(|back| back.backs_up)?;
    let has_server = |id: SystemId| network.systems[id.index()].voicemail.channels > 0;
    let both = has_server(own) && has_server(peer);
    Some(if both { backed_up } else { backed_up.without(BackedUp::Voicemail) })
}
