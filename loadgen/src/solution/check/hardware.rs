//! Whether an IP500 V2 can be built as described, and whether it has what the solution wants of it (RC chapter 5).

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{
    BASE_CARDS, BaseCard, ControlUnit, Module, Phone, RawHardware, RawLine, RawSolution, RawUsers, TrunkCard,
};
use super::{Names, edition};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::LineKind;
use std::collections::HashMap;

/// Slots of a control unit.
const SLOTS: usize = 4;
/// Trunk cards of each kind.
const TRUNK_CARDS_OF_A_KIND: usize = 4;
/// Ports for modules (vendor's installation manual; RC shows them and gives no number).
const MODULES: usize = 8;
/// Extensions, ports without a phone included.
const EXTENSIONS: usize = 384;
/// Channels of a primary rate interface that need no licence.
const PRI_CHANNELS_ENABLED: u64 = 8;

/// What a card or module brings.
#[derive(Clone, Copy, Default)]
struct Ports {
    digital: usize,
    analog: usize,
    pri: usize,
    bri: usize,
    analog_trunks: usize,
    vcm: u16,
}

impl std::ops::AddAssign for Ports {
    fn add_assign(&mut self, other: Self) {
        self.digital += other.digital;
        self.analog += other.analog;
        self.pri += other.pri;
        self.bri += other.bri;
        self.analog_trunks += other.analog_trunks;
        self.vcm += other.vcm;
    }
}

const NOTHING: Ports = Ports { digital: 0, analog: 0, pri: 0, bri: 0, analog_trunks: 0, vcm: 0 };

impl BaseCard {
    /// Most of this card in a system (RC table 1), and what it brings.
    const fn facts(self) -> (usize, Ports) {
        match self {
            Self::DigitalStation8 => (3, Ports { digital: 8, ..NOTHING }),
            Self::DigitalStation8A => (4, Ports { digital: 8, ..NOTHING }),
            Self::AnalogPhone2 => (4, Ports { analog: 2, ..NOTHING }),
            Self::AnalogPhone8 => (4, Ports { analog: 8, ..NOTHING }),
            Self::Vcm32 => (2, Ports { vcm: 32, ..NOTHING }),
            Self::Vcm64 => (2, Ports { vcm: 64, ..NOTHING }),
            Self::AtmCombination => {
                (2, Ports { digital: 6, analog: 2, analog_trunks: 4, vcm: 10, ..NOTHING })
            }
            Self::BriCombination => (2, Ports { digital: 6, analog: 2, bri: 2, vcm: 10, ..NOTHING }),
            Self::Ucm => (1, NOTHING),
        }
    }

    /// Cards that are counted together: both sizes of the VCM.
    const fn kind(self) -> Self {
        match self {
            Self::Vcm32 => Self::Vcm64,
            Self::DigitalStation8
            | Self::DigitalStation8A
            | Self::AnalogPhone2
            | Self::AnalogPhone8
            | Self::Vcm64
            | Self::AtmCombination
            | Self::BriCombination
            | Self::Ucm => self,
        }
    }

    fn name(self) -> &'static str {
        BASE_CARDS.iter().find(|(_, card)| *card == self).map_or("", |(name, _)| name)
    }
}

impl TrunkCard {
    /// Cards that are counted together, and what one brings (RC table 2).
    const fn facts(self) -> (&'static str, Ports) {
        match self {
            Self::Analog4 => ("analog", Ports { analog_trunks: 4, ..NOTHING }),
            Self::Pri1 => ("PRI", Ports { pri: 1, ..NOTHING }),
            Self::Pri2 => ("PRI", Ports { pri: 2, ..NOTHING }),
            Self::Bri2 => ("BRI", Ports { bri: 2, ..NOTHING }),
            Self::Bri4 => ("BRI", Ports { bri: 4, ..NOTHING }),
        }
    }
}

impl Module {
    const fn ports(self) -> Ports {
        match self {
            Self::AnalogPhone16 => Ports { analog: 16, ..NOTHING },
            Self::AnalogPhone30 => Ports { analog: 30, ..NOTHING },
            Self::DigitalStation16 => Ports { digital: 16, ..NOTHING },
            Self::DigitalStation30 => Ports { digital: 30, ..NOTHING },
            Self::Atm16 => Ports { analog_trunks: 16, ..NOTHING },
        }
    }
}

pub(super) fn check(raw: &RawSolution, names: &Names, infos: &[SystemInfo], p: &mut Problems) {
    let mut seen: HashMap<SystemId, &Place> = HashMap::new();
    for hardware in &raw.hardware {
        check_slots(hardware, edition(raw), p);
        check_modules(hardware, p);
        let Some(system) = names.resolve_some(hardware.system.as_ref(), p) else { continue };
        if let Some(first) = seen.insert(system, &hardware.place) {
            let problem = Problem::error("the hardware of a system is said once").at(&hardware.place);
            p.push(problem.also(first, "the first"));
        }
        if infos[system.index()].platform != Platform::Ip500v2 {
            let problem = Problem::error("only an IP500 V2 is built of cards").at(&hardware.place);
            p.push(problem.help("RC chapter 5, \"IP500 V2 Systems\""));
            continue;
        }
        let ports = ports_of(hardware);
        let on_it: Vec<&RawUsers> = (raw.users.iter())
            .filter(|users| users.system.as_ref().is_some_and(|s| s.value == names.0[system.index()]))
            .collect();
        check_phones(hardware, &on_it, &ports, p);
        let lines: Vec<&RawLine> = (raw.lines.iter())
            .filter(|line| line.system.as_ref().is_some_and(|s| s.value == names.0[system.index()]))
            .collect();
        check_trunks(&lines, &ports, p);
        check_pri_channels(hardware, &lines, p);
    }
}

fn ports_of(hardware: &RawHardware) -> Ports {
    let mut ports = Ports::default();
    for slot in &hardware.slots {
        if let Some(base) = &slot.base {
            ports += base.value.facts().1;
        }
        if let Some(trunk) = &slot.trunk {
            ports += trunk.value.facts().1;
        }
    }
    for module in &hardware.modules {
        ports += module.value.ports();
    }
    ports
}

/// RC "IP Office IP500 V2 control unit": four slots; of a card too many, the rightmost one is disabled.
fn check_slots(hardware: &RawHardware, edition: Edition, p: &mut Problems) {
    let mut bases: Vec<BaseCard> = Vec::new();
    let mut trunks: Vec<&'static str> = Vec::new();
    for (n, slot) in hardware.slots.iter().enumerate() {
        let place = slot.base.as_ref().map_or(&hardware.place, |base| &base.place);
        if n == SLOTS {
            let message =
                format!("{} base cards, but a control unit has {SLOTS} slots", hardware.slots.len());
            p.push(Problem::error(message).at(place).help("RC, \"IP500 V2 control unit\""));
        }
        if let Some(base) = &slot.base {
            check_base_card(base, hardware, edition, &bases, p);
            bases.push(base.value.kind());
        }
        if let Some(trunk) = &slot.trunk {
            let (kind, _) = trunk.value.facts();
            trunks.push(kind);
            check_trunk_card(trunk, slot.base.as_ref(), &trunks, p);
        }
    }
}

fn check_base_card(
    base: &At<BaseCard>,
    hardware: &RawHardware,
    edition: Edition,
    before: &[BaseCard],
    p: &mut Problems,
) {
    let (most, _) = base.value.facts();
    let kind = base.value.kind();
    let count = before.iter().filter(|card| **card == kind).count();
    if count == most {
        let message = format!("a system has at most {most} cards of the kind {:?}", base.value.name());
        let problem = Problem::error(message).at(&base.place).label("this one would be disabled");
        p.push(problem.help("RC, table \"IP500V2 base cards\""));
    }
    let is_v2a = hardware.control_unit.as_ref().is_some_and(|unit| unit.value == ControlUnit::V2A);
    if base.value == BaseCard::DigitalStation8 && is_v2a {
        let problem = Problem::error("an IP500 V2A does not support this card").at(&base.place);
        p.push(problem.help("\"digital-station-8a\" it does; RC, table \"IP500V2 base cards\""));
    }
    if base.value == BaseCard::Ucm && edition != Edition::Preferred {
        let problem = Problem::error("a UCM needs Preferred Edition").at(&base.place);
        p.push(problem.help("RC, table \"IP500V2 base cards\""));
    }
}

fn check_trunk_card(trunk: &At<TrunkCard>, base: Option<&At<BaseCard>>, kinds: &[&str], p: &mut Problems) {
    let (kind, _) = trunk.value.facts();
    if kinds.iter().filter(|k| **k == kind).count() == TRUNK_CARDS_OF_A_KIND + 1 {
        let message = format!("a system has at most {TRUNK_CARDS_OF_A_KIND} {kind} trunk cards");
        p.push(Problem::error(message).at(&trunk.place).help("RC, table \"IP500 V2 trunk cards\""));
    }
    let Some(base) = base else { return };
    let complaint = match base.value {
        BaseCard::Ucm => "a UCM takes no trunk card",
        BaseCard::AtmCombination | BaseCard::BriCombination => {
            "a combination card has its trunks already and takes no trunk card"
        }
        BaseCard::Vcm32 | BaseCard::Vcm64 if trunk.value == TrunkCard::Analog4 => {
            "an analog trunk card does not go on a VCM"
        }
        BaseCard::DigitalStation8
        | BaseCard::DigitalStation8A
        | BaseCard::AnalogPhone2
        | BaseCard::AnalogPhone8
        | BaseCard::Vcm32
        | BaseCard::Vcm64 => return,
    };
    let problem = Problem::error(complaint).at(&trunk.place).also(&base.place, "the base card");
    p.push(problem.help("RC, tables \"IP500V2 base cards\" and \"IP500 V2 trunk cards\""));
}

fn check_modules(hardware: &RawHardware, p: &mut Problems) {
    if let Some(excess) = hardware.modules.get(MODULES) {
        let message =
            format!("{} modules, but a control unit has ports for {MODULES}", hardware.modules.len());
        p.push(Problem::error(message).at(&excess.place));
    }
}

/// Voice compression channels of all cards (RC: 128 on VCM cards, and 10 on each of two combination cards).
pub(super) fn compression_channels(hardware: &RawHardware) -> u32 {
    u32::from(ports_of(hardware).vcm)
}

/// Phones that are not IP need a port each. RC "IP500 V2": up to 384 extensions; a port is one, whether a phone is plugged
/// in or not, and so is each IP phone.
fn check_phones(hardware: &RawHardware, users: &[&RawUsers], ports: &Ports, p: &mut Problems) {
    let kind = |users: &RawUsers| users.endpoint.phone.as_ref().map_or(Phone::Ip, |phone| phone.value);
    let count = |users: &RawUsers| users.extensions.as_ref().map_or(0, |list| list.value.len());
    for (phone, name, fitted) in
        [(Phone::Digital, "digital", ports.digital), (Phone::Analog, "analog", ports.analog)]
    {
        let of_kind = || users.iter().filter(|users| kind(users) == phone);
        let wanted: usize = of_kind().map(|users| count(users)).sum();
        if let (Some(last), true) = (of_kind().next_back(), wanted > fitted) {
            let message =
                format!("{wanted} {name} phones, but the cards and modules have ports for {fitted}");
            p.push(Problem::error(message).at(&last.place).help("add a card or a module"));
        }
    }
    let on_ip: usize = users.iter().filter(|users| kind(users) == Phone::Ip).map(|users| count(users)).sum();
    let on_ports = ports.digital + ports.analog;
    if on_ports + on_ip > EXTENSIONS {
        let message = format!(
            "{on_ports} ports for phones and {on_ip} IP phones, but an IP500 V2 has at most {EXTENSIONS} extensions"
        );
        p.push(Problem::error(message).at(&hardware.place).help("RC, \"IP500 V2\": up to 384 extensions"));
    }
}

/// Each trunk needs a port.
fn check_trunks(lines: &[&RawLine], ports: &Ports, p: &mut Problems) {
    for (name, fitted, kinds) in [
        ("primary rate", ports.pri, [LineKind::PriE1, LineKind::PriT1].as_slice()),
        ("basic rate", ports.bri, [LineKind::Bri].as_slice()),
        ("analog", ports.analog_trunks, [LineKind::Analog].as_slice()),
    ] {
        let is_of_kind = |line: &&&RawLine| line.kind.as_ref().is_some_and(|k| kinds.contains(&k.value));
        let of_kind: Vec<_> = lines.iter().filter(is_of_kind).collect();
        if let Some(excess) = of_kind.get(fitted) {
            let message =
                format!("{} {name} trunks, but the cards and modules have ports for {fitted}", of_kind.len());
            p.push(Problem::error(message).at(&excess.place).help("add a card, or take the line away"));
        }
    }
}

/// RC "IP500 V2 trunk cards": 8 channels of each interface are enabled, further ones by licences.
fn check_pri_channels(hardware: &RawHardware, lines: &[&RawLine], p: &mut Problems) {
    let licensed = hardware.pri_licences.as_ref().map_or(0, |licences| licences.value);
    let mut wanted = 0;
    for line in lines {
        let Some(kind) = &line.kind else { continue };
        let default = match kind.value {
            LineKind::PriE1 => 30,
            LineKind::PriT1 => 24,
            LineKind::Sip | LineKind::Bri | LineKind::Analog | LineKind::H323 | LineKind::IpOffice { .. } => {
                continue;
            }
        };
        let channels = line.channels.as_ref().map_or(default, |channels| channels.value);
        let more = channels.saturating_sub(PRI_CHANNELS_ENABLED);
        if wanted <= licensed && wanted + more > licensed {
            let place = line.channels.as_ref().map_or(&line.place, |channels| &channels.place);
            let message = format!(
                "{channels} channels, but {PRI_CHANNELS_ENABLED} of each interface are enabled and {} more are licensed",
                licensed - wanted
            );
            let help = "lower \"channels\" or raise \"pri_licences\"; RC, \"IP500 V2 trunk cards\"";
            p.push(Problem::error(message).at(place).help(help));
        }
        wanted += more;
    }
}
