#!/usr/bin/env bash
# PHONES registered phones that register again within five minutes, with digest, and what each of them and each live call costs in
# memory. Live calls are SIPp's, held for a while. Exits with 1 if a registration failed, a phone did not register again, or a goal was missed (4 KiB a phone, 16 KiB a
# call).
# Usage: benches/sip/registrar.sh [PHONES] [SECONDS to register in] [SECONDS to hold on]
source "$(dirname "$0")/common.sh"

# The allocator asks for huge pages, with which a process takes 2 MiB at a time: what a thousand calls take would be rounded to those.
export MIMALLOC_ALLOW_THP=0

cargo build --release --quiet -p loadgen --example many_phones
count=${1:-100000}
seconds=${2:-300}
# From the first registration on, so that the last phone has registered again.
hold=${3:-$((2 * seconds + 50))}
last=$((100000 + count - 1))
machine

# SIPp as 1,000 calls that are up.
two_trunks ""
serve
sipp_callee
calls=1000
empty=$(resident "$server")
(cd "$work" && sipp -sn uac "127.0.0.1:$sip" -s 5551234 -i 127.0.0.1 -p "$caller" -r 200 -m $calls -l 100000 -d 20000 -nostdin -timeout 120 \
  >/dev/null 2>&1) &
held=$!
up=0
for _ in $(seq 60); do
  up=$(figure calls)
  [ "$up" != "$calls" ] || break
  sleep 0.5
done
with_calls=$(resident "$server")
wait "$held" || echo "SIPp's held calls did not all end well"
stop_all
call_bytes=$(awk -v a="$with_calls" -v b="$empty" -v n="$up" 'BEGIN { printf "%.0f", (n > 0 ? (a - b) / n : 0) }')
echo "live call: $call_bytes bytes of $up calls up at a time, the transactions of the last half minute included"

# The phones, more than any edition has.
"$PWD/target/release/examples/many_phones" "$count" "127.0.0.1:$sip" "127.0.0.1:$status" 2>"$work/phones.log" &
server=$!
started+=("$server")
listens "$status"
echo "$count users, none registered: $(($(resident "$server") / 1024)) KiB"
cat > "$work/profile.toml" <<TOML
[profile]
name = "registrations"
solution = "solution.toml"
[load]
bhcc = 60
ring = "1ms"
talk = "1ms"
warm_up = "0s"
duration = "${hold}s"
[[load.stream]]
name = "incoming"
kind = "incoming"
system = "office"
to = "5551234"
TOML
before_phones=$(resident "$server")
before=$(used "$server")
(cd "$work" && "$busyhour" run profile.toml --target "sip:127.0.0.1:$sip" --register-phones "100000-$last" --phone-password secret \
  --register-rate "$((count / seconds + 1))" --register-expires "$((seconds + 30))s" --json run.json --quiet --no-progress) >"$work/run.log" 2>&1 &
run=$!
registered=0
while kill -0 "$run" 2>/dev/null; do
  now=$(figure registered_contacts)
  if [ "$now" -ge "$registered" ]; then
    registered=$now
    with_phones=$(resident "$server")
  fi
  sleep 2
done
wait "$run" || true
spent=$(($(used "$server") - before))
python3 - "$work/run.json" "$count" "$spent" "$call_bytes" "$before_phones" "$with_phones" "$registered" <<'PY'
import json, sys
run = json.load(open(sys.argv[1]))
count, spent, call_bytes, before, after, registered = (int(float(a)) for a in sys.argv[2:])
sip = run["sip"]
made = {k: v for k, v in sip.items() if "regist" in k}
phone = (after - before) / max(registered, 1)
print(f"registrations: {json.dumps(made)}; IRA {run['metrics'].get('ira_pct')} %; most registered at a time: {registered}")
print(f"registered phone: {phone:.0f} bytes")
print(f"processor time of the server: {spent / 1e6:.1f} s in all")
ira = run["metrics"].get("ira_pct") or 0
sys.exit(0 if ira == 0 and registered == count and sip["registrations_failed"] == 0
         and sip["registrations_renewed"] >= count and phone < 4096 and call_bytes < 16384 else 1)
PY
