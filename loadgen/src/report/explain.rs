//! The steps of routing a call, for people and for programs.

use super::table::Colour;
use engine::SetupField;
use engine::id::{HuntGroupId, SystemId};
use engine::number::Number;
use engine::plan::Plan;
use engine::time::Instant;
use engine::trace::{Changed, GroupStep, Instead, Lost, Opens, Outcome, Owner, Redirect, Step, Table};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Why a code that a number of the network matches was not used.
const NUMBERS_COME_FIRST: &str = "a number of the network comes before every short code";

/// How one call was routed.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// Whether the call came through to a phone or a trunk.
    pub reached: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When, from the start of the call.
    pub at: Instant,
    /// On which system.
    pub system: String,
    /// What kind of thing.
    pub kind: &'static str,
    /// For people.
    pub text: String,
    /// For programs.
    pub fields: Vec<(&'static str, Value)>,
}

impl Explanation {
    /// Indented under the systems that the call passes, with the time where it moves on.
    #[must_use]
    pub fn text(&self, colour: Colour) -> String {
        let mut text = String::new();
        let mut before: Option<&Line> = None;
        for line in &self.lines {
            if before.is_none_or(|b| b.system != line.system) {
                let _ = writeln!(text, "{}", colour.bold(&line.system));
            }
            let moved = before.is_none_or(|b| b.at != line.at) && line.at > Instant::ZERO;
            let time = if moved { format!("{:>7.3}s", line.at.as_secs_f64()) } else { " ".repeat(8) };
            let said = match line.kind {
                "rings" | "sent" => colour.good(&line.text),
                "released" | "end" => colour.bad(&line.text),
                _ => line.text.clone(),
            };
            let _ = writeln!(text, "{time}  {said}");
            before = Some(line);
        }
        text
    }

    /// One object: `reached`, and `steps` with time, system, kind, the text for people and the fields of the kind.
    #[must_use]
    pub fn json(&self) -> String {
        let step = |line: &Line| {
            let mut object = json!({
                "t_s": line.at.as_secs_f64(), "system": line.system, "kind": line.kind, "text": line.text,
            });
            for (name, value) in &line.fields {
                object[*name] = value.clone();
            }
            object
        };
        let steps: Vec<Value> = self.lines.iter().map(step).collect();
        format!("{:#}\n", json!({ "schema": "busyhour.route/1", "reached": self.reached, "steps": steps }))
    }
}

/// Name and value of a field of a set-up.
#[must_use]
pub fn describe_field(field: &SetupField) -> (&'static str, String) {
    match field {
        SetupField::SubAddress(number) => ("sub-address", number.to_string()),
        SetupField::Keypad(number) => ("keypad", number.to_string()),
        SetupField::CallingName(name) => ("calling name", name.as_str().to_owned()),
        SetupField::Host(host) => ("host", host.as_str().to_owned()),
        SetupField::NationalCallingNumber => ("national calling number", String::new()),
        SetupField::SendingComplete => ("sending complete", String::new()),
    }
}

/// Kind, text and fields of a step that a system has taken.
#[must_use]
pub fn describe(
    step: &Step,
    plans: &[Arc<Plan>],
    system: SystemId,
) -> (&'static str, String, Vec<(&'static str, Value)>) {
    let plan = &plans[system.index()];
    let group = |id: &engine::id::LineGroupId| plan.line_groups()[id.index()].number;
    match step {
        Step::IncomingCallRoute { chosen: Some((route, row)), destination } => (
            "incoming_call_route",
            format!("incoming call route {}, row {}: to {destination}", route + 1, row + 1),
            vec![("route", json!(route + 1)), ("row", json!(row + 1)), ("to", json!(destination.as_str()))],
        ),
        Step::IncomingCallRoute { chosen: None, destination } => {
            ("incoming_call_route", format!("no incoming call route matches {destination}"), vec![])
        }
        Step::Directory { number, system, owner, others } => {
            let (home, owner) = (plans[system.index()].name(), owner_name(*owner));
            let mut text = format!("{number} is a {owner} of {home}");
            for (table, code) in others {
                let table = table_name(*table);
                let _ = write!(text, "\n            not {code} ({table} table): {NUMBERS_COME_FIRST}");
            }
            let other = |(table, code): &(Table, String)| json!({ "table": table_name(*table), "code": code, "why": NUMBERS_COME_FIRST });
            let others: Vec<Value> = others.iter().map(other).collect();
            let fields = vec![
                ("number", json!(number.as_str())),
                ("home", json!(home)),
                ("is", json!(owner)),
                ("others", json!(others)),
            ];
            ("directory", text, fields)
        }
        Step::ShortCode { table, digits, code, feature, others } => {
            let mut text =
                format!("{digits} matches {code} ({} table): {}", table_name(*table), feature.name());
            for (table, code, lost) in others {
                let _ = write!(
                    text,
                    "\n            not {code} ({} table): {}",
                    table_name(*table),
                    lost_name(*lost)
                );
            }
            let others: Vec<Value> = others
                .iter()
                .map(|(t, c, l)| json!({ "table": table_name(*t), "code": c, "why": lost_name(*l) }))
                .collect();
            let fields = vec![
                ("table", json!(table_name(*table))),
                ("digits", json!(digits.as_str())),
                ("code", json!(code)),
                ("feature", json!(feature.name())),
                ("others", json!(others)),
            ];
            ("short_code", text, fields)
        }
        Step::NoShortCode { digits } => {
            ("no_short_code", format!("{digits} matches no code"), vec![("digits", json!(digits.as_str()))])
        }
        Step::Conference { number } => (
            "conference",
            format!("conference {number} of {}", plan.name()),
            vec![("number", json!(number.as_str()))],
        ),
        Step::QueuePriority(priority) => {
            let priority = priority.number();
            let text = format!("priority {priority} in the queues of hunt groups");
            ("queue_priority", text, vec![("priority", json!(priority))])
        }
        Step::AccountCode => ("account_code", "an account code is wanted".to_owned(), vec![]),
        Step::Form { id, name, digits, instead, code, others } => {
            let mut what = match (instead, code) {
                (Some((Instead::OutOfService, to)), _) => format!("is out of service, to form {to}"),
                (Some((Instead::OutOfHours, to)), _) => format!("is out of hours, to form {to}"),
                (None, Some(code)) => format!("takes {digits} by its code {code}"),
                (None, None) => format!("has no code for {digits}"),
            };
            for (code, lost) in others {
                let _ = write!(what, "\n            not {code}: {}", lost_name(*lost));
            }
            let others: Vec<Value> =
                others.iter().map(|(c, l)| json!({ "code": c, "why": lost_name(*l) })).collect();
            let fields = vec![
                ("form", json!(id)),
                ("digits", json!(digits.as_str())),
                ("code", json!(code)),
                ("instead", json!(instead.map(|(_, to)| to))),
                ("others", json!(others)),
            ];
            ("form", format!("ARS form {id}:{name} {what}"), fields)
        }
        Step::Route { group: id, number, outcome } => {
            let what = match outcome {
                Outcome::Seized(channel) => {
                    let line = plan.lines()[channel.line.index()].number;
                    format!("channel {} of line {line} is seized", channel.channel + 1)
                }
                Outcome::AllBusy => "all channels are in use or out of service".to_owned(),
                Outcome::Barred => "barred for this caller".to_owned(),
            };
            let fields = vec![
                ("line_group", json!(group(id))),
                ("number", json!(number.as_str())),
                ("seized", json!(matches!(outcome, Outcome::Seized(_)))),
            ];
            ("route", format!("line group {}, number {number}: {what}", group(id)), fields)
        }
        Step::Alternate { of, form, opens } => {
            let when = match opens {
                Opens::AtOnce => "counts at once: the caller's priority is high enough".to_owned(),
                Opens::At(at) => format!("opens at {at}"),
                Opens::Never => "never opens for a caller of this priority".to_owned(),
            };
            let fields = vec![("of", json!(of)), ("form", json!(form))];
            ("alternate_route", format!("alternate route of form {of}, form {form}, {when}"), fields)
        }
        Step::Waits { groups, opens } => {
            let numbers: Vec<u32> = groups.iter().map(group).collect();
            let list: Vec<String> = numbers.iter().map(u32::to_string).collect();
            let mut text = format!("waits for a line of group {}", list.join(", "));
            if let Some(at) = opens {
                let _ = write!(text, "; a further route opens at {at}");
            }
            ("waits", text, vec![("line_groups", json!(numbers))])
        }
        Step::Group { group, step } => describe_group(plan, *group, step),
        Step::Redirect { extension, why, to } => {
            let text = format!("{extension} sends the call on to {to}: {}", redirect_name(*why));
            ("redirect", text, vec![("by", json!(extension.as_str())), ("to", json!(to.as_str()))])
        }
        Step::Voicemail { mailbox, host } => {
            let text = format!("goes to the mailbox of {mailbox} on {}", plans[host.index()].name());
            ("voicemail", text, vec![("mailbox", json!(mailbox.as_str()))])
        }
        Step::Setting { feature, changed } => {
            let done = matches!(changed, Changed::Yes);
            let text = format!("{} is {}", feature.name(), if done { "carried out" } else { "refused" });
            ("setting", text, vec![("feature", json!(feature.name())), ("changed", json!(done))])
        }
        Step::End(cause) => {
            ("end", format!("the call ends: {cause}"), vec![("cause", json!(cause.number()))])
        }
    }
}

/// What a hunt group does with a call.
fn describe_group(
    plan: &Plan,
    group: HuntGroupId,
    step: &GroupStep,
) -> (&'static str, String, Vec<(&'static str, Value)>) {
    let group = plan.hunt_groups()[group.index()].extension;
    let (text, detail) = match step {
        GroupStep::Rings(members) if members.is_empty() => {
            (format!("hunt group {group} shows the call to its busy members"), json!("shown"))
        }
        GroupStep::Rings(members) => {
            let members: Vec<&str> = members.iter().map(Number::as_str).collect();
            (format!("hunt group {group} rings {}", members.join(", ")), json!({ "rings": members }))
        }
        GroupStep::Waits { length } => {
            let text =
                format!("nobody of hunt group {group} is available: the call waits, {length} not answered");
            (text, json!({ "waits": length }))
        }
        GroupStep::Overflows => (format!("hunt group {group} overflows"), json!("overflows")),
        GroupStep::Full => (format!("hunt group {group} cannot answer the call"), json!("full")),
    };
    ("hunt_group", text, vec![("group", json!(group.as_str())), ("what", detail)])
}

const fn owner_name(owner: Owner) -> &'static str {
    match owner {
        Owner::User => "user",
        Owner::HuntGroup => "hunt group",
        Owner::Conference => "conference",
    }
}

const fn table_name(table: Table) -> &'static str {
    match table {
        Table::User => "user",
        Table::UserRights => "user rights",
        Table::System => "system",
        Table::Line => "line",
    }
}

const fn lost_name(lost: Lost) -> &'static str {
    match lost {
        Lost::LaterTable => "an earlier table has a match",
        Lost::FewerLiterals => "fewer literal digits",
        Lost::LessExactLength => "as many literal digits, but a less exact length",
        Lost::EnteredLater => "as good, but entered later",
        Lost::Default => "? counts only if nothing else matches",
    }
}

const fn redirect_name(why: Redirect) -> &'static str {
    match why {
        Redirect::FollowMe => "follow me",
        Redirect::ForwardUnconditional => "forward unconditional",
        Redirect::ForwardOnBusy => "forward on busy",
        Redirect::ForwardOnNoAnswer => "forward on no answer",
        Redirect::FallbackTwinning => "fallback twinning",
        Redirect::NightService => "night service",
        Redirect::OutOfService => "out of service",
        Redirect::Fallback => "fallback of the incoming call route",
        Redirect::VoicemailBusy => "all voicemail channels are busy",
    }
}
