//! What a report says of a search: the load found, what runs out there, and every step.

use super::charts::Chart;
use super::figures::{duration, rounded, thousands, time};
use super::search_charts;
use super::table::Column::{Figures, Text};
use super::table::TableView;
use super::view::{Fact, VerdictView, verdict_words};
use crate::report::Clock;
use crate::search::{Limit, Method, SearchRecord, Step};
use crate::text::quoted;
use std::io;

/// A search as the templates show it.
pub(super) struct SearchView<'a> {
    /// Unique on the page, for links.
    pub(super) id: String,
    pub(super) record: &'a SearchRecord,
    pub(super) verdict: VerdictView,
    pub(super) facts: Vec<Fact>,
    pub(super) charts: Vec<Chart>,
    pub(super) tables: Vec<TableView>,
    pub(super) method: Vec<(&'static str, String)>,
    pub(super) reproduce: String,
}

impl<'a> SearchView<'a> {
    /// Everything that HTML shows.
    pub(super) fn of(n: usize, record: &'a SearchRecord) -> io::Result<Self> {
        Ok(Self { charts: search_charts::all(record)?, ..Self::text_of(n, record) })
    }

    /// Everything but the drawings.
    pub(super) fn text_of(n: usize, record: &'a SearchRecord) -> Self {
        let (class, word) = verdict_words(record.verdict);
        let tables = [trunks(record), around(record), headroom(record), claims(record), steps(record)];
        Self {
            id: format!("search-{}", n + 1),
            record,
            verdict: VerdictView { class, word, sentence: format!("It {}.", record.why) },
            facts: facts(record),
            charts: Vec::new(),
            tables: tables.into_iter().flatten().collect(),
            method: method(record),
            reproduce: reproduce(record),
        }
    }

    /// What the method is called.
    pub(super) const fn name(&self) -> &'static str {
        match self.record.method {
            Method::Bisect => "highest load that meets every target",
            Method::Rfc7502 => "session establishment rate (RFC 7502)",
            Method::Doc => "design objective capacity (TS 186 008)",
            Method::Headroom => "headroom of this machine",
        }
    }
}

fn count(found: Option<u64>) -> String {
    found.map_or_else(|| "none".to_owned(), thousands)
}

fn facts(record: &SearchRecord) -> Vec<Fact> {
    let mut facts = vec![Fact {
        label: "rated load",
        value: rounded(record.rated_bhcc),
        meaning: "calls an hour that the profile asks for",
    }];
    let mut add = |label, value: String, meaning| facts.push(Fact { label, value, meaning });
    if let Some(limit) = &record.limit {
        of_limit(record, limit, &mut add);
    }
    if let Some(rfc) = &record.rfc7502 {
        let rate = thousands(rfc.session_establishment_rate_bhcc);
        add("RFC 7502", rate, "its algorithm's result, calls an hour");
        add("runs of the algorithm", thousands(rfc.runs), "one a rate");
    }
    if let Some(doc) = &record.doc {
        add("capacity", count(doc.doc_bhcc), "calls an hour, highest step within the threshold");
        add("of that sure", count(doc.doc_upper95_bhcc), "with 95 % confidence, exact binomial");
        add("threshold", format!("{} %", rounded(doc.threshold_pct)), "of calls inadequately handled");
    }
    if let Some(headroom) = &record.headroom {
        let found = |n: Option<f64>| n.map_or_else(|| "none".to_owned(), rounded);
        add("times the rated load", found(headroom.times_rated), "headroom of this machine");
        add("highest rate", found(headroom.bhcc), "calls an hour that it routes in time");
        add("in time", time(headroom.limit_us, "us"), "99.9 % of route decisions at most");
    }
    if let Some(binding) = record.limit.as_ref().and_then(|limit| limit.binding_resource.clone()) {
        add("binding resource", binding, "what ran out first");
    }
    facts
}

fn of_limit(record: &SearchRecord, limit: &Limit, add: &mut impl FnMut(&'static str, String, &'static str)) {
    let more = if limit.or_more { "≥ " } else { "" };
    add("limit", format!("{more}{}", count(limit.bhcc)), "highest calls an hour that meet every target");
    if record.seeds.len() > 1 && record.method == Method::Bisect {
        add("surely met at", count(limit.interval_low_bhcc), "lower end of the interval");
        add("surely missed at", count(limit.interval_high_bhcc), "upper end of the interval");
    }
    if let Some(fails) = limit.fails_at_bhcc {
        add("first missed at", thousands(fails), "calls an hour");
    }
}

fn trunks(record: &SearchRecord) -> Option<TableView> {
    let rows = record.trunks.iter().map(|need| {
        let more = |n: Option<u64>| n.map_or_else(|| "more".to_owned(), thousands);
        let replayed = more(need.channels);
        let by_theory = need.channels_erlang_b.map_or_else(|| "–".to_owned(), thousands);
        vec![thousands(need.bhcc), replayed, by_theory, rounded(need.erlangs), need.resource.clone()]
    });
    let head = [
        ("calls an hour", Figures),
        ("channels needed", Figures),
        ("by Erlang B", Figures),
        ("Erlang offered", Figures),
        ("trunk group", Text),
    ];
    TableView::of("Trunks for other loads", &head, rows.collect())
}

fn around(record: &SearchRecord) -> Option<TableView> {
    let steps = record.doc.as_ref().map_or(&[][..], |doc| &doc.around[..]);
    let pct =
        |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{} %", rounded(share)));
    let rows = steps.iter().map(|step| {
        let attempts = thousands(step.attempts);
        let shares = [pct(step.ihs_pct), pct(step.ihs_pct_upper95)];
        [step.place.clone(), thousands(step.bhcc), thousands(step.ihs), attempts]
            .into_iter()
            .chain(shares)
            .collect()
    });
    let head = [
        ("step", Text),
        ("calls an hour", Figures),
        ("inadequately handled", Figures),
        ("of calls", Figures),
        ("share", Figures),
        ("upper 95 % limit", Figures),
    ];
    TableView::of("Steps below, at and above the capacity", &head, rows.collect())
}

fn headroom(record: &SearchRecord) -> Option<TableView> {
    let steps = record.headroom.as_ref().map_or(&[][..], |headroom| &headroom.steps[..]);
    let us = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |us| time(us, "us"));
    let rows = steps.iter().map(|step| {
        let outcome = match (&step.void, step.pass) {
            (Some(why), _) => format!("void: {why}"),
            (None, true) => "kept".to_owned(),
            (None, false) => "missed".to_owned(),
        };
        let late = us(step.generator_lateness_us_p99);
        vec![
            rounded(step.times_rated),
            us(step.route_delay_us_p999),
            late,
            thousands(step.decisions),
            outcome,
        ]
    });
    let head = [
        ("times the rated load", Figures),
        ("route decision p99.9", Figures),
        ("generator late p99", Figures),
        ("decisions", Figures),
        ("limit", Text),
    ];
    TableView::of("Rates tried on the wall clock", &head, rows.collect())
}

fn claims(record: &SearchRecord) -> Option<TableView> {
    let rows = record.claims.iter().map(|claim| {
        let said = if claim.supported { "enough" } else { "too few: no claim" };
        vec![
            claim.claim.clone(),
            thousands(claim.attempts),
            thousands(claim.attempts_needed),
            said.to_owned(),
        ]
    });
    let head = [("claim", Text), ("calls", Figures), ("calls needed", Figures), ("", Text)];
    TableView::of("What can be claimed", &head, rows.collect())
}

/// The step log, by load.
fn steps(record: &SearchRecord) -> Option<TableView> {
    let mut steps: Vec<&Step> = record.steps.iter().collect();
    steps.sort_by_key(|step| step.bhcc);
    let rows = steps.into_iter().map(|step| {
        let sure = match (step.pass, step.surely_passes, step.surely_fails) {
            (true, true, _) => "surely met",
            (true, false, _) => "met",
            (false, _, true) => "surely missed",
            (false, _, false) => "missed",
        };
        let binding = step.binding_resource.clone().unwrap_or_else(|| "–".to_owned());
        vec![
            thousands(step.bhcc),
            sure.to_owned(),
            thousands(step.calls.planned),
            step.missed.join("; "),
            binding,
        ]
    });
    let head = [
        ("calls an hour", Figures),
        ("targets", Text),
        ("calls", Figures),
        ("what was missed", Text),
        ("ran out first", Text),
    ];
    TableView::of("Loads tried", &head, rows.collect())
}

fn method(record: &SearchRecord) -> Vec<(&'static str, String)> {
    let environment = &record.environment;
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
    let clock = match record.clock {
        Clock::Virtual => "virtual",
        Clock::Real => "real",
        Clock::Sip => "sip",
    };
    let seeds: Vec<String> = record.seeds.iter().map(u64::to_string).collect();
    vec![
        ("Profile", format!("{} ({})", record.profile.name, record.profile.file)),
        ("SHA-256 of profile and solution", record.profile.sha256.clone()),
        ("Seeds", seeds.join(", ")),
        ("Confidence of all intervals", format!("{} %", rounded(record.confidence * 100.0))),
        ("Clock, time on the wall", format!("{clock}, {}", duration(Some(record.wall_s)))),
        ("Version, commit", format!("{}, {}", record.version, text(&record.commit))),
        ("Build", format!("{}, {}", environment.build, text(&environment.rustc))),
        ("Machine", format!("{} {}, {}", environment.os, environment.arch, text(&environment.cpu))),
        ("Begun", text(&record.started_at)),
    ]
}

/// The command that searches the same again.
fn reproduce(record: &SearchRecord) -> String {
    let method = match record.method {
        Method::Bisect => "bisect",
        Method::Rfc7502 => "rfc7502",
        Method::Doc => "doc",
        Method::Headroom => "headroom",
    };
    let file = quoted(&record.profile.file);
    let seed = record.seeds.first().map_or_else(String::new, |seed| format!(" --seed {seed}"));
    let replications = match record.method {
        Method::Headroom => String::new(),
        Method::Bisect | Method::Rfc7502 | Method::Doc => format!(" --replications {}", record.seeds.len()),
    };
    format!("busyhour search {file} --method {method}{seed}{replications} --bhcc {}", record.rated_bhcc)
}
