#!/usr/bin/env bash
# The day of network.sh, in the release build: processor time of the process, reading the files included. At most 10 s are wanted.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --release --quiet -p loadgen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
benches/day/network.sh "$work"
TIMEFORMAT='%U s in the process, %S s in the kernel, %R s by the clock'
for _ in 1 2 3; do
    time target/release/busyhour run "$work/day.toml" --quiet --no-progress --jobs 1
done
