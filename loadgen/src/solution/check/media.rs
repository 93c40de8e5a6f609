//! How phones and lines carry speech, and what the platforms can carry (DOMAIN 7.2, 8.2).

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{Phone, RawEndpoint, RawHardware, RawMedia, RawSolution};
use super::{edition, hardware};
use crate::text::{At, Problem, Problems};
use engine::plan::spec::{DirectMedia, Endpoint, EndpointKind, MediaSpec, NetworkSpec, Srtp};

/// Voice compression channels of an IP500 V2 (RC "IP500 V2": up to 148).
const COMPRESSION_CHANNELS: u32 = 148;

/// Says of each system what its media come to at most.
pub(super) fn check(raw: &RawSolution, infos: &[SystemInfo], network: &mut NetworkSpec, p: &mut Problems) {
    for ((system, raw_system), info) in network.systems.iter_mut().zip(&raw.systems).zip(infos) {
        let is_built = |h: &&RawHardware| h.system.as_ref().is_some_and(|s| s.value == info.name);
        let built = raw.hardware.iter().find(is_built);
        let capacity = rated(edition(raw), info.platform, built);
        system.media = with_own(capacity, &raw_system.media, info.platform, p);
    }
}

/// What the platform is rated for. Where no figure is published, there is none (DOMAIN 8.2: R640 as R660).
fn rated(edition: Edition, platform: Platform, built: Option<&RawHardware>) -> MediaSpec {
    let of = |direct, indirect| MediaSpec {
        direct_calls: Some(direct),
        indirect_calls: Some(indirect),
        compression_channels: None,
    };
    match (platform, edition) {
        (Platform::R240, _) => of(750, 128),
        (Platform::R640 | Platform::Ova, Edition::Select | Edition::Subscription) => of(3_000, 1_024),
        (Platform::R640 | Platform::Ova, Edition::Preferred | Edition::ServerEdition) => of(2_000, 1_024),
        (Platform::Dl360g7 | Platform::LinuxExpansion, _) => MediaSpec::default(),
        (Platform::Ip500v2, _) => MediaSpec {
            compression_channels: Some(built.map_or(COMPRESSION_CHANNELS, hardware::compression_channels)),
            ..MediaSpec::default()
        },
    }
}

fn with_own(rated: MediaSpec, own: &RawMedia, platform: Platform, p: &mut Problems) -> MediaSpec {
    let or = |own: &Option<At<u64>>, rated| own.as_ref().map(|at| at.value as u32).or(rated);
    if let (Some(channels), true) = (&own.compression_channels, platform != Platform::Ip500v2) {
        let problem = Problem::error("only an IP500 V2 has voice compression channels").at(&channels.place);
        p.push(problem.help("RC, \"IP500 V2\""));
        return rated;
    }
    if let Some(channels) =
        own.compression_channels.as_ref().filter(|c| c.value > u64::from(COMPRESSION_CHANNELS))
    {
        let message = format!("an IP500 V2 has at most {COMPRESSION_CHANNELS} voice compression channels");
        p.push(Problem::error(message).at(&channels.place).help("RC, \"IP500 V2\""));
    }
    MediaSpec {
        direct_calls: or(&own.direct_calls, rated.direct_calls),
        indirect_calls: or(&own.indirect_calls, rated.indirect_calls),
        compression_channels: or(&own.compression_channels, rated.compression_channels),
    }
}

/// How the phones of users carry speech.
pub(super) fn phone(raw: &RawEndpoint, platform: Platform, p: &mut Problems) -> Endpoint {
    if let Some(phone) = raw.phone.as_ref().filter(|phone| phone.value != Phone::Ip) {
        if platform != Platform::Ip500v2 {
            let problem =
                Problem::error("only an IP500 V2 has ports for phones that are not IP").at(&phone.place);
            p.push(problem.help("RC, \"IP500 V2\": put them on a system with platform = \"ip500v2\""));
        }
        return of(raw, Endpoint::TDM, p);
    }
    of(raw, Endpoint::IP, p)
}

/// How an endpoint carries speech that is `usual` without any keys.
pub(super) fn of(raw: &RawEndpoint, usual: Endpoint, p: &mut Problems) -> Endpoint {
    if usual.kind == EndpointKind::Tdm {
        let places = [
            raw.direct_media.as_ref().map(|at| &at.place),
            raw.srtp.as_ref().map(|at| &at.place),
            raw.codecs.as_ref().map(|at| &at.place),
        ];
        for place in places.into_iter().flatten() {
            p.push(Problem::error("only IP phones and IP lines have this").at(place));
        }
        return usual;
    }
    let direct_media = match &raw.direct_media {
        Some(at) if !at.value => DirectMedia::Off,
        Some(_) | None => usual.direct_media,
    };
    Endpoint {
        kind: usual.kind,
        direct_media,
        srtp: if raw.srtp.as_ref().is_some_and(|at| at.value) { Srtp::On } else { Srtp::Off },
        codecs: raw.codecs.as_ref().map_or(usual.codecs, |at| at.value),
    }
}
