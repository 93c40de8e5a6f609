//! What fits into an IP500 V2.

use super::findings::Findings;
use crate::solution::{Platform, Solution};
use crate::text::Problem;
use engine::plan::spec::LineKind;

/// Trunk cards of one control unit (RC "Trunk cards", "IP500 V2 trunk cards").
const CARDS: usize = 4;
/// Primary rate trunks on a PRI-U card.
const PRI: usize = 2;
/// Basic rate trunks on a BRI card.
const BRI: usize = 4;
/// Analog trunks on an analog card.
const ANALOG: usize = 4;
/// Analog trunks of a control unit with all its modules outside (DOMAIN 8.4).
const ALL_ANALOG: usize = 204;
/// Analog trunks that may be on modules outside: what is left of them when every card is an analog one.
const OUTSIDE: usize = ALL_ANALOG - CARDS * ANALOG;

/// Primary and basic rate trunks are on cards only; analog ones also on modules outside.
pub(super) fn lint(solution: &Solution, findings: &mut Findings<'_>) {
    for (index, (system, info)) in solution.network.systems.iter().zip(&solution.systems).enumerate() {
        if info.platform != Platform::Ip500v2 {
            continue;
        }
        let (mut pri, mut bri, mut analog) = (0, 0, 0_usize);
        for (n, line) in system.lines.iter().enumerate() {
            match line.kind {
                LineKind::PriE1 | LineKind::PriT1 => pri += 1,
                LineKind::Bri => bri += 1,
                LineKind::Analog => analog += 1,
                LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => continue,
            }
            let on_cards = analog.saturating_sub(OUTSIDE);
            let cards =
                usize::div_ceil(pri, PRI) + usize::div_ceil(bri, BRI) + usize::div_ceil(on_cards, ANALOG);
            if cards > CARDS {
                let message = format!(
                    "{pri} primary rate, {bri} basic rate and {analog} analog trunks on {:?} do not fit on {CARDS} \
                     trunk cards and the modules",
                    system.name
                );
                let help = format!(
                    "a card has {PRI} PRI, {BRI} BRI or {ANALOG} analog trunks, modules have {OUTSIDE} analog ones; \
                     RC, \"IP500 V2 trunk cards\""
                );
                let path = format!("systems[{index}].lines[{n}]");
                findings.add(&path, Problem::error, message, |problem| problem.help(help));
                break;
            }
        }
    }
}
