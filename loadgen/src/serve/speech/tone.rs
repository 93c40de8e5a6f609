//! What the system itself says: hold music, tones, beeps, as linear samples at 8,000 a second.

/// Samples a second.
pub(super) const RATE: usize = 8_000;
/// A quarter of the full scale: well below where telephones clip.
const LOUD: f64 = 8_192.0;

/// Sounds that are made once and played again and again.
#[derive(Debug)]
pub(super) struct Sounds {
    /// A melody of four notes.
    pub(super) music: Vec<i16>,
    /// One second of ringing tone, four of silence (E.180's cadence in most of the world).
    pub(super) ring_tone: Vec<i16>,
    /// A short high tone each two seconds: digits are wanted.
    pub(super) prompt: Vec<i16>,
    /// The beep after which a message is left, and silence for as long as it may take.
    pub(super) beep: Vec<i16>,
}

impl Sounds {
    pub(super) fn new() -> Self {
        let music = [523.25, 659.25, 783.99, 659.25].iter().flat_map(|&hz| tone(hz, RATE)).collect();
        let with_pause = |hz, sound: usize, pause: usize| {
            let mut samples = tone(hz, sound);
            samples.resize(sound + pause, 0);
            samples
        };
        Self {
            music,
            ring_tone: with_pause(425.0, RATE, 4 * RATE),
            prompt: with_pause(1_000.0, RATE / 5, 9 * RATE / 5),
            beep: tone(1_000.0, RATE / 2),
        }
    }
}

/// A tone of so many samples that swells and fades in ten milliseconds, so that it does not click.
pub(super) fn tone(hz: f64, samples: usize) -> Vec<i16> {
    let edge = RATE / 100;
    let sample = |n: usize| {
        let swell = n.min(samples - 1 - n).min(edge) as f64 / edge as f64;
        (LOUD * swell * (std::f64::consts::TAU * hz * n as f64 / RATE as f64).sin()) as i16
    };
    (0..samples).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_has_its_pitch_and_no_click() {
        let samples = tone(1_000.0, RATE);
        let rises = samples.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
        assert!((990..=1_000).contains(&rises), "{rises}");
        assert_eq!((samples[0], samples[RATE - 1]), (0, 0));
        let loudest = samples.iter().map(|s| s.unsigned_abs()).max();
        assert!(loudest.is_some_and(|l| (8_000..=8_192).contains(&l)));
    }
}
