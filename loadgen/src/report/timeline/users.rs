//! What is said of single users and their phones.

use engine::network::{Refusal, ResilienceChange};
use engine::number::Number;

/// Kind, status and text of a change that is about one user, whose home is called so; `None`: it is about none. `shows` says of
/// a phone whether it can show R and !.
pub(super) fn of_user(
    what: &ResilienceChange,
    home: &str,
    shows: &dyn Fn(&Number) -> bool,
) -> Option<(&'static str, Option<String>, String)> {
    Some(match what {
        ResilienceChange::Moved { extension } => {
            let status = shows(extension).then(|| "R".to_owned());
            let shown = if status.is_some() { ", and shows R" } else { "" };
            ("moved", status, format!("{extension} of {home} comes{shown}"))
        }
        ResilienceChange::OtherPhone { extension } => {
            ("moved", None, format!("the other phone of {extension} of {home} comes too"))
        }
        ResilienceChange::Addressed { extension } => {
            ("addressed", None, format!("a phone of {extension} of {home} has its address from here"))
        }
        ResilienceChange::LoggedIn { extension, at } => {
            ("logged_in", None, format!("{extension} of {home} logs in at the phone of {at}"))
        }
        ResilienceChange::LoggedOut { extension, at } => {
            ("logged_out", None, format!("{extension} of {home} is logged out at the phone of {at}"))
        }
        ResilienceChange::SettingsMissing { extension, at } => {
            let status = shows(at).then(|| "!".to_owned());
            let shown = if status.is_some() { ", and shows !" } else { "" };
            let text = format!("the phone of {at} has no settings of {extension} of {home}{shown}");
            ("settings_missing", status, text)
        }
        ResilienceChange::Forgotten { extension, settings, calls } => {
            ("forgotten", None, forgotten_text(extension, *settings, *calls))
        }
        ResilienceChange::Returned { extension } => {
            ("returned", None, format!("{extension} goes home to {home}"))
        }
        ResilienceChange::Refused { extension, why } => {
            let why = refusal(*why);
            ("refused", Some(why.to_owned()), format!("{extension} of {home} asks in vain: {why}"))
        }
        ResilienceChange::Lost
        | ResilienceChange::FailedOver
        | ResilienceChange::SeenAgain
        | ResilienceChange::FailedBack
        | ResilienceChange::CopiesLost
        | ResilienceChange::Expired
        | ResilienceChange::StandAlone => return None,
    })
}

/// What is lost with a guest, in words.
fn forgotten_text(extension: &Number, settings: u32, calls: u32) -> String {
    let changes = match settings {
        0 => None,
        1 => Some("1 change of settings".to_owned()),
        more => Some(format!("{more} changes of settings")),
    };
    let history = match calls {
        0 => None,
        1 => Some("the history of 1 call".to_owned()),
        more => Some(format!("the history of {more} calls")),
    };
    let lost: Vec<String> = [changes, history].into_iter().flatten().collect();
    format!("{} of {extension}, made here, is lost", lost.join(" and "))
}

const fn refusal(why: Refusal) -> &'static str {
    match why {
        Refusal::NotItsBackup => "it is not its backup",
        Refusal::HomeVisible => "its home is visible (network blocked)",
        Refusal::HomeLostTooShortly => "its home has not been missed for long enough",
        Refusal::NoDeskPhoneYet => "no desk phone has asked yet",
        Refusal::NoCopy => "no copy of its user is there",
        Refusal::Full => "no room for more guests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_loses_is_said_in_words() {
        let of = |settings, calls| forgotten_text(&Number::from_u64(201), settings, calls);
        assert_eq!(of(1, 0), "1 change of settings of 201, made here, is lost");
        assert_eq!(of(2, 1), "2 changes of settings and the history of 1 call of 201, made here, is lost");
        assert_eq!(of(0, 12), "the history of 12 calls of 201, made here, is lost");
    }
}
