//! The numbers of a call: as good as all are short, and the others are kept aside.

use super::aside::Aside;
use super::state::Call;
use crate::hint::{rarely, usual};
use crate::id::CallId;
use crate::number::{Brief, Number};
use crate::system::System;

/// The numbers that a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberOf {
    /// The caller's.
    Calling,
    /// What was dialled in the first place.
    Dialled,
    /// Where the call was last routed to.
    Called,
}

impl NumberOf {
    pub(crate) const ALL: [Self; 3] = [Self::Calling, Self::Dialled, Self::Called];
}

/// Numbers of a call that do not fit into a [`Brief`].
pub(crate) type LongNumbers = [Option<Number>; 3];

impl System {
    /// A number of a call; empty if there is no such call.
    #[inline]
    pub(crate) fn number_of(&self, id: CallId, which: NumberOf) -> Number {
        match usual(self.call(id)) {
            Some(call) => call.numbers[which as usize].number_or(|| self.long_number(id, which)),
            None => Number::EMPTY,
        }
    }

    #[cold]
    fn long_number(&self, id: CallId, which: NumberOf) -> Number {
        self.asides.of(id).and_then(|aside| aside.long_numbers[which as usize]).unwrap_or_default()
    }

    /// Gives a call another number.
    pub(crate) fn set_number(&mut self, id: CallId, which: NumberOf, number: Number) {
        let Some(call) = self.call_mut(id) else { return };
        let brief = Brief::of(&number);
        call.numbers[which as usize] = brief;
        if rarely(brief.is_elsewhere()) {
            self.asides.of_mut(id).long_numbers[which as usize] = Some(number);
        }
    }
}

impl Call {
    /// The number, if it is not one of the long ones that were kept aside.
    #[inline]
    pub(super) fn number(&self, which: NumberOf, aside: Option<&Aside>) -> Number {
        let kept = || aside.and_then(|aside| aside.long_numbers[which as usize]);
        self.numbers[which as usize].number_or(|| kept().unwrap_or_default())
    }
}
