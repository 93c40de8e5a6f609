#!/usr/bin/env bash
# SIPp's stock caller -> server -> SIPp's stock callee, without hold and without media: `busyhour serve` as a back-to-back user agent (13
# messages a call), and in the same run Kamailio as a transaction-stateful and as a stateless proxy. benches/sip/README.md says how to
# read it. Exits with 1 if busyhour lost a call or a message was sent again at 2,000 calls a second, or if it took more processor
# time a call than transaction-stateful Kamailio.
# Usage: benches/sip/b2bua.sh [SECONDS a run] [CALLS A SECOND]...
source "$(dirname "$0")/common.sh"

seconds=${1:-10}
shift || true
rates=("$@")
[ ${#rates[@]} -gt 0 ] || rates=(500 1000 2000 3000)

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
echo "no row for Asterisk: Debian 12 has no package of it"
say server "asked/s" completed failed "again caller" "again server" "us/call"
missed=0
declare -A cost
for rate in "${rates[@]}"; do
  for kind in busyhour stateful stateless; do
    two_trunks ""
    sipp_callee
    again_server=-
    case $kind in
      busyhour) serve ;;
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
    say "$kind" "$rate" "$completed" "$failed" "$again" "$again_server" "${cost[$kind]}"
    if [ "$kind" = busyhour ] && [ "$rate" -le 2000 ] && [ "$failed$again$again_server" != 000 ]; then
      missed=1
    fi
  done
  if [ -n "${cost[stateful]:-}" ]; then
    awk -v a="${cost[busyhour]}" -v b="${cost[stateful]}" 'BEGIN { printf "%-22s %.2f\n", "busyhour : stateful", a / b; exit !(a < b) }' || missed=1
  fi
done
exit "$missed"
