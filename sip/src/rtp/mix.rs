//! A conference: everybody hears the sum of the others.

/// Mixes one frame after another of linear samples.
#[derive(Clone, Debug, Default)]
pub struct Mixer {
    sum: Vec<i32>,
}

impl Mixer {
    /// An empty frame of so many samples.
    #[must_use]
    pub fn new(samples: usize) -> Self {
        Self { sum: vec![0; samples] }
    }

    /// Begins the next frame.
    pub fn clear(&mut self) {
        self.sum.fill(0);
    }

    /// Adds what one member said; a shorter frame is silence at its end.
    pub fn add(&mut self, frame: &[i16]) {
        for (sum, &sample) in self.sum.iter_mut().zip(frame) {
            *sum += i32::from(sample);
        }
    }

    /// What a member hears who said `own` in this frame (empty for one who said nothing): all but that, clipped.
    pub fn heard(&self, own: &[i16], out: &mut Vec<i16>) {
        out.clear();
        out.extend(self.sum.iter().enumerate().map(|(i, &sum)| {
            let others = sum - own.get(i).map_or(0, |&s| i32::from(s));
            others.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        }));
    }
}
