#!/usr/bin/env bash
# Replays one busy hour in busyhour and in its peers, in turns on one core, and writes results/peers.md.
# Usage: benches/peers/run.sh [ROUNDS] [HOURS] [FILE]
# (defaults 5, 100 and results/peers.md; the Python peers replay a fiftieth of the hours)
# BUSYHOUR=FILE: a busyhour that is built already.
set -euo pipefail
cd "$(dirname "$0")"
rounds=${1:-5}
hours=${2:-100}
page=$(realpath -m "${3:-../../results/peers.md}")
slow_hours=$(((hours + 49) / 50))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --release --quiet
[ -n "${BUSYHOUR:-}" ] || cargo build --release --quiet --manifest-path ../../Cargo.toml -p loadgen
peers_dir=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
ours_dir=$(cargo metadata --format-version 1 --no-deps --manifest-path ../../Cargo.toml | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet simpy==4.1.2 ciw==3.2.7

core=$(($(nproc) - 1))
pinned() { taskset -c "$core" "$@"; }
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  status=0
  pinned "${BUSYHOUR:-$ours_dir/release/busyhour}" run hour.toml --duration "${hours}h" --seed "$round" --no-progress --quiet \
    --json "$work/record.json" || status=$?
  # 1 is a missed target: there is none here, so every other status is an error.
  [ "$status" -eq 0 ] || { echo "busyhour exited with $status" >&2; exit 1; }
  python3 - "$work/record.json" <<'PY' | sed "s/^/busyhour /" >>"$work/rounds"
import json, sys
record = json.load(open(sys.argv[1]))
record = record[0] if isinstance(record, list) else record
calls = record["calls"]
print(calls["offered"], calls["blocked"], calls["completed"], record["wall_s"])
PY
  for peer in naive odem nexosim; do
    pinned "$peers_dir/release/$peer" "$hours" "$round" | sed "s/^/$peer /" >>"$work/rounds"
  done
  for peer in simpy ciw; do
    pinned "$work/venv/bin/python" "${peer}_hour.py" "$slow_hours" "$round" | sed "s/^/$peer /" >>"$work/rounds"
  done
done
python3 summary.py "$work/rounds" "$rounds" "$hours" "$slow_hours" >"$page"
cat "$page"
