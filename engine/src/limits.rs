//! Every limit of the engine, declared once. Full is a refusal with a cause, never a silent drop.

use crate::time::Duration;

/// Longest number, in characters: the Code field of a short code holds 31 (DOMAIN: short code record).
pub const MAX_DIGITS: usize = 31;
/// Longest Telephone Number field of a short code, in characters.
pub const MAX_TELEPHONE_NUMBER: usize = 32;
/// Most systems in a network. A Select solution has 150 (RC chapter 3); what-if networks may be larger.
pub const MAX_SYSTEMS: usize = 10_000;
/// Most lines of one system.
pub const MAX_LINES: usize = 4_096;
/// Most channels of one line.
pub const MAX_CHANNELS: u16 = 10_000;
/// Highest outgoing group or ARS route id (0-99999).
pub const MAX_GROUP_NUMBER: u32 = 99_999;
/// Most users of one system.
pub const MAX_USERS: usize = 1_000_000;
/// Most hunt groups of one system.
pub const MAX_HUNT_GROUPS: usize = 10_000;
/// Most members of one hunt group.
pub const MAX_HUNT_GROUP_MEMBERS: usize = 10_000;
/// Most short codes in one table.
pub const MAX_SHORT_CODES: usize = 1_000_000;
/// Most short codes with the same Code text in one table.
pub const MAX_SAME_CODES: usize = 1_000;
/// Most ARS forms of one system.
pub const MAX_ARS_FORMS: usize = 10_000;
/// Most ARS forms one call passes before it is cleared with cause 25: the cap on forms that name each other.
pub const MAX_ARS_FORMS_PASSED: u8 = 32;
/// Most ARS forms that one look for a route passes altogether, over all branches, before the call is cleared with
/// cause 25.
pub const MAX_ARS_FORMS_SEARCHED: u32 = 2_000;
/// Most routes that one call is sent out on before it ends with the cause of the last.
pub const MAX_ROUTES_TRIED: u16 = 64;
/// Most lines that an emergency call whose own routes are used up or closed is sent out on.
pub const MAX_EMERGENCY_ATTEMPTS: u16 = 16;
/// Most times one call is redirected (forwarded, followed, sent to a fallback) before cause 25.
pub const MAX_REDIRECTIONS: u8 = 16;
/// Most times that digits of one call are looked up, those dialled and those that Dial Extn codes made of them, before cause 25.
pub const MAX_LOOK_UPS: usize = 32;
/// Most systems one call passes before it is cleared with cause 25.
pub const MAX_HOPS: u8 = 8;
/// Most calls in progress on one system before new ones are refused with cause 42.
pub const MAX_CALLS: usize = 16_000_000;
/// Most conference rooms of one system.
pub const MAX_ROOMS: usize = 10_000;
/// Most times a caller may enter a conference's PIN.
pub const MAX_PIN_TRIES: u8 = 3;
/// Most calls on analog trunks in one conference (RC chapter 8).
pub const MAX_ANALOG_TRUNKS_IN_CONFERENCE: usize = 2;
/// Most calls that one user has on hold; one more is refused with cause 47.
pub const MAX_HELD_CALLS: usize = 16;
/// Most alarms that a system keeps (RC chapter 6).
pub const MAX_ALARMS: usize = 50;
/// Longest time that a call is preserved, in minutes (RES chapter 13).
pub const MAX_PRESERVED_MINUTES: u64 = 120;
/// Most distinct timer durations with constant-time handling; further ones use the heap.
pub const MAX_TIMER_LANES: usize = 16;
/// How long a minute of the three delays below lasts, unless a drill shortens it.
pub const MINUTE: Duration = Duration::from_secs(60);
/// How long a backup must have missed a system before it takes its phones in (RES "When Does Failover Occur").
pub const FAILOVER_DELAY: Duration = Duration::from_secs(3 * 60);
/// How long a system must have been seen again before its phones go home: more than ten minutes (RES "When Does Failback
/// Occur").
pub const FAILBACK_DELAY: Duration = Duration::from_millis(10 * 60 * 1_000 + 1);
/// How long licences last without their server (RES "Licensing").
pub const LICENCE_GRACE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Longest time that a voicemail server waits for its calls to end before it gives mailboxes back by itself (RES "Configuring
/// the Voicemail Failback Method").
pub const MAX_VOICEMAIL_FAILBACK: Duration = Duration::from_secs(60 * 60);
/// How long a phone that was sent home may still register with its backup (RES "homeless prevention").
pub const HOMELESS_TIME: Duration = Duration::from_secs(5 * 60);
/// Longest wait for the answer of a call that the far side works on (SIP Call Queuing Timeout, default 5 min).
pub const CALL_QUEUING_TIMEOUT: Duration = Duration::from_secs(300);
/// When a hunt group asks a system again that could not take a call for one of its members.
pub const MEMBER_ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Longest wait of a `?D(x)` hot line, in seconds off-hook without dialling.
pub const MAX_HOT_LINE_DELAY: u64 = 30;
/// Longest `t(x)` limit of a call, in minutes.
pub const MAX_CALL_LIMIT: u64 = 999;
/// Most numbers tried to find one that reaches a short code, before it counts as reachable.
pub const MAX_LINT_TRIES_OF_A_CODE: usize = 20_000;
/// The same for all codes of a table.
pub const MAX_LINT_TRIES: usize = 2_000_000;
