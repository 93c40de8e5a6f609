//! What only some calls have, or have at one stage only, kept beside the call table so that all others stay small.

use crate::id::CallId;

/// Something of some calls, by their places in the call table. The call says whether it is of use, by its stage, its origin or a mark:
/// what it leaves behind stays until another one at its place has something of the kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByPlace<T>(Vec<Option<T>>);

impl<T: Copy> ByPlace<T> {
    /// Nothing of any call.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn put(&mut self, call: CallId, value: T) {
        let place = call.index();
        if place >= self.0.len() {
            self.0.resize(place + 1, None);
        }
        self.0[place] = Some(value);
    }

    pub(crate) fn get(&self, call: CallId) -> Option<T> {
        *self.0.get(call.index())?
    }
}
