"""Makes results/peers.md of the rounds: name, calls offered, blocked, completed, seconds. Fails if a peer's blocking is not
Erlang B's."""

import math
import os
import platform
import statistics
import subprocess
import sys

NAMES = {
    "busyhour": "busyhour (routing, timers, records, every check)",
    "naive": "binary heap, Rust (bare)",
    "odem": "odem-rs 0.4 (bare)",
    "nexosim": "NeXosim 1.0 (bare)",
    "simpy": "SimPy 4.1 (bare)",
    "ciw": "Ciw 3.2 (bare)",
}
ERLANGS, CHANNELS = 20_000 * 11 / 3600, 75


def erlang_b(erlangs, channels):
    blocking = 1.0
    for n in range(1, channels + 1):
        blocking = erlangs * blocking / (n + erlangs * blocking)
    return blocking


def main():
    path, rounds, hours, slow_hours = sys.argv[1:]
    rates, totals = {name: [] for name in NAMES}, {name: [0, 0] for name in NAMES}
    for line in open(path):
        name, offered, blocked, _, seconds = line.split()
        rates[name].append(int(offered) / float(seconds))
        totals[name][0] += int(offered)
        totals[name][1] += int(blocked)
    theory = erlang_b(ERLANGS, CHANNELS)
    print("# The same busy hour in busyhour and in its peers\n")
    print(f"Made by `benches/peers/run.sh {rounds} {hours}`: 20,000 calls an hour, Poisson, on {CHANNELS} channels; each rings 5 s and "
          f"talks 6 s. The programs take turns on one core, {rounds} rounds of {hours} hours ({slow_hours} for Python), each round with a "
          "seed of its own.\n")
    print("They do not do the same work. All of busyhour is run: for each call the number is looked up, a channel and a user are seized, a "
          "phone rings, timers are armed and cancelled, a call record is made, latencies and the course of the run are kept, and at the end "
          "every check is made. The others are bare models of the same hour: a counter of free channels and two events a call, the end of the "
          "ringing and the end of the talk; no numbers, no users, no records, no checks. So a ratio says how much faster the whole of busyhour "
          "is than the least that one could write there, and not how fast these libraries would do busyhour's work. Ratios are medians of the "
          "ratios within a round.\n")
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{platform.machine()}, {os.cpu_count()} cores shared with other work, {rustc}, Python {platform.python_version()}.\n")
    print("| program | calls/s, median | lowest - highest | busyhour is | blocked |")
    print("|---|---|---|---|---|")
    failed = []
    for name, title in NAMES.items():
        ratio = statistics.median(a / b for a, b in zip(rates["busyhour"], rates[name], strict=True))
        offered, blocked = totals[name]
        share = blocked / offered
        # Calls blocked come in bursts: their variance is taken as ten times the binomial one.
        error = 4 * math.sqrt(10 * theory * (1 - theory) / offered)
        if abs(share - theory) > error:
            failed.append(f"{name}: {share:.5f} blocked, Erlang B says {theory:.5f}")
        low, high = min(rates[name]), max(rates[name])
        print(f"| {title} | {statistics.median(rates[name]):,.0f} | {low:,.0f} - {high:,.0f} | x{ratio:.2f} | {100 * share:.3f} % |")
    print("\nCalls a second in each round, in which all have the same minute of the machine:\n")
    print("| round | " + " | ".join(title.split(" (")[0] for title in NAMES.values()) + " |")
    print("|---" * (len(NAMES) + 1) + "|")
    for n in range(int(rounds)):
        print(f"| {n + 1} | " + " | ".join(f"{rates[name][n]:,.0f}" for name in NAMES) + " |")
    print(f"\nErlang B: {100 * theory:.3f} % blocked. A program that misses it fails the script.")
    if failed:
        sys.exit("\n".join(failed))


main()
