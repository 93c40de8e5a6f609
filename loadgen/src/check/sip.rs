//! What must hold in every run over SIP.

use super::check;
use crate::driver::SipFigures;
use crate::report::Check;

/// Holds what the SIP driver found against every property.
pub(super) fn all(figures: &SipFigures) -> [Check; 5] {
    [registered(figures), known(figures), said(figures), ended(figures), ceiling(figures)]
}

/// Every phone that was to register did, and stayed so.
fn registered(figures: &SipFigures) -> Check {
    let [wanted, did] = figures.phones;
    let [renewed, lost] = figures.renewed;
    let mut faults = Vec::new();
    if did < wanted {
        faults.push(format!("{did} of {wanted} phones could register"));
    }
    if lost > 0 {
        faults.push(format!("{lost} registrations were lost in the course of the run"));
    }
    check("phones registered", faults, format!("{did} phones, {renewed} registrations renewed"))
}

/// Every call that came belonged to one that was placed.
fn known(figures: &SipFigures) -> Check {
    let strangers = figures.strangers;
    let faults =
        if strangers == 0 { vec![] } else { vec![format!("{strangers} calls came that nobody here placed")] };
    check("calls recognised", faults, "every call that came was one that was placed".to_owned())
}

/// The target was told everything that the world wanted to tell a system.
fn said(figures: &SipFigures) -> Check {
    let unsaid = figures.unsaid;
    let faults = if unsaid == 0 { vec![] } else { vec![format!("{unsaid} things have no word in SIP here")] };
    check("everything said", faults, "what the profile asks for was sent".to_owned())
}

/// No dialog was left when all calls had ended, and this machine lost no message.
fn ended(figures: &SipFigures) -> Check {
    let traffic = figures.traffic;
    let mut faults = Vec::new();
    if traffic.legs > 0 {
        faults.push(format!("{} dialogs were still open", traffic.legs));
    }
    if traffic.thrown_away > 0 {
        faults.push(format!("this machine threw {} datagrams away", traffic.thrown_away));
    }
    let (sent, received, again) = (traffic.sent, traffic.received, traffic.retransmitted);
    check(
        "dialogs ended",
        faults,
        format!("{sent} messages sent ({again} of them again), {received} received"),
    )
}

/// The generator is able to do more than the load asks for. Where it is not, the run is void besides.
fn ceiling(figures: &SipFigures) -> Check {
    let asked = figures.highest_cps;
    let Some(ceiling) = figures.ceiling_cps else {
        return check("generator's own ceiling", vec![], "not measured".to_owned());
    };
    let detail = format!("{ceiling:.0} calls a second against itself; the load has {asked:.1}");
    let faults = if ceiling < asked { vec![detail.clone()] } else { vec![] };
    check("generator's own ceiling", faults, detail)
}
