//! Notices as bytes.

use super::{Reader, Writer};
use engine::id::{SystemId, UserId};
use engine::network::{CopiedSetting, Notice, Seat};
use engine::plan::spec::{BackedUp, BacksUp};
use engine::time::{Duration, Instant};

impl Writer {
    fn instant(&mut self, at: Instant) {
        self.u64(at.as_nanos());
    }

    pub(super) fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Copies { made } => {
                self.u8(0);
                self.instant(*made);
            }
            Notice::Setting { user, made, setting } => {
                self.u8(1);
                self.u32(user.0);
                self.instant(*made);
                self.setting(setting);
            }
            Notice::Whereabouts { home, user, at, since, seat } => {
                self.u8(2);
                self.u16(home.0);
                self.u32(user.0);
                self.u16(at.0);
                self.instant(*since);
                match seat {
                    Seat::Own => self.u8(0),
                    Seat::Others { own } => {
                        self.u8(1);
                        self.u16(own.0);
                    }
                }
            }
            Notice::SettingsWanted { home, user } => {
                self.u8(5);
                self.u16(home.0);
                self.u32(user.0);
            }
            Notice::SettingOf { home, user, setting } => {
                self.u8(6);
                self.u16(home.0);
                self.u32(user.0);
                self.setting(setting);
            }
            Notice::NoSettings { home, user } => {
                self.u8(7);
                self.u16(home.0);
                self.u32(user.0);
            }
            Notice::Stead { home, by, since, what } => {
                self.u8(3);
                self.u16(home.0);
                self.u16(by.0);
                self.instant(*since);
                let bits = BackedUp::ALL.iter().enumerate().filter(|&(_, &one)| what.contains(one));
                self.u8(bits.fold(0, |all, (n, _)| all | 1 << n));
            }
            Notice::Mailboxes { home, by, since } => {
                self.u8(4);
                self.u16(home.0);
                self.u16(by.0);
                self.instant(*since);
            }
        }
    }

    fn setting(&mut self, setting: &CopiedSetting) {
        match setting {
            CopiedSetting::Switches {
                logged_in,
                do_not_disturb,
                forward_unconditional,
                forward_hunt_group_calls,
                forward_on_busy,
                forward_on_no_answer,
                outgoing_call_bar,
                voicemail,
                no_answer_time,
            } => {
                self.u8(0);
                let switches = [
                    logged_in,
                    do_not_disturb,
                    forward_unconditional,
                    forward_hunt_group_calls,
                    forward_on_busy,
                    forward_on_no_answer,
                    outgoing_call_bar,
                    voicemail,
                ];
                let bits = switches.into_iter().enumerate();
                self.u8(bits.fold(0, |all, (n, on)| all | u8::from(*on) << n));
                self.u64(no_answer_time.map_or(0, Duration::as_nanos));
            }
            CopiedSetting::FollowMe(number) => {
                self.u8(1);
                self.number(number);
            }
            CopiedSetting::ForwardUnconditional(number) => {
                self.u8(2);
                self.number(number);
            }
            CopiedSetting::ForwardOnBusy(number) => {
                self.u8(3);
                self.number(number);
            }
            CopiedSetting::ForwardOnNoAnswer(number) => {
                self.u8(4);
                self.number(number);
            }
        }
    }
}

impl Reader<'_> {
    fn instant(&mut self) -> Option<Instant> {
        self.u64().map(Instant::from_nanos)
    }

    pub(super) fn notice(&mut self) -> Option<Notice> {
        Some(match self.u8()? {
            0 => Notice::Copies { made: self.instant()? },
            1 => {
                Notice::Setting { user: UserId(self.u32()?), made: self.instant()?, setting: self.setting()? }
            }
            2 => Notice::Whereabouts {
                home: SystemId(self.u16()?),
                user: UserId(self.u32()?),
                at: SystemId(self.u16()?),
                since: self.instant()?,
                seat: match self.u8()? {
                    0 => Seat::Own,
                    1 => Seat::Others { own: SystemId(self.u16()?) },
                    _ => return None,
                },
            },
            5 => Notice::SettingsWanted { home: SystemId(self.u16()?), user: UserId(self.u32()?) },
            6 => Notice::SettingOf {
                home: SystemId(self.u16()?),
                user: UserId(self.u32()?),
                setting: self.setting()?,
            },
            7 => Notice::NoSettings { home: SystemId(self.u16()?), user: UserId(self.u32()?) },
            3 => {
                let (home, by, since) = (SystemId(self.u16()?), SystemId(self.u16()?), self.instant()?);
                let bits = self.u8().filter(|bits| *bits < 64)?;
                let named = BackedUp::ALL.into_iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
                let what = named.fold(BacksUp::NOTHING, |all, (_, one)| all.with(one));
                Notice::Stead { home, by, since, what }
            }
            4 => {
                let (home, by) = (SystemId(self.u16()?), SystemId(self.u16()?));
                Notice::Mailboxes { home, by, since: self.instant()? }
            }
            _ => return None,
        })
    }

    fn setting(&mut self) -> Option<CopiedSetting> {
        Some(match self.u8()? {
            0 => {
                let bits = self.u8()?;
                let on = |n: u8| bits & (1 << n) != 0;
                let time = self.u64()?;
                CopiedSetting::Switches {
                    logged_in: on(0),
                    do_not_disturb: on(1),
                    forward_unconditional: on(2),
                    forward_hunt_group_calls: on(3),
                    forward_on_busy: on(4),
                    forward_on_no_answer: on(5),
                    outgoing_call_bar: on(6),
                    voicemail: on(7),
                    no_answer_time: (time > 0).then(|| Duration::from_nanos(time)),
                }
            }
            1 => CopiedSetting::FollowMe(self.number()?),
            2 => CopiedSetting::ForwardUnconditional(self.number()?),
            3 => CopiedSetting::ForwardOnBusy(self.number()?),
            4 => CopiedSetting::ForwardOnNoAnswer(self.number()?),
            _ => return None,
        })
    }
}
