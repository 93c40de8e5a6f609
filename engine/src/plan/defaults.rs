//! The short codes and the form 50:Main a system has when nothing was configured (DOMAIN 3.4, RES "Default Call
//! Routing").

use super::spec::{ArsFormSpec, CompandingLaw, Feature, Role, ShortCodeSpec, SystemSpec};

/// ARS route id of the form Main, which every system has.
pub(crate) const MAIN_FORM: u32 = 50;
/// Outgoing group of every line to the primary.
pub(crate) const TO_PRIMARY: u32 = 99_999;
/// Outgoing group of every line to the secondary.
pub(crate) const TO_SECONDARY: u32 = 99_998;

/// The default system short codes.
pub(super) fn short_codes(law: CompandingLaw) -> Vec<ShortCodeSpec> {
    match law {
        CompandingLaw::ALaw => vec![ShortCodeSpec::new("?", Feature::Dial, ".", MAIN_FORM)],
        CompandingLaw::ULaw => vec![ShortCodeSpec::new("9N", Feature::Dial, "N", MAIN_FORM)],
    }
}

/// The default form 50:Main: out over group 0, or over the line to the primary (and the secondary after it) on systems
/// that have no trunks of their own by default. Groups that the system does not have are left out.
///
/// The primary treats what arrives as dialled there, so North American numbers go to it with their 9.
pub(super) fn main_form(system: &SystemSpec) -> ArsFormSpec {
    let (prefix, groups): (&str, &[u32]) = match system.role {
        Role::Standalone | Role::Primary => ("", &[0]),
        Role::Secondary => ("9", &[TO_PRIMARY]),
        Role::Expansion => ("9", &[TO_PRIMARY, TO_SECONDARY]),
    };
    let exists = |group: &&u32| system.lines.iter().any(|l| l.outgoing_group == **group);
    let groups: Vec<u32> = groups.iter().filter(exists).copied().collect();
    let each = |c: &str, feature, telephone_number: &str| {
        groups
            .iter()
            .map(|&group| ShortCodeSpec::new(c, feature, telephone_number, group))
            .collect::<Vec<_>>()
    };
    let codes = match system.law {
        CompandingLaw::ALaw => each("?", Feature::Dial3K1, "."),
        CompandingLaw::ULaw => [
            ("11", Feature::DialEmergency, "911"),
            ("911", Feature::DialEmergency, "911"),
            ("0N;", Feature::Dial3K1, "0N"),
            ("1N;", Feature::Dial3K1, "1N"),
            ("XN;", Feature::Dial3K1, "N"),
            ("XXXXXXXXXXN;", Feature::Dial3K1, "N"),
        ]
        .into_iter()
        .flat_map(|(c, feature, number)| each(c, feature, &format!("{prefix}{number}")))
        .collect(),
    };
    ArsFormSpec {
        // "9N" gives the dial tone that a North American caller waits for after the 9.
        secondary_dial_tone: system.law == CompandingLaw::ULaw,
        ..ArsFormSpec::new(MAIN_FORM, "Main", codes)
    }
}
