//! Media of calls: what they take of a system, when they give it back, and what happens when it runs out.

use crate::support::{Bench, Build, system};
use engine::plan::spec::{DirectMedia, Endpoint, LineKind, MediaSpec, Srtp, SystemSpec};
use engine::{MediaKind, System};

fn in_use(system: &System) -> [u32; 3] {
    MediaKind::ALL.map(|kind| system.media_usage(kind).in_use())
}

fn limited(direct: u32, indirect: u32, compression: Option<u32>) -> SystemSpec {
    let mut spec = system("office", &["201", "202", "203", "204", "205", "206"]).trunk(10, 0);
    spec.media = MediaSpec {
        direct_calls: Some(direct),
        indirect_calls: Some(indirect),
        compression_channels: compression,
    };
    spec
}

#[test]
fn media_are_taken_at_the_answer_and_given_back_at_the_end() {
    let spec = limited(10, 10, None)
        .with_user("202", |u| u.endpoint.direct_media = DirectMedia::Off)
        .with_user("203", |u| u.endpoint.srtp = Srtp::On);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "204", 1);
    assert_eq!(in_use(&bench.systems[0]), [0, 0, 0], "it only rings");
    bench.answer("204", 1);
    assert_eq!(in_use(&bench.systems[0]), [1, 0, 0]);
    bench.dial("205", "202", 2);
    bench.answer("202", 2);
    assert_eq!(in_use(&bench.systems[0]), [1, 2, 0], "through the system, one stream for each end");
    bench.trunk_setup(0, 0, "203", 3);
    bench.answer("203", 3);
    assert_eq!(in_use(&bench.systems[0]), [1, 5, 0], "the encrypted end costs two");
    bench.hang_up("201", 1);
    bench.hang_up("202", 2);
    bench.trunk_release(0, 3, 16);
    bench.expect_idle();
}

#[test]
fn a_call_for_which_media_are_short_is_refused_and_the_others_go_on() {
    let mut bench = Bench::new(vec![limited(1, 0, None)]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    bench.dial("203", "204", 2);
    bench.said();
    bench.answer("204", 2);
    bench.expect(
        "0s A stop ringing 204 #2
         0s A released #2 47 short of Direct media
         0s A smdr #2 203>204>204 203>204 rang 0s unanswered System 47",
    );
    assert_eq!(bench.systems[0].media_usage(MediaKind::Direct).blocked, 1);
    bench.hang_up("201", 1);
    bench.dial("203", "204", 3);
    bench.answer("204", 3);
    bench.hang_up("204", 3);
    bench.expect_idle();
}

#[test]
fn indirect_media_are_short_when_both_ends_do_not_fit() {
    let spec = limited(10, 3, None).with_user("202", |u| u.endpoint.direct_media = DirectMedia::Off);
    let spec = spec.with_user("204", |u| u.endpoint.direct_media = DirectMedia::Off);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    bench.dial("203", "204", 2);
    bench.answer("204", 2);
    assert!(bench.said().contains(&"0s A released #2 47 short of Indirect media".to_owned()));
    assert_eq!(in_use(&bench.systems[0]), [0, 2, 0]);
}

#[test]
fn an_ip500_v2_compresses_between_its_trunks_and_ip_phones_only() {
    let mut spec = limited(10, 10, Some(1)).with_user("202", |u| u.endpoint = Endpoint::TDM);
    spec.lines[0].kind = LineKind::PriE1;
    spec.lines[0].endpoint = Endpoint::TDM;
    let mut bench = Bench::new(vec![spec]);
    bench.trunk_setup(0, 0, "202", 1);
    bench.answer("202", 1);
    assert_eq!(in_use(&bench.systems[0]), [0, 0, 0], "trunk to port");
    bench.dial("201", "0123", 2);
    bench.trunk_alerting(0, 2);
    bench.trunk_answer(0, 2);
    assert_eq!(in_use(&bench.systems[0]), [0, 0, 1], "IP phone to trunk");
    bench.trunk_setup(0, 0, "203", 3);
    bench.answer("203", 3);
    assert!(bench.said().contains(&"0s A released #3 47 short of Compression media".to_owned()));
    bench.dial("204", "205", 4);
    bench.answer("205", 4);
    assert_eq!(in_use(&bench.systems[0]), [1, 0, 1], "between IP phones none is needed");
}
