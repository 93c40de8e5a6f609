//! What only a run over SIP shows, as the record has it.

use super::metrics::percent;
use super::record::Metrics;
use crate::driver::{AudioFigures, Failure, SipFigures};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What only a run over SIP shows. Counts are of the measured part, those of messages and registrations of the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SipSection {
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    /// Messages sent, again ones included.
    pub messages_sent: u64,
    /// Messages received.
    pub messages_received: u64,
    /// Messages sent again.
    pub retransmitted: u64,
    /// Datagrams that this machine threw away before they were read.
    pub thrown_away: u64,
    /// Phones that were to register.
    pub phones: u64,
    /// Phones that did.
    pub phones_registered: u64,
    /// Registrations renewed in the course of the run.
    pub registrations_renewed: u64,
    /// Registrations and renewals that were refused or found no answer.
    pub registrations_failed: u64,
    /// Calls that were not answered, by the status code that ended them.
    pub statuses: BTreeMap<u16, u64>,
    /// Calls that failed, by what the generator saw of it.
    pub failures: SipFailures,
    /// BYEs that were not answered with 2xx.
    pub unconfirmed_byes: u64,
    /// Parties that one core could have talk at a time; null without audio.
    pub ceiling_parties: Option<f64>,
    /// Audio; null without it.
    pub audio: Option<SipAudio>,
}

/// Calls that failed, split as SIPp does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipFailures {
    /// The INVITE could not be sent.
    pub cannot_send: u64,
    /// The INVITE was sent again to the end, and nothing came.
    pub max_retransmissions: u64,
    /// A response was due and did not come.
    pub receive_timeout: u64,
    /// A refusal, or a BYE before the caller hung up.
    pub unexpected_message: u64,
}

/// Audio of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SipAudio {
    /// Calls with audio.
    pub calls: u64,
    /// Calls in which a party heard nobody.
    pub one_way: u64,
    /// Calls that were answered without audio that serves.
    pub mute: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets received, without duplicates.
    pub received: u64,
    /// Packets that should have been received.
    pub expected: u64,
    /// Packets that were not.
    pub lost: u64,
    /// Packets received after a later one.
    pub misordered: u64,
    /// Packets received again.
    pub duplicates: u64,
    /// Packets sent until far ends last reported.
    pub reported_sent: u64,
    /// How many of those they missed.
    pub reported_lost: u64,
    /// Most parties that talked at a time.
    pub parties_peak: u64,
    /// Processor time that the audio took, in seconds.
    pub processor_s: f64,
}

impl SipSection {
    /// Of what the driver found.
    #[must_use]
    pub fn of(figures: &SipFigures) -> Self {
        let failed = |failure| figures.failures.of(failure);
        Self {
            transport: figures.transport.as_str().to_lowercase(),
            messages_sent: figures.traffic.sent,
            messages_received: figures.traffic.received,
            retransmitted: figures.traffic.retransmitted,
            thrown_away: figures.traffic.thrown_away,
            phones: figures.registrations.phones,
            phones_registered: figures.registrations.registered,
            registrations_renewed: figures.registrations.renewed,
            registrations_failed: figures.registrations.failed,
            statuses: figures.statuses.clone(),
            failures: SipFailures {
                cannot_send: failed(Failure::CannotSend),
                max_retransmissions: failed(Failure::MaxRetransmissions),
                receive_timeout: failed(Failure::ReceiveTimeout),
                unexpected_message: failed(Failure::UnexpectedMessage),
            },
            unconfirmed_byes: figures.unconfirmed_byes,
            ceiling_parties: figures.ceiling.and_then(|ceiling| ceiling.parties),
            audio: figures.audio.as_ref().map(|audio| SipAudio::of(audio, figures.mute)),
        }
    }
}

impl SipAudio {
    fn of(audio: &AudioFigures, mute: u64) -> Self {
        Self {
            calls: audio.calls,
            one_way: audio.one_way,
            mute,
            sent: audio.sent,
            received: audio.received,
            expected: audio.expected,
            lost: audio.lost,
            misordered: audio.misordered,
            duplicates: audio.duplicates,
            reported_sent: audio.reported[0],
            reported_lost: audio.reported[1],
            parties_peak: audio.parties_peak,
            processor_s: audio.processor.as_secs_f64(),
        }
    }
}

/// The metrics with those of audio, if there was any.
pub(super) fn with_audio(metrics: Metrics, figures: &SipFigures) -> Metrics {
    let Some(audio) = &figures.audio else { return metrics };
    let mos = audio.mos();
    Metrics {
        rtp_loss_pct: percent(audio.lost, audio.expected),
        rtp_loss_reported_pct: percent(audio.reported[1], audio.reported[0]),
        rtp_one_way_pct: percent(audio.one_way, audio.calls),
        mos_mean: mos.map(|[mean, _]| mean),
        mos_min: mos.map(|[_, min]| min),
        ..metrics
    }
}
