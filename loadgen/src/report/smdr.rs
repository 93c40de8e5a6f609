//! Call records in the vendor's text form (SMDR): comma-separated, one line a call. docs/smdr.md says what is certain.

use super::civil::CivilTime;
use engine::id::{HuntGroupId, LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::Plan;
use engine::smdr::{Device, SmdrRecord};
use engine::time::{Duration, Instant};
use std::io::{self, Write};

/// Where call IDs start on each system.
const FIRST_CALL_ID: u64 = 1_000_000;
/// Fields 18 to 30 (authorisation, charges, external targeting): nothing that the engine has.
const NOT_MODELLED: &str = ",,,,,,,,,,,,";

/// Names of one system's parts, as its call records show them.
pub trait Names {
    /// The system.
    fn system(&self) -> (SystemId, &str);
    /// A user; `None` if there is none.
    fn user(&self, user: UserId) -> Option<UserLabel<'_>>;
    /// A line; `None` if there is none.
    fn line(&self, line: LineId) -> Option<LineLabel>;
    /// The extension of a hunt group; `None` if there is none.
    fn hunt_group(&self, group: HuntGroupId) -> Option<Number>;
}

/// A user as call records show one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserLabel<'a> {
    /// Extension.
    pub extension: Number,
    /// Name.
    pub name: &'a str,
}

/// A line as call records show one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineLabel {
    /// Line number.
    pub number: u16,
    /// What is at its other end.
    pub end: LineEnd,
}

/// What is at the other end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// A carrier: calls over it are external.
    Trunk,
    /// Another system of the network: calls over it are internal.
    Network,
}

/// The names that a system's own plan has.
#[derive(Clone, Copy, Debug)]
pub struct PlanNames<'a>(pub &'a Plan);

impl Names for PlanNames<'_> {
    fn system(&self) -> (SystemId, &str) {
        (self.0.system(), self.0.name())
    }

    fn user(&self, user: UserId) -> Option<UserLabel<'_>> {
        let user = self.0.users().get(user.index())?;
        Some(UserLabel { extension: user.extension, name: &user.name })
    }

    fn line(&self, line: LineId) -> Option<LineLabel> {
        let line = self.0.lines().get(line.index())?;
        let end = if line.peer.is_some() { LineEnd::Network } else { LineEnd::Trunk };
        Some(LineLabel { number: line.number, end })
    }

    fn hunt_group(&self, group: HuntGroupId) -> Option<Number> {
        Some(self.0.hunt_groups().get(group.index())?.extension)
    }
}

/// Writes call records line by line. Call IDs count up in the order in which the calls of a system end.
#[derive(Debug)]
pub struct SmdrWriter<W> {
    out: W,
    epoch: CivilTime,
    written: Vec<u64>,
}

impl<W: Write> SmdrWriter<W> {
    /// A writer in whose records time zero is `epoch`.
    pub const fn new(out: W, epoch: CivilTime) -> Self {
        Self { out, epoch, written: Vec::new() }
    }

    /// Writes the record of a call on the system that `names` describes.
    ///
    /// # Errors
    /// Whatever the output says.
    pub fn write(&mut self, record: &SmdrRecord, names: &dyn Names) -> io::Result<()> {
        self.write_facts(&Facts::of(record), names)
    }

    fn write_facts(&mut self, record: &Facts, names: &dyn Names) -> io::Result<()> {
        let (system, system_name) = names.system();
        let call_id = FIRST_CALL_ID + self.count(system);
        let (caller, callee) = (Party::new(record.caller, names), Party::new(record.callee, names));
        let internal = caller.side != Side::Trunk && callee.side != Side::Trunk;
        let inbound = caller.side == Side::Trunk;
        let called = called_number(record, names, inbound);
        // What is inside the network goes before a trunk, whoever called.
        let inside = matches!(callee.side, Side::Phone | Side::Network);
        let (first, second) = if inbound && inside { (&callee, &caller) } else { (&caller, &callee) };
        let ended = record.started + record.ringing + record.connected;
        write!(
            self.out,
            "{},{},{},{},{},{called},{},,{},{call_id},0,{},{},{},{},0,0",
            self.clock(record.started),
            hours_minutes_seconds(record.connected),
            seconds_up(record.ringing),
            record.calling,
            if inbound { 'I' } else { 'O' },
            record.dialled,
            u8::from(internal),
            first.device,
            first.name,
            second.device,
            second.name,
        )?;
        let server = |party: &Party| match party.side {
            Side::Phone => format!("{},{}", plain(system_name), record.tag),
            Side::Trunk | Side::Network | Side::Nobody => ",".to_owned(),
        };
        let clock = self.clock(ended);
        write!(self.out, ",{NOT_MODELLED},{},{},{clock}\r\n", server(&caller), server(&callee))
    }

    /// Hands everything written so far to the output's own output.
    ///
    /// # Errors
    /// Whatever the output says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The output, after the last record.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn clock(&self, at: Instant) -> String {
        self.epoch.plus_seconds(at.as_nanos() / 1_000_000_000).with_slashes()
    }

    /// How many records the system had so far.
    fn count(&mut self, system: SystemId) -> u64 {
        if self.written.len() <= system.index() {
            self.written.resize(system.index() + 1, 0);
        }
        let count = self.written[system.index()];
        self.written[system.index()] += 1;
        count
    }
}

/// What a line of text is made of: a call record without its engine-side handle.
struct Facts {
    started: Instant,
    ringing: Duration,
    connected: Duration,
    calling: Number,
    dialled: Number,
    called: Number,
    caller: Device,
    callee: Device,
    hunt_group: Option<HuntGroupId>,
    tag: u64,
}

impl Facts {
    const fn of(record: &SmdrRecord) -> Self {
        Self {
            started: record.started,
            ringing: record.ringing,
            connected: record.connected,
            calling: record.calling,
            dialled: record.dialled,
            called: record.called,
            caller: record.caller,
            callee: record.callee,
            hunt_group: record.hunt_group,
            tag: record.tag.0,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Phone,
    Trunk,
    Network,
    Nobody,
}

/// One party of a call, as fields 12 to 15 show it.
struct Party {
    side: Side,
    device: String,
    name: String,
}

impl Party {
    fn new(device: Device, names: &dyn Names) -> Self {
        let known = match device {
            Device::None => None,
            Device::User(user) => names.user(user).map(|user| Self {
                side: Side::Phone,
                device: format!("E{}", user.extension),
                name: plain(user.name),
            }),
            Device::Line(channel) => names.line(channel.line).map(|line| Self {
                side: match line.end {
                    LineEnd::Trunk => Side::Trunk,
                    LineEnd::Network => Side::Network,
                },
                device: format!("T{}", 9_000 + u32::from(line.number)),
                name: format!("Line {}.{}", line.number, u32::from(channel.channel) + 1),
            }),
            Device::Voicemail(channel) => Some(Self {
                side: Side::Phone,
                device: format!("V{}", 9_501 + u32::from(channel.0)),
                name: format!("VM Channel {}", u32::from(channel.0) + 1),
            }),
        };
        // The vendor's word for a tone or an unknown device.
        known.unwrap_or_else(|| Self { side: Side::Nobody, device: "V8000".into(), name: "U1 0.0".into() })
    }
}

/// Inbound: where the call was taken to. Otherwise what was dialled.
fn called_number(record: &Facts, names: &dyn Names, inbound: bool) -> Number {
    let group = record.hunt_group.and_then(|group| names.hunt_group(group));
    group.unwrap_or(if inbound { record.called } else { record.dialled })
}

/// Fields are neither quoted nor escaped, so a name must not contain what ends one.
fn plain(text: &str) -> String {
    text.replace([',', '\r', '\n'], " ")
}

/// Times are rounded up to the second.
const fn seconds_up(length: Duration) -> u64 {
    length.as_nanos().div_ceil(1_000_000_000)
}

fn hours_minutes_seconds(length: Duration) -> String {
    let s = seconds_up(length);
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests;
