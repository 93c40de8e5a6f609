#!/usr/bin/env bash
# Overload: a server that takes CAPACITY new calls a second is offered one, three and ten times as many by SIPp's stock caller. Goodput is what
# completes in a second; then the load falls back to 90 % of the capacity, and it is counted after how many seconds no more than a
# tenth of the calls is refused (SIPp offers them in bursts). Exits with 1 if goodput falls under 90 % of the capacity or recovery takes 5 s.
# Usage: benches/sip/overload.sh [CAPACITY] [SECONDS a run]
source "$(dirname "$0")/common.sh"

capacity=${1:-300}
seconds=${2:-10}
say() { printf '%-10s %10s %10s %10s %12s %14s %12s\n' "$@"; }
machine
say "offered" "asked/s" completed refused "goodput/s" "us/refusal" "recovery s"
missed=0
for times in 1 3 10; do
  two_trunks "calls_per_second = $capacity"
  sipp_callee
  serve
  before=$(used "$server")
  began=$(date +%s.%N)
  sipp_caller "$((capacity * times))" "$sip" "$seconds"
  took=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
  spent=$(($(used "$server") - before))
  refused=$failed
  # Offered for $seconds; what SIPp could not offer in time is offered later and lasts longer.
  goodput=$(awk -v n="$completed" -v s="$seconds" -v t="$took" 'BEGIN { if (t < s) t = s; printf "%.0f", n / t }')
  accepted=$completed
  # Back to 90 %: the second in which a call was last refused.
  (cd "$work" && rm -f back.csv && sipp -sn uac "127.0.0.1:$sip" -s 5551234 -i 127.0.0.1 -p "$caller" -r "$((capacity * 9 / 10))" \
    -m "$((capacity * 9))" -l 100000 -d 0 -nostdin -trace_stat -stf back.csv -fd 1 -timeout 60 >/dev/null 2>&1) || true
  recovery=$(awk -F';' -v rate="$((capacity * 9 / 10))" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { if ($at["FailedCall(P)"] > 0.1 * rate) last = NR - 1 } END { print last + 0 }' "$work/back.csv")
  stop_all
  say "$times x" "$((capacity * times))" "$accepted" "$refused" "$goodput" "$([ "$times" -gt 1 ] && per "$spent" "$((accepted + refused))" || echo -)" "$recovery"
  awk -v g="$goodput" -v c="$capacity" -v r="$recovery" 'BEGIN { exit !(g >= 0.9 * c && r < 5) }' || missed=1
done
exit "$missed"
