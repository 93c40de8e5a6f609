//! Calls with audio between our own phones and trunks, through a switch that lets their media pass directly.

use super::switch::Switch;
use super::{PACE, against, assert_checks_pass, loopback, play};
use crate::driver::{MediaMode, SipOptions};
use crate::report::{Clock, RunRecord};
use crate::test_support::{Pace, two_systems};
use engine::time::Duration;

#[test]
fn everybody_hears_everybody_and_no_packet_is_lost() {
    let talk = Duration::from_millis(600);
    let profile = two_systems(Pace { bhcc: 60_000.0, talk, ..PACE });
    let [trunk_at, phones_at] = super::free_addresses();
    let switch = Switch::start(loopback(), trunk_at, "secret");
    let options = SipOptions {
        trunk_at: Some(trunk_at),
        phones_at: Some(phones_at),
        password: Some("secret".into()),
        media: MediaMode::Rtp,
        ..against(switch.address)
    };
    let result = play(&profile, &options);
    switch.stop();
    let (calls, figures) = (result.tally.calls, result.sip.as_ref().expect("figures of SIP"));
    assert_eq!(calls.completed, calls.planned, "{calls:?} {:?}", figures.statuses);
    assert_checks_pass(&result);
    let audio = figures.audio.as_ref().expect("there was audio");
    assert_eq!((audio.calls, audio.one_way, figures.mute), (calls.completed, 0, 0));
    assert_eq!((audio.lost, audio.duplicates), (0, 0), "loopback loses nothing");
    assert_eq!(audio.start.count(), 2 * calls.completed, "both parties of each call");
    // Mean of the talk is 0.6 s, that is 30 packets; what is under way when a party hangs up is heard by nobody.
    assert!(audio.sent > 20 * calls.completed && audio.received <= audio.sent, "{audio:?}");
    assert!(audio.expected >= audio.received && audio.lateness.count() >= audio.sent, "{audio:?}");
    let record = RunRecord::of_run(&profile, Clock::Sip, &result);
    assert_eq!((record.metrics.rtp_loss_pct, record.metrics.rtp_one_way_pct), (Some(0.0), Some(0.0)));
    assert!(record.metrics.mos_mean.is_some_and(|mos| mos > 2.0), "{:?}", record.metrics);
    let section = record.sip.and_then(|sip| sip.audio).expect("the record has it");
    assert_eq!((section.sent, section.calls), (audio.sent, audio.calls));
    assert!(record.latency.contains_key("rtp_jitter") && record.latency.contains_key("rtp_gap"));
}
