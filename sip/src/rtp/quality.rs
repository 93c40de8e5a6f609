//! The E-model (ITU-T G.107) for G.711: from delay and loss to a rating and a mean opinion score.

use super::receive::StreamReport;

/// What a stream sounded like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Transmission rating factor, 0 to 93.2.
    pub r_factor: f64,
    /// Mean opinion score, 1 to 4.5.
    pub mos: f64,
}

impl Quality {
    /// Of a stream with this one-way delay, jitter buffer included.
    #[must_use]
    pub fn of(report: &StreamReport, one_way_delay_ms: f64) -> Self {
        let loss = match report.expected {
            0 => 100.0,
            expected => report.lost as f64 * 100.0 / expected as f64,
        };
        let r_factor = r_factor(one_way_delay_ms, loss);
        Self { r_factor, mos: mos(r_factor) }
    }
}

/// G.107's R with default values otherwise: basic signal to noise ratio of 93.2, less the impairment by delay
/// (G.107's approximation with a knee at 177.3 ms) and by loss (G.711 with concealment, G.113: Ie 0, Bpl 25.1).
#[must_use]
pub fn r_factor(one_way_delay_ms: f64, loss_pct: f64) -> f64 {
    let knee = (one_way_delay_ms - 177.3).max(0.0);
    let delay = 0.024 * one_way_delay_ms + 0.11 * knee;
    let loss = 95.0 * loss_pct / (loss_pct + 25.1);
    (93.2 - delay - loss).clamp(0.0, 93.2)
}

/// G.107 annex B: the mean opinion score of a rating.
#[must_use]
pub fn mos(r: f64) -> f64 {
    if r <= 0.0 {
        return 1.0;
    }
    if r >= 100.0 {
        return 4.5;
    }
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
}
