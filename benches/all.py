#!/usr/bin/env python3
"""Everything that is claimed of speed and scale, measured in one go and written to results/speed.md beside what is wanted.

    benches/all.py [--quick] [--guided] [--what-if]

Builds first; how long each part takes is said as it goes on. --quick measures less of each, to see that all of it runs, and writes
nothing; --guided adds the build that is guided by a profile of its own runs (benches/pgo.sh, two builds more); --what-if adds ten
thousand systems with thirty million users and a hundred million calls an hour. Leave the machine alone meanwhile. Exit code 0 whether a
wish is fulfilled or not: the table says which.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# What one thread does is measured on the last core: the first one has most of the interrupts.
ON_ONE_CORE = ("taskset", "-c", os.cpu_count() - 1)
BENCH = ("cargo", "bench", "--quiet", "-p", "benches")
COUNTED = ("cargo", "test", "--quiet", "-p", "benches", "--lib")


def run(*command, **settings):
    """What a command prints; everything ends where one fails."""
    words = [str(word) for word in command]
    print("+", *words, file=sys.stderr)
    env = {**os.environ, **{name: str(value) for name, value in settings.items()}}
    return subprocess.run(words, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def found(pattern, text):
    """What the groups of a pattern stand for, each as a number."""
    match = re.search(pattern, text)
    if match is None:
        sys.exit(f"nothing like {pattern!r} in:\n{text}")
    return [float(group.replace(",", "")) for group in match.groups()]


class Table:
    """Rows of what is wanted and what was measured."""

    def __init__(self):
        self.rows = []

    def add(self, what, wanted, measured, fulfilled):
        word = {True: "yes", False: "**no**", None: "for comparison"}[fulfilled]
        self.rows.append(f"| {what} | {wanted} | {measured} | {word} |")
        print(self.rows[-1], file=sys.stderr)

    def __str__(self):
        return "\n".join(["| what | wanted | measured | fulfilled |", "|---|---|---|---|", *self.rows])


def calls_a_second(table, quick, build="release"):
    """The virtual clock on one core, every check on. Each run is of a fresh copy of the program: where its pages come to lie in memory
    makes up to a tenth of the time, and stays as it is for one file."""
    hours, rounds = (10, 3) if quick else (100, 7)
    rates = []
    with tempfile.TemporaryDirectory(dir=TARGET) as folder:
        record = Path(folder, "record.json")
        for seed in range(1, rounds + 1):
            program = shutil.copy(TARGET / build / "busyhour", Path(folder, f"busyhour-{seed}"))
            run(*ON_ONE_CORE, program, "run", "profiles/select-r640.toml", "--duration", f"{hours}h",
                "--seed", seed, "--quiet", "--no-progress", "--json", record)
            rates.append(calls_of(json.loads(record.read_text())))
            Path(program).unlink()
    rate = statistics.median(rates) / 1e6
    spread = f"{min(rates) / 1e6:.2f} - {max(rates) / 1e6:.2f}"
    what = f"calls a second, select-r640, virtual time, one core, every check, build: {build}"
    table.add(what, "4 M at least, 5.6 M", f"{rate:.2f} M ({spread})", rate >= 4)


def guided(table, quick):
    """The same, of a build that is guided by a profile of its own runs. It is made unless it is newer than the release."""
    made = TARGET / "pgo/busyhour"
    if not made.exists() or made.stat().st_mtime < (TARGET / "release/busyhour").stat().st_mtime:
        run("benches/pgo.sh", 7)
    calls_a_second(table, quick, "pgo")


def calls_of(record):
    record = record[0] if isinstance(record, list) else record
    return record["calls"]["offered"] / record["wall_s"]


def peers(table, quick):
    """Ratios to other simulators; the script writes its own results."""
    with tempfile.TemporaryDirectory() as folder:
        asked = (1, 10, Path(folder, "peers.md")) if quick else (5, 100)
        text = run("benches/peers/run.sh", *asked, BUSYHOUR=TARGET / "release/busyhour")
    for name, wanted in [("NeXosim", 7), ("odem-rs", 2), ("SimPy", 50)]:
        [ratio] = found(rf"\| {name}[^|]*\|[^|]*\|[^|]*\| x([\d.]+) \|", text)
        table.add(f"busyhour (all of it) to {name} (a bare model)", f"x{wanted}", f"x{ratio:.2f}", ratio >= wanted)


def memory(table, _):
    """Allocations and bytes, counted by the allocator."""
    text = run(*COUNTED, "--", "--nocapture", "--test-threads", 1, "a_call_allocates_nothing",
               "a_run_allocates_for", "a_call_in_progress_takes", "of_these_the_system_has")
    found(r"(4) passed", text)
    table.add("allocations of a call, of every kind, once the tables have their size", "0", "0 (held by tests)", True)
    [size] = found(r"(\d+) bytes of the system itself", text)
    table.add("bytes of a call in progress in its system, timers included", "256 at most", f"{size:.0f}", size <= 256)
    [size] = found(r"(\d+) bytes a call in progress", text)
    table.add("the same, with the caller, the phones and what they are going to do", "256 at most", f"{size:.0f}", size <= 256)


def wall_clock(table, quick):
    """The real driver at a thousand times the rated load of select-r640: on one thread, which has a core, and with a thread for the
    system and one for its callers."""
    seconds, rounds = (3, 1) if quick else (20, 3)
    what = "wall clock at 1,000 times select-r640's load, from the instant a call is due until it is routed, p99.9"
    for way, pinned, wanted in [("one-thread", ON_ONE_CORE, "100 us"), ("thread-a-system", (), "-")]:
        texts = [run(*pinned, TARGET / "release/real", 20_000_000, seconds, way) for _ in range(rounds)]
        runs = [found(r"due to routed: median ([\d.]+) us, p99 ([\d.]+) us, p99.9 ([\d.]+) us", text) for text in texts]
        median, p99, last = (statistics.median(figures) for figures in zip(*runs, strict=True))
        each = ", ".join(f"{figures[2]:.1f}" for figures in runs)
        void = sum("it counts" not in text for text in texts)
        said = f"{last:.1f} us (runs: {each}; median {median:.1f} us, p99 {p99:.1f} us){f'; {void} void' if void else ''}"
        table.add(f"{what}: {way}", wanted, said, None if wanted == "-" else void == 0 and last < 100)


def threads(table, quick):
    """One run on one thread and on two."""
    text = run(TARGET / "release/threads", CALLS=40_000 if quick else 400_000, ROUNDS=1 if quick else 5)
    for line in text.splitlines()[2:]:
        times, _, _, _, _, _, ratio, *_ = line.split()
        table.add(f"150 systems on two threads to one, equal digests, at {int(times):,} times the rated load", "x1.8", f"x{ratio}",
                  float(ratio) >= 1.8)


def growth(table, quick):
    """A call with ever more of them in progress."""
    if quick:
        return
    text = run(*BENCH, "--bench", "growth")
    [ratio] = found(r"1000000 [\d.]+ ns \(x([\d.]+)\)", text)
    table.add("cost of a call with 1,000,000 in progress to that with 10", "x1.5 at most", f"x{ratio:.2f}", ratio < 1.5)


def what_if():
    """A network far beyond any edition."""
    return run(TARGET / "release/what_if", 10_000, 3_000, 100_000_000, 3_600, os.cpu_count())


def build():
    """Everything, so that nothing is built between measurements."""
    run("cargo", "build", "--release", "--quiet", "-p", "loadgen", "-p", "benches", "--bins")
    run("cargo", "build", "--release", "--quiet", "--manifest-path", "benches/peers/Cargo.toml")
    run(*BENCH, "--no-run", "--bench", "growth", "--bench", "machine")
    run(*COUNTED, "--no-run")


def timed(part, *arguments):
    """Does a part, and says how long it took."""
    begun = time.monotonic()
    done = part(*arguments)
    print(f"= {part.__name__}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return done


def machine():
    """What no program here can do without."""
    return run(*BENCH, "--bench", "machine")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--what-if", action="store_true")
    asked = parser.parse_args()
    timed(build)
    table = Table()
    for part in [calls_a_second, *([guided] if asked.guided else []), peers, memory, wall_clock, threads, growth]:
        timed(part, table, asked.quick)
    parts = [
        "# Speed and scale\n",
        "Made by `benches/all.py`; docs/performance.md says where the time goes, peers.md compares with other simulators.\n",
        f"{platform.machine()}, {os.cpu_count()} cores, {run('rustc', '--version').strip()}, commit "
        f"{run('git', 'rev-parse', '--short', 'HEAD').strip()}.\n",
        f"{table}\n",
        f"The machine's own limits (`cargo bench -p benches --bench machine`):\n\n```\n{timed(machine).strip()}\n```\n",
    ]
    if asked.what_if:
        parts.append(f"Far beyond any edition (`what_if`):\n\n```\n{timed(what_if).strip()}\n```\n")
    page = "\n".join(parts)
    if not asked.quick:
        (ROOT / "results/speed.md").write_text(page)
    print(page)


main()
