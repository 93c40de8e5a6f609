//! Which of a user's phones are registered on a system.

use crate::plan::User;
use crate::plan::spec::{PhoneModel, Registers};

/// A user's registered phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Phones(u8);

impl Phones {
    pub(crate) const NONE: Self = Self(0);

    /// All phones of a user, as at the beginning of a run.
    pub(crate) const fn all(user: &User) -> Self {
        let one = Self::NONE.with(user.phone);
        if user.simultaneous { one.with(PhoneModel::Workplace) } else { one }
    }

    const fn bit(phone: PhoneModel) -> u8 {
        match phone.registers() {
            Registers::AsDeskPhone | Registers::ByBaseStation | Registers::Never => 1,
            Registers::AsSoftphone => 2,
        }
    }

    pub(crate) const fn with(self, phone: PhoneModel) -> Self {
        Self(self.0 | Self::bit(phone))
    }

    pub(crate) const fn without(self, phone: PhoneModel) -> Self {
        Self(self.0 & !Self::bit(phone))
    }

    pub(crate) const fn contains(self, phone: PhoneModel) -> bool {
        self.0 & Self::bit(phone) != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
