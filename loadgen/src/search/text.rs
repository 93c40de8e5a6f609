//! A search in words, for the terminal.

use super::record::{Doc, Headroom, Limit, Method, SearchRecord};
use crate::report::grouped;
use std::fmt::Write as _;

/// The answer first, then what it rests on.
#[must_use]
pub fn text(record: &SearchRecord) -> String {
    let mut text = format!("{}: {}\n", record.profile.name, record.why);
    if let Some(limit) = &record.limit {
        limit_lines(&mut text, record, limit);
    }
    if let Some(rfc) = &record.rfc7502 {
        let _ = writeln!(
            text,
            "  RFC 7502      {} BHCC in {} runs of {} calls from {} ({})",
            whole(rfc.session_establishment_rate_bhcc),
            rfc.runs,
            whole(rfc.attempts),
            whole(rfc.session_attempt_rate_initial_bhcc),
            rfc.benchmark,
        );
    }
    if let Some(doc) = &record.doc {
        doc_lines(&mut text, doc);
    }
    if let Some(headroom) = &record.headroom {
        headroom_lines(&mut text, headroom);
    }
    for need in &record.trunks {
        let channels = need.channels.map_or_else(|| "more".to_owned(), |n| n.to_string());
        let textbook = need.channels_erlang_b.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let _ = writeln!(
            text,
            "  trunks        {} BHCC need {channels} channels on {} (Erlang B: {textbook} for {:.1} E)",
            whole(need.bhcc),
            need.resource,
            need.erlangs,
        );
    }
    for claim in record.claims.iter().filter(|claim| !claim.supported) {
        let (has, needs) = (whole(claim.attempts), whole(claim.attempts_needed));
        let _ = writeln!(text, "  refused       {}: {has} calls cannot show it, {needs} could", claim.claim);
    }
    if record.method != Method::Headroom {
        let calls: u64 = record.steps.iter().map(|step| step.calls.planned).sum();
        let (steps, each) = (record.steps.len(), record.seeds.len());
        let _ =
            writeln!(text, "  rests on      {steps} loads, {each} replications each, {} calls", whole(calls));
    }
    text
}

fn limit_lines(text: &mut String, record: &SearchRecord, limit: &Limit) {
    let more = if limit.or_more { "at least " } else { "" };
    let found = limit.bhcc.map_or_else(|| "not even 1".to_owned(), whole);
    let _ = writeln!(text, "  limit         {more}{found} BHCC; rated {}", grouped(Some(record.rated_bhcc)));
    if record.seeds.len() > 1 && record.method == Method::Bisect {
        let low = limit.interval_low_bhcc.map_or_else(|| "0".to_owned(), whole);
        let high = limit.interval_high_bhcc.map_or_else(|| "no end found".to_owned(), whole);
        let _ = writeln!(
            text,
            "  interval      {low} to {high} BHCC, {} % confidence",
            record.confidence * 100.0
        );
    }
    if let Some(fails) = limit.fails_at_bhcc {
        let because = limit.fails_because.join("; ");
        let binding = limit.binding_resource.as_deref().unwrap_or("nothing");
        let _ = writeln!(text, "  {} fails  {because}; {binding} ran out", whole(fails));
    }
}

fn doc_lines(text: &mut String, doc: &Doc) {
    let bhcc =
        |found: Option<u64>| found.map_or_else(|| "none".to_owned(), |bhcc| format!("{} BHCC", whole(bhcc)));
    let _ = writeln!(
        text,
        "  DOC           {} (IHS <= {} %), {} with 95 % confidence; steps of {}",
        bhcc(doc.doc_bhcc),
        doc.threshold_pct,
        bhcc(doc.doc_upper95_bhcc),
        whole(doc.increment_bhcc),
    );
    for step in &doc.around {
        let pct = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.4} %"));
        let _ = writeln!(
            text,
            "  {:<13} {} BHCC: IHS {} of {}, {}, upper 95 % limit {}",
            step.place,
            whole(step.bhcc),
            step.ihs,
            whole(step.attempts),
            pct(step.ihs_pct),
            pct(step.ihs_pct_upper95),
        );
    }
}

fn headroom_lines(text: &mut String, headroom: &Headroom) {
    for step in &headroom.steps {
        let p999 = step.route_delay_us_p999.map_or_else(|| "-".to_owned(), |us| format!("{us:.0} us"));
        let outcome = match (&step.void, step.pass) {
            (Some(why), _) => format!("void, {why}"),
            (None, true) => "kept".to_owned(),
            (None, false) => "missed".to_owned(),
        };
        let _ = writeln!(
            text,
            "  x{:<12.1} p99.9 {p999} of {} decisions: {outcome}",
            step.times_rated,
            whole(step.decisions)
        );
    }
}

fn whole(number: u64) -> String {
    grouped(Some(number as f64))
}
