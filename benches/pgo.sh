#!/usr/bin/env bash
# Builds busyhour guided by a profile of its own runs, holds that no digest changes, and measures what it gains: pairs of
# runs of both builds in turn. The guided binary is left in <target directory>/pgo/busyhour. It is for processors like the
# one that it was built on: x86-64-v3 (AVX2, BMI2) where this one has that.
#   benches/pgo.sh [PAIRS]     7 at least; default: 20
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-20}
[ "$pairs" -ge 7 ] || { echo "busyhour compare takes 7 pairs at least, not $pairs" >&2; exit 2; }
target=${CARGO_TARGET_DIR:-$PWD/target}
host=$(rustc -vV | sed -n 's/^host: //p')
profdata=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$profdata" ] || rustup component add llvm-tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What busyhour is run for: trunks, hops between systems, queues and hunt groups, conferences, a system that dies.
learned=(select-r640 five-systems contact-centre-day conference-storm drills/primary-lost)
# Most of all for busy hours: an hour of the first is over in a fraction of what the last takes.
hours=20
processor=
if [ "${host%%-*}" = x86_64 ]; then
  processor="-C target-cpu=x86-64-v3"
  for feature in avx2 bmi1 bmi2 f16c fma abm movbe; do
    grep -qw "$feature" /proc/cpuinfo || processor=
  done
fi

cargo build --release --quiet -p loadgen
# --target keeps the flags away from build scripts and macros.
RUSTFLAGS="-C profile-generate=$work/raw $processor" \
  cargo build --release --quiet -p loadgen --target "$host" --target-dir "$work/generate"
for profile in "${learned[@]}"; do
  "$work/generate/$host/release/busyhour" run "profiles/$profile.toml" --quiet
done
"$work/generate/$host/release/busyhour" run "profiles/${learned[0]}.toml" --duration "${hours}h" --quiet
"$profdata" merge -o "$work/merged" "$work/raw"
RUSTFLAGS="-C profile-use=$work/merged $processor" \
  cargo build --release --quiet -p loadgen --target "$host" --target-dir "$work/use"
mkdir -p "$target/pgo"
cp "$work/use/$host/release/busyhour" "$target/pgo/busyhour"

# A seed that the profile was not taken from.
for profile in "${learned[@]}"; do
  for build in release pgo; do
    "$target/$build/busyhour" run "profiles/$profile.toml" --seed 99 --quiet --json "$work/$build.json"
  done
  "$target/release/busyhour" compare --quiet "$work/release.json" "$work/pgo.json"
done
echo "digests and outcomes of ${#learned[@]} profiles are equal"
# Not slower is all that is asked of the exit code; the ratio is in the table.
"$target/pgo/busyhour" compare profiles/select-r640.toml --against "$target/release/busyhour" \
  --candidate "$target/pgo/busyhour" --duration 20h --rounds "$pairs"
