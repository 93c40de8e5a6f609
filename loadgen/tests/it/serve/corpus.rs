//! The named seeds of the server's fuzz target, replayed.

use super::script;
use std::path::Path;

#[test]
fn the_servers_seeds_are_played_and_every_truncation_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/serve");
    let mut seeds: Vec<_> =
        std::fs::read_dir(folder).expect("it ships").map(|e| e.expect("an entry").path()).collect();
    seeds.retain(|path| path.extension().is_some());
    seeds.sort();
    assert!(seeds.len() >= 3, "{seeds:?}");
    for path in seeds {
        let text = std::fs::read(&path).expect("it can be read");
        assert!(script::play(&text) >= 4, "{}", path.display());
        for end in (0..text.len()).step_by(41) {
            script::play(&text[..end]);
        }
    }
}
