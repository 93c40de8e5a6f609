//! What must hold in every run over SIP.

use super::check;
use crate::driver::{AudioFigures, Registrations, SipFigures};
use crate::report::Check;

/// Holds what the SIP driver found against every property.
pub(super) fn all(figures: &SipFigures) -> Vec<Check> {
    let all = [registered(figures), known(figures), said(figures), ended(figures), ceiling(figures)];
    all.into_iter().chain(figures.audio.as_ref().map(|audio| heard(figures, audio))).collect()
}

/// Every phone that was to register did, and stayed so.
fn registered(figures: &SipFigures) -> Check {
    let Registrations { phones, registered, renewed, failed, .. } = figures.registrations;
    let mut faults = Vec::new();
    if registered < phones {
        faults.push(format!("{registered} of {phones} phones could register"));
    }
    if failed > 0 {
        faults.push(format!("{failed} registrations and renewals were refused or found no answer"));
    }
    check("phones registered", faults, format!("{registered} phones, {renewed} registrations renewed"))
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

/// Everybody who talked heard somebody.
fn heard(figures: &SipFigures, audio: &AudioFigures) -> Check {
    let mut faults = Vec::new();
    if audio.one_way > 0 {
        faults.push(format!("in {} of {} calls a party heard nobody", audio.one_way, audio.calls));
    }
    if figures.mute > 0 {
        faults.push(format!("{} calls were answered without audio that serves", figures.mute));
    }
    let AudioFigures { calls, sent, received, lost, .. } = *audio;
    let detail = format!("{calls} calls, {sent} packets sent, {received} received, {lost} lost");
    check("audio both ways", faults, detail)
}

/// The generator is able to do more than the load asks for. Where it is not, the run is void besides.
fn ceiling(figures: &SipFigures) -> Check {
    let asked = figures.highest_cps;
    let Some(ceiling) = figures.ceiling else {
        return check("generator's own ceiling", vec![], "not measured".to_owned());
    };
    let cps = ceiling.cps;
    let mut detail = format!("{cps:.0} calls a second against itself; the load has {asked:.1}");
    let mut faults = if cps < asked { vec![detail.clone()] } else { vec![] };
    if let (Some(most), Some(audio)) = (ceiling.parties, &figures.audio) {
        let parties = format!("{most:.0} parties talking on one core; the load has {}", audio.parties_peak);
        if most < audio.parties_peak as f64 {
            faults.push(parties.clone());
        }
        detail = format!("{detail}; {parties}");
    }
    check("generator's own ceiling", faults, detail)
}
