//! Characters of the Telephone Number field that change nothing here.

use super::findings::Findings;
use super::tables::{self, CodeList};
use engine::TelephoneNumber;
use engine::dialplan::Extras;
use engine::plan::spec::{Feature, FeatureKind, LineKind, NetworkSpec, ShortCodeSpec, SystemSpec};

/// Nothing is ignored without a word: neither what has no meaning without media, nor what the lines cannot carry.
pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    for list in tables::all(network) {
        for (n, code) in list.codes.iter().enumerate() {
            let dials = matches!(code.feature.kind(), FeatureKind::Dial | FeatureKind::Extension);
            let parsed = TelephoneNumber::parse(&code.telephone_number);
            let Some(extras) = parsed.as_ref().ok().and_then(|parsed| parsed.extras()).filter(|_| dials)
            else {
                continue;
            };
            for (what, why) in idle(extras, code, &list, network) {
                let message = format!("{what} in the telephone number of {:?} changes nothing", code.code);
                let path = format!("{}[{n}].telephone_number", list.path);
                findings.warn(&path, message, |problem| problem.help(why));
            }
        }
    }
}

fn idle(
    extras: &Extras,
    code: &ShortCodeSpec,
    list: &CodeList<'_>,
    network: &NetworkSpec,
) -> Vec<(&'static str, &'static str)> {
    let system = &network.systems[list.system];
    let goes_elsewhere = |fits: fn(LineKind) -> bool| {
        let mut lines = group(system, code).peekable();
        lines.peek().is_some() && !lines.any(fits)
    };
    let isdn = |kind| matches!(kind, LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri);
    [
        (extras.music.is_some(), "h(x)", "there is no music on hold in the model"),
        (extras.ring_plan.is_some(), "r(...)", "phones ring without a ring tone plan in the model"),
        (
            extras.priority.is_some() && code.feature != Feature::DialExtn,
            "p(x)",
            "only a code with feature dial-extn sets the priority of a call in the queues of hunt groups",
        ),
        (
            extras.information_packet && goes_elsewhere(isdn),
            "I",
            "no line of the group is an ISDN line, and only those have Information packets",
        ),
        (
            extras.host.is_some() && goes_elsewhere(|kind| kind == LineKind::Sip),
            "the host",
            "no line of the group is a SIP line",
        ),
    ]
    .into_iter()
    .filter_map(|(is_idle, what, why)| is_idle.then_some((what, why)))
    .collect()
}

/// Kinds of the lines of the group that the code names; none if it names a form.
fn group<'s>(system: &'s SystemSpec, code: &ShortCodeSpec) -> impl Iterator<Item = LineKind> + 's {
    let (number, dials) = (code.line_group, code.feature.kind() == FeatureKind::Dial);
    system.lines.iter().filter(move |line| dials && line.outgoing_group == number).map(|line| line.kind)
}
