#!/usr/bin/env bash
# 20,000 BHCC with 5 s ring, 6 s talk and RTP through `busyhour serve`: the generator plays the trunk that calls and the one that is
# called, with audio checked both ways, in real time. Exits with the generator's verdict, or 1 if a call failed, a message was sent
# again or a packet of speech was lost.
# Usage: benches/sip/busy_hour.sh [MINUTES]
source "$(dirname "$0")/common.sh"

minutes=${1:-10}
office "a busy office" "" "" > "$work/solution.toml"
next_port; trunk=$port
next_port; phones=$port
cat >> "$work/solution.toml" <<TOML
[[line]]
system = "office"
number = 1
kind = "sip"
channels = 250
far_end = "127.0.0.1:$trunk"
options_interval = "off"
[[users]]
system = "office"
extensions = "2000-2999"
password = "secret"
[[incoming_call_route]]
destination = "."
TOML
cat > "$work/profile.toml" <<TOML
[profile]
name = "busy hour"
solution = "solution.toml"
[load]
bhcc = 20000
ring = "5s"
talk = "6s"
warm_up = "0s"
duration = "${minutes}m"
[[load.stream]]
name = "incoming"
kind = "incoming"
system = "office"
to = "2000-2999"
[targets]
failed_pct = "<= 0"
TOML
machine
serve
before=$(used "$server")
verdict=0
(cd "$work" && "$busyhour" run profile.toml --target "sip:127.0.0.1:$sip" --trunk-at "127.0.0.1:$trunk" --phones-at "127.0.0.1:$phones" \
  --phone-password secret --rtp --json run.json --no-progress) || verdict=$?
spent=$(($(used "$server") - before))
sleep 1.2 # the page is made anew every second
again_server=$(($(figure messages_retransmitted_total) + $(figure messages_absorbed_total)))
python3 - "$work/run.json" "$spent" "$again_server" <<'PY' || [ "$verdict" -ne 0 ] || verdict=1
import json, sys
run, spent, again_server = json.load(open(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
calls, sip = run["calls"], run["sip"]
audio = sip["audio"]
lost = audio["lost"] + audio["one_way"] + audio["mute"]
print(f"planned {calls['planned']}, completed {calls['completed']}, failed {calls['planned'] - calls['completed']}; "
      f"sent again: by the generator {sip['retransmitted']}, by or to the server {again_server}")
print(f"audio: {json.dumps(audio)}")
print(f"server: {spent / max(calls['completed'], 1):.0f} us of processor time a call, registrations included")
sys.exit(0 if calls["completed"] == calls["planned"] and sip["retransmitted"] == 0 and again_server == 0 and not lost else 1)
PY
exit "$verdict"
