#!/usr/bin/env bash
# The generator and SIPp on one machine, in turns: SIPp against SIPp, the generator against SIPp, and the generator against the user agent
# server of the package sip. Calls without hold: INVITE, 180, 200, ACK, BYE, 200. benches/sip/README.md says how to read it.
# Usage: benches/sip/run.sh [SECONDS a run] [CALLS A SECOND]...
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-5}
shift || true
rates=("$@")
[ ${#rates[@]} -gt 0 ] || rates=(2000 5000 10000)
command -v sipp >/dev/null || { echo "sipp is missing: .ci/test installs it" >&2; exit 2; }

cargo build --release --quiet -p loadgen
cargo build --release --quiet -p sip --example uas
root=$PWD
busyhour=$root/target/release/busyhour
uas=$root/target/release/examples/uas
work=$(mktemp -d)
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi; }
trap 'stop; rm -rf "$work"' EXIT
ticks=$(getconf CLK_TCK)
port=$((20000 + RANDOM % 10000))

cat > "$work/solution.toml" <<'TOML'
[solution]
name = "one trunk group"
edition = "select"
[[system]]
name = "primary"
role = "primary"
platform = "r640"
[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 250
[[users]]
system = "primary"
extensions = "2000-2999"
[[incoming_call_route]]
destination = "."
TOML

# Processor time of a process so far, in microseconds.
used() { awk -v ticks="$ticks" '{ print int(($14 + $15) * 1000000 / ticks) }' "/proc/$1/stat"; }

serve() {
  port=$((port + 1))
  case $1 in
    sipp) (cd "$work" && exec sipp -sn uas -i 127.0.0.1 -p "$port" -nostdin) >/dev/null 2>&1 & ;;
    ours) "$uas" "127.0.0.1:$port" >/dev/null 2>&1 & ;;
  esac
  server=$!
}

say() { printf '%-22s %8s %9s %8s %8s %14s %14s  %s\n' "$@"; }

# Prints one line: who called whom, and what came of it.
line() {
  local name=$1 rate=$2 calls=$3 failed=$4 again=$5 caller_us=$6 callee_us=$7 note=$8
  local per='function per(us, n) { return n > 0 ? sprintf("%.1f", us / n) : "-" }'
  say "$name" "$rate" "$calls" "$failed" "$again" \
    "$(awk -v us="$caller_us" -v n="$calls" "$per BEGIN { print per(us, n) }")" \
    "$(awk -v us="$callee_us" -v n="$calls" "$per BEGIN { print per(us, n) }")" "$note"
}

sipp_calls() {
  local name=$1 rate=$2 callee=$3 count=$(($2 * seconds)) spent
  serve "$callee"
  TIMEFORMAT='%U %S'
  spent=$( { time (cd "$work" && sipp -sn uac "127.0.0.1:$port" -i 127.0.0.1 -r "$rate" -m "$count" -l 100000 -d 0 -nostdin \
    -trace_stat -stf stat.csv -fd 1 -timeout $((seconds * 4 + 40)) >/dev/null 2>&1 || true); } 2>&1 )
  local callee_us; callee_us=$(used "$server")
  stop
  local found
  found=$(awk -F';' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { last = $0 }
    END { n = split(last, f, ";"); print f[at["SuccessfulCall(C)"]], f[at["FailedCall(C)"]], f[at["Retransmissions(C)"]] }' "$work/stat.csv")
  rm -f "$work/stat.csv"
  # shellcheck disable=SC2086
  line "$name" "$rate" $found "$(awk '{ print int(($1 + $2) * 1000000) }' <<< "$spent")" "$callee_us" ""
}

our_calls() {
  local name=$1 rate=$2 callee=$3 spent
  serve "$callee"
  cat > "$work/profile.toml" <<TOML
[profile]
name = "speed"
solution = "solution.toml"
[load]
bhcc = $((rate * 3600))
ring = "1ms"
talk = "1ms"
warm_up = "0s"
duration = "${seconds}s"
[[load.stream]]
name = "incoming"
kind = "incoming"
system = "primary"
to = "2000-2999"
[targets]
failed_pct = "<= 0"
TOML
  TIMEFORMAT='%U %S'
  spent=$( { time (cd "$work" && "$busyhour" run profile.toml --target "sip:127.0.0.1:$port" --json run.json --quiet >/dev/null 2>&1 || true); } 2>&1 )
  local callee_us; callee_us=$(used "$server")
  stop
  local found
  found=$(python3 - "$work/run.json" <<'PY'
import json, sys
run = json.load(open(sys.argv[1]))
calls, sip = run["calls"], run["sip"]
late = run["metrics"]["generator_lateness_us_p99"]
ceiling, call_us = run["metrics"]["generator_ceiling_cps"], run["metrics"]["generator_call_us"] or float("nan")
failed = calls["planned"] - calls["completed"]
print(calls["completed"], failed, sip["retransmitted"], f"{run['verdict']}, late p99 {late} us, against itself {ceiling:.0f}/s at {call_us:.1f} us a call")
PY
)
  local completed failed again note
  read -r completed failed again note <<< "$found"
  line "$name" "$rate" "$completed" "$failed" "$again" "$(awk '{ print int(($1 + $2) * 1000000) }' <<< "$spent")" "$callee_us" "$note"
}

echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg); cores: $(nproc); $(sipp -v 2>/dev/null | grep -o 'SIPp v[^ ]*' | head -1)"
say "caller > callee" "asked/s" "completed" "failed" "again" "caller us/call" "callee us/call" ""
for rate in "${rates[@]}"; do
  sipp_calls "sipp > sipp" "$rate" sipp
  our_calls "busyhour > sipp" "$rate" sipp
  our_calls "busyhour > sip's uas" "$rate" ours
done
