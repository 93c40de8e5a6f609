//! The metrics of the run record that a target may name.

use engine::network::ResilientFeature;

/// A metric: its name in the run record and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name; the unit stands last where there is one.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What a run must have so that there is such a figure.
    pub needs: Needs,
}

/// What a run must have for a metric, more from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing: every run has it.
    Nothing,
    /// A real system (`--target`).
    Target,
    /// A real system and audio (`--target` and `--rtp`).
    Audio,
}

const fn metric(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, meaning, needs: Needs::Nothing }
}

const fn over_sip(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, meaning, needs: Needs::Target }
}

const fn of_audio(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, meaning, needs: Needs::Audio }
}

/// Every metric that a target may name, in the order of the reference.
pub const METRICS: &[Metric] = &[
    metric("completed_pct", "calls that ran their whole course, of those offered"),
    metric("blocked_pct", "calls refused for want of a resource, of those offered"),
    metric("abandoned_pct", "calls given up by the caller before the answer, of those offered"),
    metric("failed_pct", "calls refused for any other reason, of those offered"),
    metric("dropped_pct", "calls cut off after the answer, of those offered"),
    metric("phones_away", "IP phones that were not registered at home when the run was over"),
    metric("ser_pct", "session establishment ratio, RFC 6076 section 4.6"),
    metric("seer_pct", "session establishment effectiveness ratio, RFC 6076 section 4.7"),
    metric("isa_pct", "ineffective session attempts, RFC 6076 section 4.8"),
    metric("scr_pct", "session completion ratio, RFC 6076 section 4.9"),
    over_sip("rrd", "registration request delay in ms, mean, RFC 6076 section 4.1; over SIP"),
    over_sip("ira_pct", "ineffective registration attempts, RFC 6076 section 4.2; over SIP"),
    metric("srd", "session request delay of established sessions in ms, mean, RFC 6076 section 4.3.1"),
    over_sip(
        "srd_failed",
        "session request delay of failed attempts in ms, mean, RFC 6076 section 4.3.2; over SIP",
    ),
    over_sip("sdd", "session disconnect delay in ms, mean, RFC 6076 section 4.4; over SIP"),
    metric("sdt_s", "session duration time in s, mean, RFC 6076 section 4.5"),
    metric("ihs_pct", "inadequately handled attempts, TS 186 008"),
    metric("ihs_pct_upper95", "one-sided 95 % upper bound of ihs_pct"),
    metric("bhcc_offered", "calls offered an hour"),
    metric("bhcc_completed", "calls completed an hour"),
    metric("peak_36s_bhcc", "calls completed in the busiest 36 s, times 100"),
    metric("not_started", "planned calls that the generator did not place"),
    metric("concurrency_peak", "most calls in progress at a time"),
    metric("erlangs_offered", "mean calls in progress, had none been refused"),
    metric("calls.planned", "calls in the plan"),
    metric("calls.started", "calls placed"),
    metric("calls.not_started", "planned calls that were not placed"),
    metric("calls.offered", "calls that reached a system"),
    metric("calls.answered", "calls answered"),
    metric("calls.completed", "calls that ran their whole course"),
    metric("calls.blocked", "calls refused for want of a resource"),
    metric("calls.abandoned", "calls given up by the caller before the answer"),
    metric("calls.failed", "calls refused for any other reason"),
    metric("calls.dropped", "calls cut off after the answer"),
    metric("calls.in_progress_at_end", "calls that had not ended when the run did"),
    metric("calls.preserved", "calls that went through preservation"),
    metric("setup_delay_us_p50", "from the intended start to ringing: median"),
    metric("setup_delay_us_p90", "from the intended start to ringing: 90th percentile"),
    metric("setup_delay_us_p99", "from the intended start to ringing: 99th percentile"),
    metric("setup_delay_us_p999", "from the intended start to ringing: 99.9th percentile"),
    metric("setup_delay_us_max", "from the intended start to ringing: longest"),
    metric("setup_delay_us_mean", "from the intended start to ringing: mean"),
    over_sip("register_delay_us_p99", "from REGISTER to its 200: 99th percentile; over SIP"),
    over_sip("register_delay_us_max", "from REGISTER to its 200: longest; over SIP"),
    of_audio(
        "rtp_loss_pct",
        "packets of audio that did not arrive, of those due; with --rtp, as all that follow",
    ),
    of_audio("rtp_loss_reported_pct", "packets that far ends reported as lost, of those sent to them"),
    of_audio("rtp_one_way_pct", "calls in which a party heard nobody, of those with audio"),
    of_audio("rtp_jitter_us_p99", "highest interarrival jitter of a party: 99th percentile"),
    of_audio("rtp_jitter_us_max", "highest interarrival jitter of a party: largest"),
    of_audio("rtp_gap_us_p99", "longest time without a packet: 99th percentile"),
    of_audio("rtp_gap_us_max", "longest time without a packet: longest"),
    of_audio("rtp_start_us_p99", "from the answer to the first packet: 99th percentile"),
    of_audio("rtp_round_trip_us_p99", "round trip by RTCP: 99th percentile"),
    of_audio("mos_mean", "mean opinion score by the E-model, mean over the parties"),
    of_audio("mos_min", "mean opinion score by the E-model, lowest"),
];

/// What a run must have for this metric; a name in another form, such as a path in the record, is asked for by no more than
/// itself.
#[must_use]
pub fn needs(name: &str) -> Needs {
    METRICS.iter().find(|metric| metric.name == name).map_or(Needs::Nothing, |metric| metric.needs)
}

/// Figures of a failover, by their fields in the run record.
const FAILOVER_FIELDS: [&str; 7] =
    ["detected_s", "completed_s", "failed_back_s", "moved", "refused", "lost_settings", "lost_history"];

/// Whether a target may name this: one of [`METRICS`], or `failovers.FEATURE.FIELD`.
#[must_use]
pub(super) fn is_metric(name: &str) -> bool {
    METRICS.iter().any(|metric| metric.name == name)
        || name
            .strip_prefix("failovers.")
            .and_then(|rest| rest.split_once('.'))
            .is_some_and(|(feature, field)| is_feature(feature) && FAILOVER_FIELDS.contains(&field))
}

/// Whether `name`, with a dot after it, is the beginning of metrics.
pub(super) fn begins_metrics(name: &str) -> bool {
    let is_beginning = |metric: &str| metric.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    name == "failovers"
        || name.strip_prefix("failovers.").is_some_and(is_feature)
        || METRICS.iter().any(|metric| is_beginning(metric.name))
}

fn is_feature(name: &str) -> bool {
    ResilientFeature::ALL.iter().any(|feature| feature.name() == name)
}

/// Whether the metric is a percentage.
#[must_use]
pub fn is_percentage(name: &str) -> bool {
    name.ends_with("_pct") || name.ends_with("_pct_upper95")
}
