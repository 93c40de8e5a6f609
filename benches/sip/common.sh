# What the scripts of this folder share; sourced by them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cargo build --release --quiet -p loadgen
busyhour=$PWD/target/release/busyhour
work=$(mktemp -d)
ticks=$(getconf CLK_TCK)
port=$((20000 + RANDOM % 10000))
started=()

# A port that nobody has had in this run.
next_port() { port=$((port + 2)); }

# Ends what was started here, each by its id.
stop_all() {
  local id
  for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
  for id in "${started[@]}"; do wait "$id" 2>/dev/null || true; done
  started=()
}
trap 'stop_all; rm -rf "$work"' EXIT

# Processor time so far of a process and all that it has started, in microseconds.
used() {
  local ids=("$1") all=0 id child
  while [ ${#ids[@]} -gt 0 ]; do
    id=${ids[0]}; ids=("${ids[@]:1}")
    all=$((all + $(awk -v ticks="$ticks" '{ print int(($14 + $15) * 1000000 / ticks) }' "/proc/$id/stat" 2>/dev/null || echo 0)))
    for child in $(pgrep -P "$id" || true); do ids+=("$child"); done
  done
  echo "$all"
}

# Memory of a process, in bytes.
resident() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; }

# Waits until something listens on a TCP port.
listens() {
  local n
  for n in $(seq 400); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.05
  done
  echo "nothing listens on port $1" >&2
  return 1
}

# Serves $work/solution.toml as system "office"; its id in $server, its SIP at $sip, its page at $status.
serve() {
  (cd "$work" && exec "$busyhour" serve solution.toml --system office --quiet) 2>"$work/serve.log" &
  server=$!
  started+=("$server")
  listens "$sip" && listens "$status"
}

# A figure of the server's /metrics; 0 if it is not there.
figure() {
  curl -s "http://127.0.0.1:$status/metrics" | awk -v name="busyhour_serve_$1" '$1 == name { print $2; found = 1 } END { if (!found) print 0 }'
}

# A field of the last line of SIPp's statistics.
sipp_stat() {
  awk -F';' -v wanted="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { last = $0 }
    END { split(last, f, ";"); print f[at[wanted]] + 0 }' "$1"
}

machine() {
  echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg); cores: $(nproc); $(sipp -v 2>/dev/null | grep -o 'SIPp v[^ ]*' | head -1)"
}

# us COUNT: microseconds each, with a decimal.
per() { awk -v us="$1" -v n="$2" 'BEGIN { if (n > 0) printf "%.1f", us / n; else printf "-" }'; }

# The beginning of a solution, to standard output: system "office" with its SIP at $sip and its page at $status, on ports that it takes.
# Arguments: the solution's name, further keys of [solution], further keys of [[sip]].
office() {
  next_port; sip=$port
  next_port; status=$port
  cat <<TOML
[solution]
name = "$1"
edition = "select"
$2
[[system]]
name = "office"
role = "primary"
platform = "r640"
[[sip]]
system = "office"
at = "127.0.0.1:$sip"
status_at = "127.0.0.1:$status"
$3
TOML
}

# The solution of a system with a SIP line to a caller and one to a callee: whatever comes on the first leaves on the second.
# Argument: further keys of [[sip]].
two_trunks() {
  office "two trunks" "trunk_to_trunk = true" "$1" > "$work/solution.toml"
  next_port; caller=$port
  next_port; callee=$port
  cat >> "$work/solution.toml" <<TOML
[[line]]
system = "office"
number = 1
kind = "sip"
channels = 1000
outgoing_group = 1
far_end = "127.0.0.1:$caller"
options_interval = "off"
[[line]]
system = "office"
number = 2
kind = "sip"
channels = 1000
outgoing_group = 2
far_end = "127.0.0.1:$callee"
options_interval = "off"
[[incoming_call_route]]
destination = "."
[[short_code]]
code = "9N;"
feature = "dial-emergency"
telephone_number = "N"
line_group = 2
[[short_code]]
code = "?"
feature = "dial"
telephone_number = "."
line_group = 2
TOML
}

# SIPp's stock callee.
sipp_callee() {
  (cd "$work" && exec sipp -sn uas -i 127.0.0.1 -p "$callee" -nostdin) >/dev/null 2>&1 &
  started+=("$!")
}

# SIPp's stock caller: RATE calls a second through SIP port PORT for SECONDS. Sets $completed, $failed, $again (messages sent again).
sipp_caller() {
  local rate=$1 to=$2 seconds=$3
  rm -f "$work/stat.csv"
  (cd "$work" && sipp -sn uac "127.0.0.1:$to" -s 5551234 -i 127.0.0.1 -p "$caller" -r "$rate" -m "$((rate * seconds))" -l 100000 -d 0 \
    -nostdin -trace_stat -stf stat.csv -fd 1 -timeout $((seconds * 2 + 40)) >/dev/null 2>&1) || true
  completed=$(sipp_stat "$work/stat.csv" 'SuccessfulCall(C)')
  failed=$((rate * seconds - completed))
  again=$(sipp_stat "$work/stat.csv" 'Retransmissions(C)')
}
