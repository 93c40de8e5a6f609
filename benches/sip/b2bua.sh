#!/usr/bin/env bash
# SIPp's stock caller -> server -> SIPp's stock callee, without hold and without media: `busyhour serve` as a back-to-back user agent (13
# messages a call), and in the same run Kamailio as a transaction-stateful and as a stateless proxy, and Asterisk as another back-to-back
# user agent at the rates that it can carry, up to 300 calls a second (asterisk.sh says where it comes from). benches/sip/README.md says how to
# read it. Exits with 1 if busyhour lost a call or a message was sent again at up to 2,000 calls a second, or if it took more processor
# time a call than transaction-stateful Kamailio or Asterisk, or, each at the rate where a call costs it least, than a thirtieth of Asterisk's.
# Usage: [ASTERISK_ROOT=DIR] benches/sip/b2bua.sh [SECONDS a run] [CALLS A SECOND]...
source "$(dirname "$0")/common.sh"
source "$(dirname "$0")/asterisk.sh"
trap 'stop_all; asterisk_clean; rm -rf "$work"' EXIT

seconds=${1:-10}
shift || true
rates=("$@")
[ ${#rates[@]} -gt 0 ] || rates=(200 500 1000 2000 3000)
# Asterisk 16 is clean up to 350 calls a second on an idle machine of two cores.
asterisk_most=300

kamailio_serves() {
  local relay
  case $1 in
    stateful) relay='if (is_method("ACK") || is_method("CANCEL")) { t_check_trans(); } t_relay_to_udp("127.0.0.1", "'$callee'");' ;;
    stateless) relay='forward("127.0.0.1", '$callee');' ;;
  esac
  [ "$1" = stateful ] || relay='$du = "sip:127.0.0.1:'$callee'"; forward();'
  cat > "$work/kamailio.cfg" <<CFG
#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=2
disable_tcp=no
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:$sip
listen=tcp:127.0.0.1:$sip
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
request_route { $relay exit; }
CFG
  (cd "$work" && exec kamailio -f kamailio.cfg -DD -E -x tlsf -P "$work/kamailio.pid" -Y "$work" -m 512 -M 16) >"$work/kamailio.log" 2>&1 &
  server=$!
  started+=("$server")
  listens "$sip"
}

say() { printf '%-22s %8s %10s %8s %12s %12s %14s\n' "$@"; }
machine
if command -v kamailio >/dev/null; then kamailio -v | head -1 || true; else echo "no rows for Kamailio: it is not installed (.ci/test does)"; fi
if asterisk_is_there; then asterisk_version; else asterisk_most=0; echo "no row for Asterisk: ASTERISK_ROOT says where (asterisk.sh)"; fi
say server "asked/s" completed failed "again caller" "again server" "us/call"
missed=0
# What a call costs a server at each rate, and at the rate where it costs least of those at which no call failed.
declare -A cost=() least=()
# hold NAME OURS THEIRS MOST: how many times as much they take; whether ours is less than that share of it.
hold() {
  awk -v name="$1" -v a="$2" -v b="$3" -v most="$4" \
    'BEGIN { printf "%-22s 1 : %.2f\n", name, b / a; exit !(a < b * most) }'
}
for rate in "${rates[@]}"; do
  cost=()
  for kind in busyhour stateful stateless asterisk; do
    [ "$kind" != asterisk ] || [ "$rate" -le "$asterisk_most" ] || continue
    two_trunks ""
    sipp_callee
    again_server=-
    case $kind in
      busyhour) serve ;;
      asterisk) asterisk_serves ;;
      *) command -v kamailio >/dev/null || continue; kamailio_serves "$kind" ;;
    esac
    before=$(used "$server")
    sipp_caller "$rate" "$sip" "$seconds"
    spent=$(($(used "$server") - before))
    if [ "$kind" = busyhour ]; then
      sleep 1.2 # the page is made anew every second
      again_server=$(($(figure messages_retransmitted_total) + $(figure messages_absorbed_total)))
    fi
    stop_all
    cost[$kind]=$(per "$spent" "$completed")
    if [ "$failed" = 0 ] && awk -v a="${cost[$kind]}" -v b="${least[$kind]:-1000000}" 'BEGIN { exit !(a < b) }'; then
      least[$kind]=${cost[$kind]}
    fi
    say "$kind" "$rate" "$completed" "$failed" "$again" "$again_server" "${cost[$kind]}"
    if [ "$kind" = busyhour ] && [ "$rate" -le 2000 ] && [ "$failed$again$again_server" != 000 ]; then
      missed=1
    fi
  done
  if [ -n "${cost[stateful]:-}" ]; then hold "busyhour : stateful" "${cost[busyhour]}" "${cost[stateful]}" 1 || missed=1; fi
  if [ -n "${cost[asterisk]:-}" ]; then hold "busyhour : asterisk" "${cost[busyhour]}" "${cost[asterisk]}" 1 || missed=1; fi
done
if [ -n "${least[asterisk]:-}" ]; then
  echo "each at its best rate: busyhour ${least[busyhour]}, asterisk ${least[asterisk]} us a call"
  hold "busyhour : asterisk" "${least[busyhour]}" "${least[asterisk]}" 0.03333 || missed=1
fi
exit "$missed"
