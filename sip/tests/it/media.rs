//! SDP offer and answer, RTP statistics by RFC 3550's formulas, RTCP, mixing, the E-model.

use engine::time::{Duration, Instant};
use proptest::prelude::*;
use sip::rtp::{
    Mixer, Packet, Quality, Receiver, ReportBlock, Rtcp, Sender, mos, r_factor, write_bye, write_header,
    write_report,
};
use sip::sdp::{Codec, Direction, Local, Refused, Session, relayed};

fn local(codecs: &[Codec], direction: Direction) -> Local<'_> {
    let rtp = "192.0.2.7:4000".parse().unwrap();
    Local { rtp, codecs, direction, ptime_ms: 20, session_id: 7, version: 1 }
}

const ALL: [Codec; 3] = [Codec::Pcma, Codec::Pcmu, Codec::TelephoneEvent];

#[test]
fn an_offer_is_answered_in_its_own_order_and_both_sides_agree() {
    let offerer = local(&ALL, Direction::SendRecv);
    let offer = offerer.offer();
    let answerer = local(&[Codec::Pcmu, Codec::TelephoneEvent, Codec::Pcma], Direction::SendRecv);
    let (answer, theirs) = answerer.answer(&Session::parse(offer.as_bytes()).unwrap()).unwrap();
    let ours = offerer.accept(&Session::parse(answer.as_bytes()).unwrap()).unwrap();
    assert_eq!(
        (ours.format, ours.dtmf_payload, ours.direction),
        (theirs.format, theirs.dtmf_payload, theirs.direction)
    );
    assert_eq!((ours.format.codec, ours.dtmf_payload, ours.ptime_ms), (Codec::Pcma, Some(101), 20));
    assert_eq!(ours.remote, Some("192.0.2.7:4000".parse().unwrap()));
    assert_eq!(ours.remote_rtcp, Some("192.0.2.7:4001".parse().unwrap()));
}

#[test]
fn what_cannot_be_agreed_is_refused_and_other_streams_get_port_0() {
    let video_first = "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                       m=video 3227 RTP/AVP 31\r\nm=audio 4 RTP/AVP 9 0\r\nm=audio 6 RTP/AVP 8\r\n";
    let answerer = local(&ALL, Direction::SendRecv);
    let (answer, agreed) = answerer.answer(&Session::parse(video_first.as_bytes()).unwrap()).unwrap();
    let lines: Vec<&str> = answer.lines().filter(|l| l.starts_with("m=")).collect();
    assert_eq!(lines, ["m=video 0 RTP/AVP 31", "m=audio 4000 RTP/AVP 0", "m=audio 0 RTP/AVP 8"]);
    assert_eq!((agreed.format.payload, agreed.dtmf_payload), (0, None));
    let g729 = video_first.replace("9 0", "18").replace("RTP/AVP 8", "RTP/AVP 18");
    let refused = answerer.answer(&Session::parse(g729.as_bytes()).unwrap()).unwrap_err();
    assert_eq!(refused, Refused::NoCommonCodec);
    let secure = video_first.replace("audio 4 RTP/AVP", "audio 4 RTP/SAVP").replace("audio 6", "audio 0");
    let refused = answerer.answer(&Session::parse(secure.as_bytes()).unwrap()).unwrap_err();
    assert_eq!(refused, Refused::NoAudio);
}

#[test]
fn hold_is_understood_in_the_new_way_and_in_the_old() {
    let offer = |connection: &str, direction: &str| {
        format!(
            "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 {connection}\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\n{direction}"
        )
    };
    let agreed = |text: String| {
        local(&ALL, Direction::SendRecv).answer(&Session::parse(text.as_bytes()).unwrap()).unwrap().1
    };
    let new = agreed(offer("192.0.2.1", "a=sendonly\r\n"));
    assert_eq!((new.direction, new.remote.is_some()), (Direction::RecvOnly, true));
    let old = agreed(offer("0.0.0.0", ""));
    assert_eq!((old.direction, old.remote), (Direction::RecvOnly, None));
    assert_eq!(agreed(offer("192.0.2.1", "a=inactive\r\n")).direction, Direction::Inactive);
}

#[test]
fn a_relay_puts_itself_in_the_middle() {
    let sdp = b"v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\na=rtcp:9\r\nm=video 0 RTP/AVP 31\r\n";
    let through = relayed(sdp, "198.51.100.1".parse().unwrap(), &[6000, 6002]);
    let read = Session::parse(&through).unwrap();
    assert_eq!(read.media[0].rtp(), Some("198.51.100.1:6000".parse().unwrap()));
    assert_eq!((read.media[0].rtcp_port, read.media[1].port), (None, 0));
}

#[test]
fn malformed_descriptions_are_named_by_line() {
    let line = |text: &str| Session::parse(text.as_bytes()).unwrap_err().line;
    assert_eq!(line("o=a 1 1 IN IP4 1.2.3.4\r\n"), 1);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4\r\n"), 2);
    assert_eq!(line("v=0\r\ns=-\r\n"), 0);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4 h\r\nm =audio 1 RTP/AVP 0\r\n"), 3);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4 h\r\nm=audio 70000 RTP/AVP 0\r\n"), 3);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4 h\r\nm=audio 1 RTP/AVP 200\r\n"), 3);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4 h\r\nm=audio 1 RTP/AVP +8\r\n"), 3);
    assert_eq!(line("v=0\r\no=a 1 1 IN IP4 h\r\nm=audio +1 RTP/AVP 8\r\n"), 3);
}

/// A packet of a stream of 20 ms frames that arrives `late_us` after its time.
fn arrival(receiver: &mut Receiver, n: u16, late_us: u64) {
    let bytes = write_header(false, 8, n, u32::from(n).wrapping_mul(160), 1);
    let at = Instant::from_nanos(1_000_000_000 + u64::from(n) * 20_000_000 + late_us * 1_000);
    receiver.receive(at, &Packet::parse(&bytes).unwrap());
}

#[test]
fn jitter_is_that_of_rfc_3550_a_8() {
    // The formula in floating point: J += (|D| - J) / 16, D in timestamp units of 125 microseconds.
    let lateness = |n: u16| u64::from(n) * 7_919 % 16 * 1_250;
    let mut receiver = Receiver::new(8_000);
    let mut j = 0.0_f64;
    for n in 0..2_000 {
        arrival(&mut receiver, n, lateness(n));
        if n > 0 {
            let d = (lateness(n) as f64 - lateness(n - 1) as f64).abs() / 125.0;
            j += (d - j) / 16.0;
        }
    }
    let units = receiver.report_block(Instant::from_nanos(u64::MAX / 4)).unwrap().jitter;
    assert!((f64::from(units) - j).abs() <= 1.5, "{units} {j}");
    let mut steady = Receiver::new(8_000);
    (0..100).for_each(|n| arrival(&mut steady, n, 500));
    assert_eq!(steady.report().jitter_us_max, 0);
}

#[test]
fn loss_duplicates_order_gaps_and_wrapping_are_counted() {
    let mut receiver = Receiver::new(8_000);
    let numbers = [65_533_u16, 65_534, 65_535, 0, 1, 1, 3, 2, 6, 7];
    for (i, n) in numbers.into_iter().enumerate() {
        let bytes = write_header(false, 8, n, 0, 1);
        let at = Instant::from_nanos(i as u64 * 20_000_000 + if i == 9 { 300_000_000 } else { 0 });
        receiver.receive(at, &Packet::parse(&bytes).unwrap());
    }
    let report = receiver.report();
    assert_eq!((report.expected, report.received, report.lost), (11, 9, 2));
    assert_eq!((report.duplicates, report.misordered, report.streams), (1, 1, 1));
    assert_eq!(report.gap_max, Duration::from_millis(320));
    let block = receiver.report_block(Instant::ZERO).unwrap();
    // Two of eleven, in 256ths; the highest number has wrapped once.
    assert_eq!((block.fraction_lost, block.lost, block.highest), (46, 2, 65_536 + 7));
    let silent = |at_s| {
        receiver.is_silent(Instant::ZERO + Duration::from_secs(at_s), Instant::ZERO, Duration::from_secs(5))
    };
    assert_eq!((silent(5), silent(6)), (false, true));
}

#[test]
fn a_stream_that_begins_anew_is_not_loss() {
    let mut receiver = Receiver::new(8_000);
    (0..100).for_each(|n| arrival(&mut receiver, n, 0));
    (30_000..30_100).for_each(|n| arrival(&mut receiver, n, 0));
    let report = receiver.report();
    // The first packet after the jump is the price of not believing it at once (RFC 3550 A.1).
    assert_eq!((report.received, report.lost, report.streams), (199, 0, 2));
}

#[test]
fn reports_are_read_as_written_and_give_the_round_trip() {
    let mut sender = Sender::new(5, 65_535, 0);
    let mut packet = Vec::new();
    sender.packet(8, 160, &[0xd5; 160], &mut packet);
    let read = Packet::parse(&packet).unwrap();
    assert_eq!((read.marker, read.sequence, read.payload.len()), (true, 65_535, 160));
    sender.packet(8, 160, &[0xd5; 160], &mut packet);
    assert_eq!(
        (Packet::parse(&packet).unwrap().marker, Packet::parse(&packet).unwrap().sequence),
        (false, 0)
    );
    let sent_at = Instant::ZERO + Duration::from_secs(10);
    let info = sender.info(sent_at);
    assert_eq!((info.packets, info.octets, info.timestamp), (2, 320, 320));
    let block = ReportBlock {
        ssrc: 5,
        fraction_lost: 3,
        lost: -2,
        highest: 70_000,
        jitter: 4,
        last_report: info.ntp_middle(),
        delay_since_last: 65_536,
    };
    let bytes = write_report(9, Some(&info), Some(&block), "cname@host");
    let parts: Vec<Rtcp> = Rtcp::parse(&bytes).collect();
    assert_eq!(parts, [Rtcp::Sender { ssrc: 9, info, block: Some(block) }, Rtcp::Other]);
    // One second here, one second there.
    let back = block.round_trip_us(sent_at + Duration::from_secs(2)).unwrap();
    assert!(back.abs_diff(1_000_000) < 20, "{back}");
    let bye: Vec<Rtcp> = Rtcp::parse(&write_bye(9, "c")).collect();
    assert_eq!(bye, [Rtcp::Receiver { ssrc: 9, block: None }, Rtcp::Other, Rtcp::Bye { ssrc: 9 }]);
}

#[test]
fn everybody_hears_the_others_and_loud_sums_are_clipped() {
    let mut mixer = Mixer::new(3);
    let frames: [&[i16]; 3] = [&[1, 30_000, -30_000], &[10, 30_000, -30_000], &[100]];
    frames.iter().for_each(|f| mixer.add(f));
    let mut out = Vec::new();
    mixer.heard(frames[0], &mut out);
    assert_eq!(out, [110, 30_000, -30_000]);
    mixer.heard(&[], &mut out);
    assert_eq!(out, [111, 32_767, -32_768]);
    mixer.clear();
    mixer.heard(&[], &mut out);
    assert_eq!(out, [0, 0, 0]);
}

#[test]
fn the_e_model_gives_the_values_of_g_107() {
    // G.107: without impairments R is 93.2 and MOS 4.41; annex B's cubic at R = 50 gives 2.58.
    assert!((mos(r_factor(0.0, 0.0)) - 4.41).abs() < 0.005);
    assert!((mos(50.0) - 2.575).abs() < 0.001);
    let nothing = Quality::of(&Receiver::new(8_000).report(), 20.0);
    assert!(nothing.r_factor < 20.0);
}

proptest! {
    #[test]
    fn any_bytes_are_survived_as_rtp_rtcp_and_sdp(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Packet::parse(&bytes);
        prop_assert!(Rtcp::parse(&bytes).count() <= bytes.len() / 4);
        let _ = Session::parse(&bytes);
    }

    #[test]
    fn an_rtp_packet_is_read_as_written(
        marker: bool, kind in 0_u8..128, sequence: u16, timestamp: u32, ssrc: u32, payload in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let mut bytes = write_header(marker, kind, sequence, timestamp, ssrc).to_vec();
        bytes.extend(&payload);
        let expected = Packet { marker, payload_type: kind, sequence, timestamp, ssrc, payload: &payload };
        prop_assert_eq!(Packet::parse(&bytes), Some(expected));
    }
}
