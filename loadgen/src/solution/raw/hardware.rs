//! What an IP500 V2 is built of: the cards in its slots and the modules outside (RC chapter 5).

use super::field::name;
use crate::text::{At, Place, Problem, Problems, Table, Value, did_you_mean};

/// Most slots and modules that a file may list before it is not looked at any further.
const MAX_LISTED: usize = 100;
/// Most channels that licences may enable; far above what fits.
const MAX_LICENSED: u64 = 10_000;

pub(in crate::solution) struct RawHardware {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) control_unit: Option<At<ControlUnit>>,
    pub(in crate::solution) slots: Vec<RawSlot>,
    pub(in crate::solution) modules: Vec<At<Module>>,
    pub(in crate::solution) pri_licences: Option<At<u64>>,
}

/// A slot of the control unit, with what is in it.
pub(in crate::solution) struct RawSlot {
    pub(in crate::solution) base: Option<At<BaseCard>>,
    pub(in crate::solution) trunk: Option<At<TrunkCard>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum ControlUnit {
    V2,
    V2A,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum BaseCard {
    DigitalStation8,
    DigitalStation8A,
    AnalogPhone2,
    AnalogPhone8,
    Vcm32,
    Vcm64,
    AtmCombination,
    BriCombination,
    Ucm,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum TrunkCard {
    Analog4,
    Pri1,
    Pri2,
    Bri2,
    Bri4,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum Module {
    AnalogPhone16,
    AnalogPhone30,
    DigitalStation16,
    DigitalStation30,
    Atm16,
}

const CONTROL_UNITS: [(&str, ControlUnit); 2] =
    [("ip500v2", ControlUnit::V2), ("ip500v2a", ControlUnit::V2A)];
pub(in crate::solution) const BASE_CARDS: [(&str, BaseCard); 9] = [
    ("digital-station-8", BaseCard::DigitalStation8),
    ("digital-station-8a", BaseCard::DigitalStation8A),
    ("analog-phone-2", BaseCard::AnalogPhone2),
    ("analog-phone-8", BaseCard::AnalogPhone8),
    ("vcm-32", BaseCard::Vcm32),
    ("vcm-64", BaseCard::Vcm64),
    ("atm-combination", BaseCard::AtmCombination),
    ("bri-combination", BaseCard::BriCombination),
    ("ucm", BaseCard::Ucm),
];
const TRUNK_CARDS: [(&str, TrunkCard); 5] = [
    ("analog-4", TrunkCard::Analog4),
    ("pri-1", TrunkCard::Pri1),
    ("pri-2", TrunkCard::Pri2),
    ("bri-2", TrunkCard::Bri2),
    ("bri-4", TrunkCard::Bri4),
];
const MODULES: [(&str, Module); 5] = [
    ("analog-phone-16", Module::AnalogPhone16),
    ("analog-phone-30", Module::AnalogPhone30),
    ("digital-station-16", Module::DigitalStation16),
    ("digital-station-30", Module::DigitalStation30),
    ("atm-16", Module::Atm16),
];

pub(super) fn read_hardware(t: &mut Table<'_>, p: &mut Problems) -> RawHardware {
    RawHardware {
        place: t.place().clone(),
        system: t.req("system", p, name),
        control_unit: t.opt("control_unit", p, |v, p| v.choice(&CONTROL_UNITS, p)),
        slots: t.opt("slots", p, |v, p| list(v, p, read_slot)).map_or_else(Vec::new, |at| at.value),
        modules: t.opt("modules", p, |v, p| list(v, p, read_module)).map_or_else(Vec::new, |at| at.value),
        pri_licences: t.opt("pri_licences", p, |v, p| v.integer(0..=MAX_LICENSED, p)),
    }
}

fn list<T>(
    v: &Value<'_>,
    p: &mut Problems,
    read: impl Fn(&Value<'_>, &mut Problems) -> Option<T>,
) -> Option<Vec<T>> {
    let values = v.array(p);
    if values.len() > MAX_LISTED {
        p.push(Problem::error(format!("more than {MAX_LISTED} entries")).at(&v.place));
        return None;
    }
    Some(values.iter().filter_map(|v| read(v, p)).collect())
}

fn read_slot(v: &Value<'_>, p: &mut Problems) -> Option<RawSlot> {
    let mut t = v.table(p)?;
    let slot = RawSlot {
        base: t.req("base", p, |v, p| v.choice(&BASE_CARDS, p)),
        trunk: t.opt("trunk", p, |v, p| v.choice(&TRUNK_CARDS, p)),
    };
    t.finish(p);
    Some(slot)
}

fn read_module(v: &Value<'_>, p: &mut Problems) -> Option<At<Module>> {
    let text = v.string(p)?;
    let found = MODULES.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let help = did_you_mean(text, MODULES.map(|(name, _)| name));
        p.push(Problem::error(format!("unknown module {text:?}")).at(&v.place).maybe_help(help));
    }
    found.map(|(_, module)| At { value: *module, place: v.place.clone() })
}
