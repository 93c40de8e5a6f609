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

/// Primary and basic rate trunks are on cards only; analog ones also on modules outside.
pub(super) fn lint(solution: &Solution, findings: &mut Findings<'_>) {
    for (index, (system, info)) in solution.network.systems.iter().zip(&solution.systems).enumerate() {
        if info.platform != Platform::Ip500v2 {
            continue;
        }
        let (mut pri, mut bri) = (0, 0);
        for (n, line) in system.lines.iter().enumerate() {
            match line.kind {
                LineKind::PriE1 | LineKind::PriT1 => pri += 1,
                LineKind::Bri => bri += 1,
                LineKind::Sip | LineKind::Analog | LineKind::H323 | LineKind::IpOffice { .. } => continue,
            }
            if usize::div_ceil(pri, PRI) + usize::div_ceil(bri, BRI) > CARDS {
                let message = format!(
                    "{pri} primary rate and {bri} basic rate trunks on {:?} do not fit on {CARDS} trunk cards",
                    system.name
                );
                let help = format!("a card has {PRI} PRI or {BRI} BRI trunks; RC, \"IP500 V2 trunk cards\"");
                let path = format!("systems[{index}].lines[{n}]");
                findings.add(&path, Problem::error, message, |problem| problem.help(help));
                break;
            }
        }
    }
}
