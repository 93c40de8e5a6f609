//! What short codes say about a call besides digits (DOMAIN 2.3).

use crate::dialplan::{CallingName, CallingNumber, Presentation, Produced, Tone, TonesAfter};
use crate::number::Number;
use crate::plan::spec::{Feature, QueuePriority};
use crate::time::Duration;

/// Everything that the codes a call has passed say besides digits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct More {
    /// `S`, `SS`
    pub(crate) calling: CallingNumber,
    /// `Si`, `SSi`
    pub(crate) national: bool,
    /// `A`, `W`
    pub(crate) presentation: Presentation,
    /// `;`
    pub(crate) complete: bool,
    /// `Z`, `U`
    pub(crate) name: Option<CallingName>,
    /// `"@..."`
    pub(crate) host: Option<Box<str>>,
    /// `t(x)`
    pub(crate) limit: Option<Duration>,
    /// `I`
    pub(crate) information_packet: bool,
    /// `@`
    pub(crate) sub_address: Option<Number>,
    /// `K`
    pub(crate) keypad: Option<Number>,
    /// `D`, `Y`
    pub(crate) tones: Option<(TonesAfter, Number)>,
    /// `p(x)`; acts where the code is passed.
    pub(crate) queue_priority: Option<QueuePriority>,
}

impl More {
    /// Of what a code of this feature has produced.
    pub(crate) fn of(produced: &Produced<'_>, feature: Feature) -> Self {
        let mut more =
            Self { calling: produced.calling, complete: produced.sending_complete, ..Self::default() };
        if let Some(extras) = produced.extras {
            more.national = extras.national;
            more.presentation = extras.presentation;
            more.name.clone_from(&extras.name);
            more.host.clone_from(&extras.host);
            more.limit = extras.limit;
            more.information_packet = extras.information_packet;
            let priority = extras.priority.filter(|_| feature == Feature::DialExtn);
            more.queue_priority = priority.and_then(QueuePriority::from_number);
        }
        if let Some(sections) = &produced.sections {
            more.sub_address = sections.sub_address;
            more.keypad = sections.keypad;
            more.tones = sections.tones.as_ref().map(|(after, tones)| (*after, digits_of(tones)));
        }
        more
    }

    /// A later code overrides what it speaks of.
    pub(crate) fn overridden_by(mut self, later: &Self) -> Self {
        if later.calling != CallingNumber::Unchanged {
            (self.calling, self.national) = (later.calling, later.national);
        }
        if later.presentation != Presentation::Unchanged {
            self.presentation = later.presentation;
        }
        self.complete |= later.complete;
        self.name = later.name.clone().or(self.name);
        self.host = later.host.clone().or(self.host);
        self.limit = later.limit.or(self.limit);
        self.information_packet |= later.information_packet;
        self.sub_address = later.sub_address.or(self.sub_address);
        self.keypad = later.keypad.or(self.keypad);
        self.tones = later.tones.or(self.tones);
        self
    }
}

/// Tones as characters; they come from a field that is no longer than a number may be.
fn digits_of(tones: &[Tone]) -> Number {
    let mut digits = Number::EMPTY;
    for tone in tones {
        let _ = digits.push(match tone {
            Tone::Digit(digit) => *digit,
            Tone::Pause => b',',
        });
    }
    digits
}
