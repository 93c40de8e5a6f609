//! The numbers of a call: as good as all are short, and the others are kept aside.

use super::aside::Aside;
use super::state::Call;
use crate::hint::{mostly, rarely, usual};
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

/// Where a call was last routed to: to what was dialled without so many of its first characters, as short codes do; otherwise
/// `System::called` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Called(u8);

impl Called {
    /// To what was dialled.
    pub(super) const AS_DIALLED: Self = Self(0);
    /// More characters than any number has.
    const ELSEWHERE: Self = Self(u8::MAX);
}

/// Numbers of a call that do not fit into a [`Brief`].
pub(crate) type LongNumbers = [Option<Number>; 2];

impl System {
    /// A number of a call; empty if there is no such call.
    #[inline]
    pub(crate) fn number_of(&self, id: CallId, which: NumberOf) -> Number {
        match usual(self.call(id)) {
            Some(call) => self.number(id, call, which, || self.asides.of(id)),
            None => Number::EMPTY,
        }
    }

    /// The same of a call that was looked up, or is over.
    #[inline]
    pub(super) fn number<'a>(
        &self,
        id: CallId,
        call: &Call,
        which: NumberOf,
        aside: impl FnOnce() -> Option<&'a Aside>,
    ) -> Number {
        let from = match which {
            NumberOf::Calling | NumberOf::Dialled => which,
            NumberOf::Called if rarely(call.called == Called::ELSEWHERE) => {
                return self.called.get(id).unwrap_or_default();
            }
            NumberOf::Called => NumberOf::Dialled,
        };
        let kept = || aside().and_then(|aside| aside.long_numbers[from as usize]).unwrap_or_default();
        let number = call.numbers[from as usize].number_or(kept);
        if which == NumberOf::Called { number.without_first(call.called.0) } else { number }
    }

    /// Gives a call another number.
    pub(crate) fn set_number(&mut self, id: CallId, which: NumberOf, number: Number) {
        match which {
            NumberOf::Calling => self.store_number(id, which, &number),
            NumberOf::Dialled => {
                let called = self.number_of(id, NumberOf::Called);
                self.store_number(id, which, &number);
                self.set_called(id, &called);
            }
            NumberOf::Called => self.set_called(id, &number),
        }
    }

    /// Stores the caller's number or what was dialled.
    pub(super) fn store_number(&mut self, id: CallId, which: NumberOf, number: &Number) {
        let brief = Brief::of(number);
        let Some(stored) = self.call_mut(id).and_then(|call| call.numbers.get_mut(which as usize)) else {
            return;
        };
        *stored = brief;
        if rarely(brief.is_elsewhere()) {
            self.asides.of_mut(id).long_numbers[which as usize] = Some(*number);
        }
    }

    /// A call is routed to a number.
    #[inline]
    pub(super) fn set_called(&mut self, id: CallId, number: &Number) {
        let brief = Brief::of(number);
        let Some(call) = usual(self.call_mut(id)) else { return };
        if mostly(call.numbers[NumberOf::Dialled as usize] == brief && !brief.is_elsewhere()) {
            call.called = Called::AS_DIALLED;
        } else {
            self.set_other_called(id, number);
        }
    }

    #[inline(never)]
    fn set_other_called(&mut self, id: CallId, number: &Number) {
        let dialled = self.number_of(id, NumberOf::Dialled);
        let called = match dialled.as_bytes().strip_suffix(number.as_bytes()) {
            Some(left_out) => Called(left_out.len() as u8),
            None => {
                self.called.put(id, *number);
                Called::ELSEWHERE
            }
        };
        if let Some(call) = self.call_mut(id) {
            call.called = called;
        }
    }
}

impl Call {
    /// Whether all its numbers are in it, character by character.
    #[inline]
    pub(super) fn has_whole_numbers(&self) -> bool {
        self.numbers.iter().all(|number| number.is_whole()) & (self.called != Called::ELSEWHERE)
    }

    /// A number, if [`Self::has_whole_numbers`].
    #[inline(always)]
    pub(super) fn whole_number(&self, which: NumberOf) -> Number {
        match which {
            NumberOf::Calling | NumberOf::Dialled => self.numbers[which as usize].whole(),
            NumberOf::Called => self.numbers[NumberOf::Dialled as usize].whole().without_first(self.called.0),
        }
    }
}
