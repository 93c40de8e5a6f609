//! Messages between systems that cross, come late, from the wrong end, or not at all.

use super::pair;
use crate::support::{Bench, Build, number, seconds, system};
use engine::Input;
use engine::cause::Cause;
use engine::id::{LineId, Tag};
use engine::network::{
    Account, End, Insider, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached, Source, Urgency,
};
use engine::plan::spec::{CallClasses, Feature, QueuePriority};

const REACHED: Reached = Reached::Inside(Insider::FREE);
const ALERTING: PeerBody = PeerBody::Alerting { reached: REACHED };
const ANSWER: PeerBody = PeerBody::Answer { reached: REACHED };

/// A call that A has forgotten and B still has, because A's release was lost.
fn stale(channels: u16) -> Bench {
    let mut bench = pair(channels);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.lose = Box::new(|_| true);
    bench.hang_up("201", 1);
    bench.pass(seconds(1));
    bench.lose = Box::new(|_| false);
    bench.said();
    assert_eq!(bench.systems[0].calls_in_progress(), 0);
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    bench
}

#[test]
fn a_set_up_on_a_stale_channel_reclaims_it() {
    // With a channel to spare, and on a line that the stale call fills.
    for channels in [2, 1] {
        let mut bench = stale(channels);
        bench.dial("202", "302", 2);
        bench.pass(seconds(1));
        bench.expect(
            "3s A accepted #2
             3s A to B 2.0 #2 set-up 202>302 hops 1
             3.05s B disconnect 301 #1 41
             3.05s B smdr #1 201>301>301 1.0>301 rang 0.95s talked 2.05s Caller 41
             3.05s B to A 1.0 #2 proceeding
             3.05s B ring 302 #2
             3.05s B to A 1.0 #2 alerting
             3.1s A alerting #2",
        );
        assert_eq!(bench.systems[1].stats().calls.peak(), 1, "the stale call ends before the new one begins");
        bench.hang_up("202", 2);
        bench.pass(seconds(1));
        bench.expect_idle();
    }
}

#[test]
fn the_user_of_a_stale_call_hangs_up() {
    let mut bench = stale(1);
    bench.hang_up("301", 1);
    bench.pass(seconds(1));
    assert_eq!(bench.systems[0].stats().late_peer_messages, 1);
    bench.expect_idle();
}

#[test]
fn a_lost_proceeding_or_alerting_is_made_up_for_by_what_follows() {
    let mut bench = pair(1);
    bench.lose = Box::new(|m| m.to == 0 && !matches!(m.message.body, PeerBody::Answer { .. }));
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 201>301 hops 1
         0.05s B to A 1.0 #1 proceeding
         0.05s B ring 301 #1
         0.05s B to A 1.0 #1 alerting
         1s B to A 1.0 #1 answer
         1.05s A connected #1",
    );
}

#[test]
fn messages_from_the_wrong_end_or_at_the_wrong_time_are_counted() {
    let mut bench = pair(2);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.said();
    let about = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    let line = LineId(0);
    let setup = PeerBody::Setup {
        called: number("302"),
        calling: number("1"),
        presentation: engine::Presentation::Allowed,
        tag: Tag(9),
        hops: 1,
        caller: REACHED,
        privilege: Privilege {
            account: Account::NotNeeded,
            source: Source::User,
            priority: 5,
            allowed: CallClasses::ALL,
            urgency: Urgency::Normal,
        },
        queue_priority: QueuePriority::Low,
        purpose: Purpose::Call,
    };
    let wrong_end = [
        (End::Calling, PeerBody::Proceeding),
        (End::Calling, ALERTING),
        (End::Calling, ANSWER),
        (End::Calling, PeerBody::Reached { reached: REACHED }),
        (End::Called, setup),
    ];
    let mut unexpected = 0;
    for (from, body) in wrong_end {
        let before = bench.systems[1].stats().clone();
        bench.handle(1, Input::Peer { line, message: PeerMessage { from, about, body } });
        bench.expect("");
        unexpected += 1;
        let mut after = bench.systems[1].stats().clone();
        assert_eq!(after.unexpected, unexpected, "{from:?} {body:?}");
        after.unexpected = before.unexpected;
        assert_eq!(after, before);
    }
    // On A the call is connected: it cannot be worked on, ring or be answered again.
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.said();
    for (n, body) in [PeerBody::Proceeding, ALERTING, ANSWER].into_iter().enumerate() {
        let message = PeerMessage { from: End::Called, about, body };
        bench.handle(0, Input::Peer { line: LineId(1), message });
        bench.expect("");
        assert_eq!(bench.systems[0].stats().unexpected, n as u64 + 1, "{body:?}");
    }
    // A trunk is no line to another system, and neither is a line that does not exist.
    let message = PeerMessage { from: End::Calling, about, body: setup };
    for (n, line) in [LineId(0), LineId(9)].into_iter().enumerate() {
        bench.handle(0, Input::Peer { line, message });
        bench.expect("");
        assert_eq!(bench.systems[0].stats().unexpected, n as u64 + 4);
    }
}

#[test]
fn a_late_message_about_an_earlier_call_on_the_channel_leaves_the_new_call_alone() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    let earlier = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    bench.hang_up("201", 1);
    bench.dial("201", "301", 2);
    bench.pass(seconds(1));
    bench.said();
    let cause = Cause::NORMAL_CLEARING;
    let from_a = PeerMessage { from: End::Calling, about: earlier, body: PeerBody::Release { cause } };
    bench.handle(1, Input::Peer { line: LineId(0), message: from_a });
    for body in [PeerBody::Proceeding, ALERTING, ANSWER, PeerBody::Release { cause }] {
        let message = PeerMessage { from: End::Called, about: earlier, body };
        bench.handle(0, Input::Peer { line: LineId(1), message });
    }
    bench.expect("");
    assert_eq!(bench.systems[0].stats().late_peer_messages, 4);
    assert_eq!(bench.systems[1].stats().late_peer_messages, 1);
    bench.answer("301", 2);
    bench.pass(seconds(1));
    bench.expect(
        "2s B to A 1.0 #2 answer
         2.05s A connected #2",
    );
}

#[test]
fn a_wrong_end_does_not_answer_a_call_in_transit() {
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 2, 7),
        system("b", &["301"]).ip_office(0, 2, 7).ip_office(2, 2, 8),
        system("c", &["401"]).ip_office(1, 2, 8),
    ]);
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.said();
    let about = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    let message = PeerMessage { from: End::Calling, about, body: ANSWER };
    bench.handle(1, Input::Peer { line: LineId(0), message });
    bench.expect("");
    assert_eq!((bench.systems[1].stats().unexpected, bench.systems[1].stats().answered), (1, 0));
}

#[test]
fn a_late_word_about_an_attempt_given_up_does_not_count_for_the_next_one_on_the_same_channel() {
    // The form and its alternate use the same line. A message takes 3 s, so an answer comes after the 5 s of patience.
    let mut bench = Bench::new(vec![
        system("a", &["201"])
            .ip_office(1, 1, 7)
            .form(50, &[("?", Feature::Dial, "9.", 7)])
            .with_form(|form| form.alternate_route = Some(51))
            .form(51, &[("?", Feature::Dial, "301", 7)]),
        system("b", &["301"]).ip_office(0, 1, 7).code("9N", Feature::Busy, "", 0),
    ]);
    bench.delay = seconds(3);
    bench.dial("201", "1", 1);
    bench.pass(seconds(8));
    bench.expect(
        "0s A accepted #1
         0s A to B 1.0 #1 set-up 201>91 hops 1
         3s B to A 1.0 #1 proceeding
         3s B to A 1.0 #1 release 17
         3s B smdr #1 201>91>91 1.0>- rang 0s unanswered System 17
         5s A to B 1.0 #1 release 102
         5s A to B 1.0 #1 set-up 201>301 hops 1
         8s B to A 1.0 #1 proceeding
         8s B ring 301 #1
         8s B to A 1.0 #1 alerting",
    );
    assert_eq!(bench.systems[0].stats().late_peer_messages, 2);
    assert_eq!(bench.systems[1].stats().late_peer_messages, 1);
    bench.hang_up("201", 1);
    bench.pass(seconds(10));
    bench.expect_idle();
}

#[test]
fn a_call_in_transit_whose_releases_on_both_sides_were_lost_ends_when_its_channel_is_used_again() {
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 2, 7),
        system("b", &["301"]).ip_office(0, 2, 7).ip_office(2, 2, 8).code("4N", Feature::Dial, ".", 8),
        system("c", &["401"]).ip_office(1, 2, 8),
    ]);
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.answer("401", 1);
    bench.pass(seconds(0));
    bench.lose = Box::new(|letter| matches!(letter.message.body, PeerBody::Release { .. }));
    bench.hang_up("201", 1);
    bench.hang_up("401", 1);
    bench.pass(seconds(600));
    // Nothing has told B; only the next call on the channel does.
    assert_eq!(bench.systems.iter().map(|s| s.calls_in_progress()).collect::<Vec<_>>(), [0, 1, 0]);
    bench.lose = Box::new(|_| false);
    bench.dial("201", "401", 2);
    bench.pass(seconds(0));
    assert_eq!(bench.systems.iter().map(|s| s.calls_in_progress()).collect::<Vec<_>>(), [1, 1, 1]);
    bench.hang_up("201", 2);
    bench.pass(seconds(0));
    bench.expect_idle();
}
