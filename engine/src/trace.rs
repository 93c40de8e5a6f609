//! An explanation of what a system decides, step by step, written while it decides.
//!
//! It comes from the code that routes real calls, so it cannot say anything else than what happens.

use crate::cause::Cause;
use crate::dialplan::{Pattern, PatternKind, ShortCodeTable};
use crate::hint::rare;
use crate::id::{HuntGroupId, LineGroupId, SystemId};
use crate::number::Number;
use crate::plan::spec::{Feature, QueuePriority};
use crate::time::Instant;
use std::cell::RefCell;

/// One step of routing a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An incoming call route was chosen, by its place in the configuration and its row; `None`: no route matches.
    IncomingCallRoute {
        /// Place of the route and of its row (0: the default one).
        chosen: Option<(usize, usize)>,
        /// What is dialled inside.
        destination: Number,
    },
    /// The digits are a number of the network.
    Directory {
        /// The number.
        number: Number,
        /// The system it lives on.
        system: SystemId,
        /// What it is there.
        owner: Owner,
        /// Short codes that match as well: a number of the network comes before them all.
        others: Vec<(Table, String)>,
    },
    /// A short code matched.
    ShortCode {
        /// The table it stands in.
        table: Table,
        /// The digits that it matched.
        digits: Number,
        /// The Code field.
        code: String,
        /// What it does.
        feature: Feature,
        /// Other codes that match as well, and why they lost.
        others: Vec<(Table, String, Lost)>,
    },
    /// Nothing matches.
    NoShortCode {
        /// The digits.
        digits: Number,
    },
    /// The caller must enter an account code first.
    AccountCode,
    /// The call comes to an ARS form.
    Form {
        /// ARS route id.
        id: u32,
        /// Route name.
        name: String,
        /// Digits that the form is given.
        digits: Number,
        /// Where it sends the call instead of its own codes, and why; `None`: its codes are used.
        instead: Option<(Instead, u32)>,
        /// The code that matches best; `None`: none does, or it sends the call elsewhere.
        code: Option<String>,
        /// Other codes of the form that match as well, and why they lost.
        others: Vec<(String, Lost)>,
    },
    /// A route was tried.
    Route {
        /// The line group.
        group: LineGroupId,
        /// The number it would send.
        number: Number,
        /// What came of it.
        outcome: Outcome,
    },
    /// A form has an alternate route.
    Alternate {
        /// The form that has it.
        of: u32,
        /// The alternate form.
        form: u32,
        /// When its routes count too.
        opens: Opens,
    },
    /// No route is free: the call waits for one.
    Waits {
        /// Line groups that suit it.
        groups: Vec<LineGroupId>,
        /// When a further alternate route opens.
        opens: Option<Instant>,
    },
    /// A hunt group does something with the call.
    Group {
        /// The group.
        group: HuntGroupId,
        /// What.
        step: GroupStep,
    },
    /// A user's settings send the call on.
    Redirect {
        /// The user's extension.
        extension: Number,
        /// Which setting.
        why: Redirect,
        /// Where to.
        to: Number,
    },
    /// The call goes to a mailbox.
    Voicemail {
        /// Whose, by its extension.
        mailbox: Number,
        /// The system that has the voicemail server.
        host: SystemId,
    },
    /// A setting was changed, or not.
    Setting {
        /// Which.
        feature: Feature,
        /// Whether it was.
        changed: Changed,
    },
    /// A code sets the call's priority in the queues of hunt groups.
    QueuePriority(QueuePriority),
    /// The call joins a conference, or is asked for its PIN first.
    Conference {
        /// Its number.
        number: Number,
    },
    /// The call ends.
    End(Cause),
}

/// What a hunt group does with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupStep {
    /// The phones of the members with these numbers ring.
    Rings(Vec<Number>),
    /// Nobody is available: the call waits.
    Waits {
        /// Calls of the group that are not answered yet, this one included.
        length: usize,
    },
    /// From now on members of the overflow groups ring too.
    Overflows,
    /// It cannot be answered.
    Full,
}

/// What a number of the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User,
    /// A hunt group.
    HuntGroup,
    /// A conference room.
    Conference,
}

/// A table of short codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The user's own.
    User,
    /// Those of the user rights.
    UserRights,
    /// The system's.
    System,
    /// Those of the line that the digits came in on.
    Line,
}

/// Why a code that matches was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A table before its own has a match.
    LaterTable,
    /// It has fewer literal digits.
    FewerLiterals,
    /// As many literal digits, but its length is less exact: `X` beats `N`.
    LessExactLength,
    /// As good, but entered later.
    EnteredLater,
    /// `?` counts only if nothing else matches.
    Default,
}

/// Other codes of a table that the number `digits` matches besides `winner`, the one of them that counts, and why each lost.
pub(crate) fn losers(
    table: &ShortCodeTable,
    digits: &Number,
    winner: Option<&Pattern>,
) -> impl Iterator<Item = (String, Lost)> {
    let lost = move |pattern: &Pattern| match pattern.kind() {
        PatternKind::Default => Some(Lost::Default),
        PatternKind::Digits if !pattern.matches(digits.as_bytes()) => None,
        PatternKind::Digits => Some(winner.map_or(Lost::LaterTable, |winner| Lost::to(winner, pattern))),
        PatternKind::HotLine(_) | PatternKind::Setting => None,
    };
    let others = table.groups().filter(move |(_, group)| winner != Some(group.pattern));
    others.filter_map(move |(_, group)| Some((group.pattern.to_string(), lost(group.pattern)?)))
}

impl Lost {
    /// Why `loser` lost to `winner`, which stands in the same table and matches the same number.
    fn to(winner: &Pattern, loser: &Pattern) -> Self {
        let length = |pattern: &Pattern| (pattern.any_digits(), pattern.has_any_digits());
        if loser.literals() < winner.literals() {
            Self::FewerLiterals
        } else if length(loser) != length(winner) {
            Self::LessExactLength
        } else {
            Self::EnteredLater
        }
    }
}

/// Why a form does not use its own codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// It is out of service.
    OutOfService,
    /// It is out of hours.
    OutOfHours,
}

/// What came of trying a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This channel was seized.
    Seized(crate::id::ChannelId),
    /// All channels are in use or out of service.
    AllBusy,
    /// The caller may not make such calls.
    Barred,
}

/// When an alternate route opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// At once: the caller's priority is high enough.
    AtOnce,
    /// At this time.
    At(Instant),
    /// Never for callers of this priority.
    Never,
}

/// Which setting sends a call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the settings")]
pub enum Redirect {
    FollowMe,
    ForwardUnconditional,
    ForwardOnBusy,
    ForwardOnNoAnswer,
    FallbackTwinning,
    NightService,
    OutOfService,
    Fallback,
    VoicemailBusy,
}

/// Whether something was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was.
    Yes,
    /// It was not: the number given makes no sense, or the login code is wrong.
    No,
}

/// The steps so far, if anybody wants them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Option<Box<RefCell<Vec<Step>>>>);

impl Trace {
    pub(crate) fn on() -> Self {
        Self(Some(Box::default()))
    }

    /// Whether somebody wants it.
    // To be asked on the way of every call, where [`Self::note`] would keep at hand what a step is made of.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a step down; it is made only if somebody wants it.
    #[inline]
    pub(crate) fn note(&self, step: impl FnOnce() -> Step) {
        if let Some(steps) = rare(self.0.as_ref()) {
            steps.borrow_mut().push(step());
        }
    }

    /// Takes the steps written down so far.
    pub(crate) fn take(&mut self) -> Vec<Step> {
        self.0.as_mut().map(|steps| std::mem::take(steps.get_mut())).unwrap_or_default()
    }
}
