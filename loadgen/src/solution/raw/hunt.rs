//! Hunt groups.

use super::field::{boolean, extension, extensions, name, no_answer_time, number, time_or_off};
use crate::text::{At, NumberList, Place, Problems, Table};
use engine::number::Number;
use engine::plan::spec::{
    AgentStatus, NoAnswerCalls, OverflowMode, OverflowRinging, QueueType, RingMode, ServiceMode,
};
use engine::time::Duration;
use std::ops::RangeInclusive;

/// Overflow Time (DOMAIN 4.1).
const OVERFLOW_TIME: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3_600);
/// Times of announcements (DOMAIN 4.1).
const ANNOUNCEMENT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(9_999);
/// Time between announcements that are repeated.
const REPEAT: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(9_999);
/// Voicemail Answer Time (DOMAIN 4.1).
const VOICEMAIL_ANSWER_TIME: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(99_999);
/// Queue Limit (DOMAIN 4.1).
const QUEUE_LIMIT: RangeInclusive<u64> = 1..=999;

const RING_MODES: [(&str, RingMode); 5] = [
    ("sequential", RingMode::Sequential),
    ("collective", RingMode::Collective),
    ("collective-call-waiting", RingMode::CollectiveCallWaiting),
    ("rotary", RingMode::Rotary),
    ("longest-waiting", RingMode::LongestWaiting),
];
const QUEUE_TYPES: [(&str, QueueType); 2] =
    [("assign-on-answer", QueueType::AssignOnAnswer), ("assign-on-alert", QueueType::AssignOnAlert)];
const OVERFLOW_MODES: [(&str, OverflowMode); 2] =
    [("group", OverflowMode::Group), ("call", OverflowMode::Call)];
const OVERFLOW_RINGING: [(&str, OverflowRinging); 2] =
    [("finish", OverflowRinging::Finish), ("cut-in", OverflowRinging::CutIn)];
const STATUSES: [(&str, AgentStatus); 3] = [
    ("busy-wrap-up", AgentStatus::BusyWrapUp),
    ("busy-not-available", AgentStatus::BusyNotAvailable),
    ("logged-off", AgentStatus::LoggedOff),
];
const APPLIES_TO: [(&str, NoAnswerCalls); 2] =
    [("any", NoAnswerCalls::Any), ("external-inbound", NoAnswerCalls::ExternalInbound)];
const SERVICE_MODES: [(&str, ServiceMode); 3] = [
    ("in-service", ServiceMode::InService),
    ("night-service", ServiceMode::NightService),
    ("out-of-service", ServiceMode::OutOfService),
];

pub(in crate::solution) struct RawHuntGroup {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) extension: Option<At<Number>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) ring_mode: Option<At<RingMode>>,
    pub(in crate::solution) members: Option<At<NumberList>>,
    pub(in crate::solution) no_answer_time: Option<At<Duration>>,
    pub(in crate::solution) queue: RawQueue,
    pub(in crate::solution) overflow: RawOverflow,
    pub(in crate::solution) announcements: RawAnnouncements,
    pub(in crate::solution) no_answer_status: Option<At<AgentStatus>>,
    pub(in crate::solution) no_answer_status_applies_to: Option<At<NoAnswerCalls>>,
    pub(in crate::solution) service_mode: Option<At<ServiceMode>>,
    pub(in crate::solution) time_profile: Option<At<String>>,
    pub(in crate::solution) night_service_fallback: Option<At<Number>>,
    pub(in crate::solution) out_of_service_fallback: Option<At<Number>>,
    pub(in crate::solution) voicemail: Option<At<bool>>,
    /// `None` inside: off.
    pub(in crate::solution) voicemail_answer_time: Option<At<Option<Duration>>>,
}

pub(in crate::solution) struct RawQueue {
    pub(in crate::solution) queuing: Option<At<bool>>,
    pub(in crate::solution) limit: Option<At<u64>>,
    pub(in crate::solution) normalize: Option<At<bool>>,
    pub(in crate::solution) queue_type: Option<At<QueueType>>,
}

pub(in crate::solution) struct RawOverflow {
    pub(in crate::solution) groups: Option<At<NumberList>>,
    pub(in crate::solution) time: Option<At<Duration>>,
    pub(in crate::solution) mode: Option<At<OverflowMode>>,
    pub(in crate::solution) immediate: Option<At<bool>>,
    pub(in crate::solution) ringing: Option<At<OverflowRinging>>,
}

/// `None` inside: off.
pub(in crate::solution) struct RawAnnouncements {
    pub(in crate::solution) announcements: Option<At<bool>>,
    pub(in crate::solution) first: Option<At<Duration>>,
    pub(in crate::solution) second: Option<At<Option<Duration>>>,
    pub(in crate::solution) repeat: Option<At<Option<Duration>>>,
}

pub(super) fn read(t: &mut Table<'_>, p: &mut Problems) -> RawHuntGroup {
    RawHuntGroup {
        place: t.place().clone(),
        system: t.req("system", p, name),
        extension: t.req("extension", p, extension),
        name: t.opt("name", p, name),
        ring_mode: t.opt("ring_mode", p, |v, p| v.choice(&RING_MODES, p)),
        members: t.req("members", p, extensions),
        no_answer_time: t.opt("no_answer_time", p, no_answer_time),
        queue: RawQueue {
            queuing: t.opt("queuing", p, boolean),
            limit: t.opt("queue_limit", p, |v, p| v.integer(QUEUE_LIMIT, p)),
            normalize: t.opt("normalize_queue_length", p, boolean),
            queue_type: t.opt("queue_type", p, |v, p| v.choice(&QUEUE_TYPES, p)),
        },
        overflow: RawOverflow {
            groups: t.opt("overflow_groups", p, extensions),
            time: t.opt("overflow_time", p, |v, p| v.duration(OVERFLOW_TIME, p)),
            mode: t.opt("overflow_mode", p, |v, p| v.choice(&OVERFLOW_MODES, p)),
            immediate: t.opt("immediate_overflow", p, boolean),
            ringing: t.opt("overflow_ringing", p, |v, p| v.choice(&OVERFLOW_RINGING, p)),
        },
        announcements: RawAnnouncements {
            announcements: t.opt("announcements", p, boolean),
            first: t.opt("first_announcement", p, |v, p| v.duration(ANNOUNCEMENT, p)),
            second: t.opt("second_announcement", p, |v, p| time_or_off(v, ANNOUNCEMENT, p)),
            repeat: t.opt("repeat_announcement", p, |v, p| time_or_off(v, REPEAT, p)),
        },
        no_answer_status: t.opt("no_answer_status", p, |v, p| v.choice(&STATUSES, p)),
        no_answer_status_applies_to: t.opt("no_answer_status_applies_to", p, |v, p| v.choice(&APPLIES_TO, p)),
        service_mode: t.opt("service_mode", p, |v, p| v.choice(&SERVICE_MODES, p)),
        time_profile: t.opt("time_profile", p, name),
        night_service_fallback: t.opt("night_service_fallback", p, number),
        out_of_service_fallback: t.opt("out_of_service_fallback", p, number),
        voicemail: t.opt("voicemail", p, boolean),
        voicemail_answer_time: t
            .opt("voicemail_answer_time", p, |v, p| time_or_off(v, VOICEMAIL_ANSWER_TIME, p)),
    }
}
