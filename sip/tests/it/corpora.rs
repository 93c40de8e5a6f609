//! The named seeds of the fuzz targets, replayed.

use std::path::{Path, PathBuf};

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // What a fuzzer discovers has no extension.
        .filter(|path| path.extension().is_some())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target}");
    seeds
}

#[test]
fn message_seeds() {
    for (path, bytes) in seeds("sip_message") {
        let message =
            sip::message::Message::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        let good = path.file_stem().is_some_and(|name| name != "malformed");
        assert_eq!(message.check().is_ok(), good, "{}", path.display());
    }
}

#[test]
fn sdp_seeds() {
    for (path, bytes) in seeds("sip_sdp") {
        let good = path.file_stem().is_some_and(|name| name != "malformed");
        assert_eq!(sip::sdp::Session::parse(&bytes).is_ok(), good, "{}", path.display());
    }
}

#[test]
fn endpoint_seeds() {
    for (path, bytes) in seeds("sip_endpoint") {
        assert!(crate::script::play(&bytes) >= 4, "{}", path.display());
    }
}
