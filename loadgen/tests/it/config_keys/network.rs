//! The network that the solution with every key describes.

use super::{number, secs};
use engine::id::SystemId;
use engine::plan::spec::{
    AccountCodeSpec, AgentStatus, AnnouncementsSpec, ArsFormSpec, BackedUp, BacksUp, Bearer, CallClass,
    CallClasses, CompandingLaw, ConferencesSpec, Day, DestinationSpec, Feature, ForcedAccountCode,
    ForwardingSpec, HuntGroupSpec, IncomingCallRouteSpec, LineKind, LinePreservation, LineSpec, LocationSpec,
    MediaPreservation, MediaSpec, NoAnswerCalls, NoAnswerStatusSpec, OverflowMode, OverflowRinging,
    OverflowSpec, PhoneFailback, PhoneModel, QueuePriority, QueueSpec, QueueType, RingMode, Role, RoomKind,
    RoomSpec, ServiceMode, ShortCodeSpec, SystemSpec, TimeProfileSpec, TimeSpanSpec, UserRightsSpec,
    UserSpec,
};
use engine::time::Duration;

fn code(code: &str, feature: Feature, telephone_number: &str, line_group: u32) -> ShortCodeSpec {
    ShortCodeSpec::new(code, feature, telephone_number, line_group)
}

fn forced(code: ShortCodeSpec) -> ShortCodeSpec {
    ShortCodeSpec { force_account_code: true, ..code }
}

fn office() -> TimeProfileSpec {
    use Day::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    let week = vec![Monday, Tuesday, Wednesday, Thursday, Friday];
    let spans = vec![
        TimeSpanSpec { days: week, from: secs(9 * 3_600), to: secs(17 * 3_600 + 1_800) },
        TimeSpanSpec { days: vec![Thursday, Friday, Saturday], from: secs(22 * 3_600), to: secs(86_400) },
    ];
    TimeProfileSpec { name: "office".into(), spans }
}

fn night() -> TimeProfileSpec {
    let days = vec![Day::Saturday, Day::Sunday, Day::Monday];
    let spans = vec![TimeSpanSpec { days, from: Duration::ZERO, to: secs(6 * 3_600 + 30) }];
    TimeProfileSpec { name: "night".into(), spans }
}

fn user_rights(name: &str) -> UserRightsSpec {
    UserRightsSpec {
        name: name.into(),
        priority: None,
        short_codes: vec![],
        outgoing_call_bar: None,
        allowed: None,
        forced_account_code: None,
    }
}

fn barred() -> UserRightsSpec {
    UserRightsSpec {
        priority: Some(1),
        short_codes: vec![code("*1", Feature::Busy, "", 0)],
        outgoing_call_bar: Some(true),
        allowed: Some(CallClasses::NONE.with(CallClass::Internal).with(CallClass::Local)),
        forced_account_code: Some(ForcedAccountCode::ExternalCalls),
        ..user_rights("Barred")
    }
}

fn account_code(code: &str, allows: CallClasses) -> AccountCodeSpec {
    AccountCodeSpec { code: code.into(), allows }
}

fn common_account_code() -> AccountCodeSpec {
    account_code("12?4", CallClasses::NONE.with(CallClass::National).with(CallClass::International))
}

fn desk(extension: &str) -> UserSpec {
    UserSpec {
        name: format!("Desk {extension}"),
        rights: Some("Barred".into()),
        priority: 2,
        short_codes: vec![forced(code("?D", Feature::Dial, "555", 7))],
        outgoing_call_bar: true,
        allowed: CallClasses::NONE,
        forced_account_code: ForcedAccountCode::ExternalCalls,
        login_code: number("4711"),
        logged_in: false,
        do_not_disturb: true,
        do_not_disturb_exceptions: ["210", "300", "301"].map(number).to_vec(),
        follow_me_to: number("300"),
        forwarding: ForwardingSpec {
            unconditional: number("9015551234"),
            hunt_group_calls: true,
            busy: number("290"),
            no_answer: number("+4930"),
        },
        no_answer_time: Some(secs(12)),
        fallback_twinning: number("90172"),
        location: Some("Berlin".into()),
        voicemail: true,
        conference_pin: number("56"),
        can_intrude: true,
        cannot_be_intruded: false,
        monitor_group: number("290"),
        phone: PhoneModel::H9600,
        ..UserSpec::new(number(extension))
    }
}

fn backs_up(what: &[BackedUp]) -> Option<BacksUp> {
    Some(what.iter().fold(BacksUp::NOTHING, |set, &what| set.with(what)))
}

fn ip_office_line(line: u16, peer: u16, group: u32) -> LineSpec {
    LineSpec {
        name: format!("to {}", ["a", "b"][usize::from(peer)]),
        channels: 20,
        outgoing_group: group,
        incoming_group: group,
        in_service: false,
        short_codes: vec![code("6N;", Feature::Dial, "N", 50)],
        keep_alive: secs(10),
        keep_alive_losses: 2,
        backs_up: match peer {
            1 => backs_up(&BackedUp::ALL),
            _ => backs_up(&[BackedUp::IpPhones, BackedUp::Dect]),
        },
        ..LineSpec::new(line, LineKind::IpOffice { peer: SystemId(peer) })
    }
}

fn lines_of_a() -> Vec<LineSpec> {
    let sip = LineSpec {
        name: "SIP".into(),
        channels: 10,
        outgoing_group: 7,
        incoming_group: 8,
        in_service: false,
        media_preservation: LinePreservation::Disabled,
        uris: vec!["-555XXXX".into(), "+49301234".into()],
        call_initiation_timeout: secs(6),
        ..LineSpec::new(1, LineKind::Sip)
    };
    let h323 = LineSpec {
        channels: 4,
        outgoing_group: 9,
        incoming_group: 9,
        short_codes: vec![code("8N;", Feature::DialExtn, "N", 0)],
        ..LineSpec::new(2, LineKind::H323)
    };
    vec![sip, h323, ip_office_line(3, 1, 99_998)]
}

fn main_group() -> HuntGroupSpec {
    HuntGroupSpec {
        name: "Main".into(),
        no_answer_time: Some(secs(10)),
        queue: Some(QueueSpec::UNLIMITED),
        service_mode: ServiceMode::NightService,
        time_profile: Some("office".into()),
        night_service_fallback: number("300"),
        out_of_service_fallback: number("9555"),
        voicemail: true,
        voicemail_answer_time: Some(secs(45)),
        ..HuntGroupSpec::new(number("290"), vec![number("200"), number("201")])
    }
}

fn media_of_an_ova() -> MediaSpec {
    MediaSpec { direct_calls: Some(3_000), indirect_calls: Some(1_024), compression_channels: None }
}

/// One with every key about queues and overflow.
fn queue_group() -> HuntGroupSpec {
    HuntGroupSpec {
        name: "390".into(),
        ring_mode: RingMode::LongestWaiting,
        queue: Some(QueueSpec { limit: Some(5), normalize: true, queue_type: QueueType::AssignOnAlert }),
        overflow: Some(OverflowSpec {
            groups: vec![number("391")],
            time: Some(secs(40)),
            mode: OverflowMode::Call,
            immediate: true,
            ringing: OverflowRinging::CutIn,
        }),
        announcements: Some(AnnouncementsSpec { first: secs(5), second: None, repeat: Some(secs(15)) }),
        no_answer_status: Some(NoAnswerStatusSpec {
            becomes: AgentStatus::BusyNotAvailable,
            applies_to: NoAnswerCalls::ExternalInbound,
        }),
        voicemail: true,
        voicemail_answer_time: Some(secs(50)),
        ..HuntGroupSpec::new(number("390"), vec![number("301"), number("302")])
    }
}

fn overflow_group() -> HuntGroupSpec {
    HuntGroupSpec {
        name: "391".into(),
        voicemail: true,
        ..HuntGroupSpec::new(number("391"), vec![number("302")])
    }
}

fn users_of_b() -> Vec<UserSpec> {
    let agent = |extension: &str| UserSpec {
        wrap_up_time: secs(5),
        after_call_work: Some(secs(10)),
        call_waiting: true,
        voicemail: true,
        ..UserSpec::new(number(extension))
    };
    let plain = UserSpec { rights: Some("Plain".into()), voicemail: true, ..UserSpec::new(number("300")) };
    let abroad = UserSpec {
        location: Some("Luxembourg".into()),
        simultaneous: true,
        voicemail: true,
        ..UserSpec::new(number("310"))
    };
    let dect = UserSpec { phone: PhoneModel::Dect, voicemail: true, ..UserSpec::new(number("320")) };
    vec![plain, agent("301"), agent("302"), abroad, dect]
}

fn common_routes() -> [IncomingCallRouteSpec; 2] {
    let plain = IncomingCallRouteSpec::new("", ".");
    [
        IncomingCallRouteSpec { bearer: Some(Bearer::Data), incoming_cli: "!".into(), ..plain.clone() },
        IncomingCallRouteSpec { bearer: Some(Bearer::Video), ..plain },
    ]
}

fn route_of_a() -> IncomingCallRouteSpec {
    let row = |time_profile: Option<&str>, destination: &str, fallback: &str| DestinationSpec {
        time_profile: time_profile.map(str::to_owned),
        destination: destination.into(),
        fallback: fallback.into(),
    };
    IncomingCallRouteSpec {
        bearer: Some(Bearer::Voice),
        incoming_group: Some(8),
        incoming_number: "-555XXXX".into(),
        sub_address: "12".into(),
        incoming_cli: "0171".into(),
        priority: QueuePriority::Low,
        destinations: vec![
            row(None, "290", "200"),
            row(Some("office"), "200", "201"),
            row(Some("night"), ".", ""),
        ],
    }
}

fn forms() -> Vec<ArsFormSpec> {
    let codes = vec![forced(code("0N;", Feature::DialVideo, "N", 99_999)), code("?", Feature::Busy, "", 0)];
    let second = ArsFormSpec {
        dial_delay_time: Some(secs(3)),
        secondary_dial_tone: true,
        check_user_call_barring: true,
        in_service: false,
        out_of_service_route: Some(50),
        time_profile: Some("office".into()),
        out_of_hours_route: Some(52),
        alternate_route_priority_level: 5,
        alternate_route_wait_time: None,
        alternate_route: Some(52),
        ..ArsFormSpec::new(51, "Second", codes)
    };
    let third = ArsFormSpec {
        alternate_route_wait_time: Some(secs(45)),
        ..ArsFormSpec::new(52, "", vec![code("?", Feature::DialEmergency, ".", 99_998)])
    };
    vec![second, third]
}

/// Select on a virtual machine with ACCS (RC chapter 8).
fn conferences_of_a() -> ConferencesSpec {
    let room = RoomSpec {
        name: "Morning round".into(),
        kind: RoomKind::System,
        pin: number("12"),
        moderator_pin: number("34"),
        moderators: vec![number("201"), number("300")],
        largest: Some(40),
        music_until_moderator: true,
        ..RoomSpec::new(number("280"))
    };
    ConferencesSpec { channels: 600, largest: 256, drop_external_only: false, rooms: vec![room] }
}

fn conferences_of_b() -> ConferencesSpec {
    let rooms = vec![RoomSpec::new(number("281"))];
    ConferencesSpec { channels: 512, largest: 256, drop_external_only: true, rooms }
}

pub(super) fn system_a() -> SystemSpec {
    let mut routes = vec![route_of_a()];
    routes.extend(common_routes());
    SystemSpec {
        no_answer_time: secs(25),
        dial_delay_count: 0,
        dial_delay_time: secs(30),
        off_hook_timer: secs(45),
        trunk_to_trunk: false,
        national_prefix: number("0"),
        international_prefix: number("+"),
        media_preservation: MediaPreservation::Disabled,
        preserved_conn_duration: secs(60),
        preserved_no_media_duration: secs(7_200),
        address: number("192*168*42*1"),
        emergency_ars: Some(51),
        most_dect_users: Some(400),
        locations: vec![LocationSpec {
            name: "Berlin".into(),
            emergency_ars: Some(51),
            fallback_system: None,
        }],
        time_profiles: vec![office(), night()],
        user_rights: vec![user_rights("Plain"), barred()],
        account_codes: vec![common_account_code()],
        users: vec![desk("200"), desk("201")],
        lines: lines_of_a(),
        hunt_groups: vec![main_group()],
        conferences: conferences_of_a(),
        incoming_call_routes: routes,
        short_codes: vec![code("9N;", Feature::Dial, "N", 51)],
        ars_forms: forms(),
        media: media_of_an_ova(),
        ..SystemSpec::new("a", Role::Primary, CompandingLaw::ULaw)
    }
}

pub(super) fn system_b() -> SystemSpec {
    let mut routes = common_routes().to_vec();
    routes.push(IncomingCallRouteSpec {
        priority: QueuePriority::High,
        ..IncomingCallRouteSpec::new("", "390")
    });
    let night_service = code("*20*N#", Feature::SetHuntGroupNightService, "N", 0);
    SystemSpec {
        no_answer_time: secs(20),
        dial_delay_count: 3,
        dial_delay_time: secs(5),
        off_hook_timer: secs(10),
        trunk_to_trunk: true,
        national_prefix: number("1"),
        international_prefix: number("011"),
        media_preservation: MediaPreservation::Enabled,
        preserved_conn_duration: secs(3_600),
        preserved_no_media_duration: secs(300),
        address: number("10*0*0*2"),
        location: Some("Berlin".into()),
        phone_failback: PhoneFailback::Manual,
        most_users: Some(1_000),
        most_dect_users: Some(50),
        locations: vec![
            LocationSpec { name: "Berlin".into(), emergency_ars: None, fallback_system: None },
            LocationSpec {
                name: "Luxembourg".into(),
                emergency_ars: None,
                fallback_system: Some(SystemId(0)),
            },
        ],
        conferences: conferences_of_b(),
        time_profiles: vec![office()],
        user_rights: vec![user_rights("Plain")],
        account_codes: vec![common_account_code(), account_code("77", CallClasses::NONE)],
        users: users_of_b(),
        lines: vec![ip_office_line(1, 0, 99_999)],
        hunt_groups: vec![queue_group(), overflow_group()],
        incoming_call_routes: routes,
        short_codes: vec![code("9N;", Feature::Dial, "N", 51), forced(night_service)],
        ars_forms: forms(),
        media: media_of_an_ova(),
        ..SystemSpec::new("b", Role::Secondary, CompandingLaw::ULaw)
    }
}
