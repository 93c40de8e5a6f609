//! Every word there and back, and nothing else.

use super::*;
use engine::id::{SystemId, UserId};
use engine::network::{CopiedSetting, Notice, Seat};
use engine::plan::spec::{BackedUp, BacksUp};
use engine::time::Instant;

fn words() -> Vec<Word> {
    let about = PeerRef { channel: 7, call: CallId::outside(9, 3), attempt: 2 };
    let sdp: Sdp = Sdp::from(&b"v=0\r\n"[..]);
    let privilege = Privilege {
        source: Source::User,
        priority: 4,
        allowed: CallClasses::NONE.with(CallClass::Local).with(CallClass::International),
        account: Account::Entered,
        urgency: Urgency::Emergency,
    };
    let setup_for = |purpose| PeerBody::Setup {
        called: Number::new("201").expect("digits"),
        calling: Number::EMPTY,
        presentation: Presentation::Withheld,
        tag: Tag(u64::MAX - 1),
        hops: 5,
        caller: Reached::Outside(Some(CallClass::Local)),
        privilege,
        queue_priority: QueuePriority::Medium,
        purpose,
    };
    let setup = setup_for(Purpose::Voicemail { access: VoicemailAccess::Collect, of: SystemId(9) });
    let purposes = [
        Purpose::Call,
        Purpose::Voicemail { access: VoicemailAccess::Leave, of: SystemId(0) },
        Purpose::Conference,
        Purpose::Member { if_unanswered: None },
        Purpose::Member { if_unanswered: Some(AgentStatus::BusyWrapUp) },
        Purpose::Member { if_unanswered: Some(AgentStatus::BusyNotAvailable) },
        Purpose::Member { if_unanswered: Some(AgentStatus::LoggedOff) },
    ];
    let reached = [
        Reached::Inside(Insider::FREE),
        Reached::Inside(Insider { allowed: CallClasses::NONE, account: Account::Needed }),
        Reached::Outside(None),
        Reached::Outside(Some(CallClass::National)),
        Reached::Conference,
    ];
    let mut bodies = vec![
        setup,
        PeerBody::Proceeding,
        PeerBody::Privilege { caller: Reached::Inside(Insider::FREE), privilege },
        PeerBody::Release { cause: Cause::USER_BUSY },
    ];
    bodies.extend(purposes.map(setup_for));
    bodies.extend(reached.map(|reached| PeerBody::Alerting { reached }));
    bodies.extend(reached.map(|reached| PeerBody::Answer { reached }));
    bodies.extend(reached.map(|reached| PeerBody::Reached { reached }));
    let peer = |body| Word::Peer(PeerMessage { from: End::Called, about, body }, None);
    let mut words: Vec<Word> = bodies.into_iter().map(peer).collect();
    words.push(Word::Peer(PeerMessage { from: End::Calling, about, body: setup }, Some(sdp.clone())));
    for preservation in [MediaPreservation::Disabled, MediaPreservation::Enabled] {
        words.push(Word::Network(NetworkMessage::KeepAlive {
            incarnation: 77,
            preservation,
            members: 1 << 60,
        }));
    }
    for (active, available) in [(true, false), (true, true), (false, false)] {
        let (group, member) = (Number::new("300").expect("digits"), Number::new("201").expect("digits"));
        let (state, idle_for) = (MemberState { active, available }, Duration::from_millis(1_234));
        words.push(Word::Network(NetworkMessage::Member { group, member, state, idle_for }));
    }
    words.extend(notices().map(|notice| Word::Network(NetworkMessage::Notice { serial: 9, notice })));
    words.push(Word::Network(NetworkMessage::Acknowledged { serial: 9 }));
    words.push(Word::Offer(End::Calling, about, sdp.clone()));
    words.push(Word::Answer(End::Called, about, sdp));
    words.extend([Word::Ask(End::Calling, about), Word::Refuse(End::Called, about)]);
    words
}

fn notices() -> impl Iterator<Item = Notice> {
    let number = Number::new("4711").expect("digits");
    let (made, home, user) = (Instant::from_nanos(1 << 50), SystemId(3), UserId(70_000));
    let switches = |no_answer_time| CopiedSetting::Switches {
        logged_in: true,
        do_not_disturb: false,
        forward_unconditional: true,
        forward_hunt_group_calls: true,
        forward_on_busy: false,
        forward_on_no_answer: false,
        outgoing_call_bar: false,
        voicemail: true,
        no_answer_time,
    };
    let settings = [
        switches(None),
        switches(Some(Duration::from_secs(20))),
        CopiedSetting::FollowMe(number),
        CopiedSetting::ForwardUnconditional(Number::EMPTY),
        CopiedSetting::ForwardOnBusy(number),
        CopiedSetting::ForwardOnNoAnswer(number),
    ];
    let what = BacksUp::NOTHING.with(BackedUp::IpPhones).with(BackedUp::Conferences);
    let others = [
        Notice::Copies { made },
        Notice::Whereabouts { home, user, at: SystemId(4), since: made, seat: Seat::Own },
        Notice::Whereabouts { home, user, at: SystemId(4), since: made, seat: Seat::Others { own: home } },
        Notice::SettingsWanted { home, user },
        Notice::SettingOf { home, user, setting: settings[1] },
        Notice::NoSettings { home, user },
        Notice::Stead { home, by: SystemId(5), since: made, what },
        Notice::Mailboxes { home, by: SystemId(6), since: made },
    ];
    others.into_iter().chain(settings.map(|setting| Notice::Setting { user, made, setting }))
}

#[test]
fn every_word_comes_back_as_it_was_said() {
    for word in words() {
        assert_eq!(decode(&encode(&word)), Some(word.clone()), "{word:?}");
    }
}

#[test]
fn no_beginning_of_a_word_is_one_and_nothing_may_follow() {
    for word in words() {
        let bytes = encode(&word);
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "{word:?} cut at {length}");
        }
        assert_eq!(decode(&[bytes, vec![0]].concat()), None, "{word:?}");
    }
}
