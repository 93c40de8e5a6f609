#!/usr/bin/env bash
# Does `busyhour compare` do its work? A build slowed by some percent must be caught at 3 %, and of many pairs of equal builds
# none. By instruction counts, which a busy machine does not change; needs valgrind.
#   benches/slowed.sh [PAIRS] [CARGO-PROFILE]     default: 20 release
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-20}
profile=${2:-release}
target=${CARGO_TARGET_DIR:-target}
folder=$target/$([ "$profile" = dev ] && echo debug || echo "$profile")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --profile "$profile" -p loadgen --features engine/slowed
cp "$folder/busyhour" "$work/slowed"
cargo build --quiet --profile "$profile" -p loadgen
cp "$folder/busyhour" "$work/busyhour"
cp "$folder/busyhour" "$work/equal"

# Exit code of a comparison of a build with the one that counts as accepted.
judge() {
  "$work/busyhour" compare profiles/select-r640.toml --against "$work/busyhour" --candidate "$work/$1" \
    --instructions --duration 10m >"$work/said" && echo 0 || echo $?
}

false_alarms=0
for _ in $(seq "$pairs"); do
  [ "$(judge equal)" = 0 ] || false_alarms=$((false_alarms + 1))
done
code=$(judge slowed)
cat "$work/said"
echo "slowed build: exit code $code; false alarms: $false_alarms of $pairs"
[ "$code" = 3 ] && [ "$false_alarms" = 0 ]
