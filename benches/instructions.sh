#!/usr/bin/env bash
# Counts the instructions of one call, one match and one timer under callgrind. Installs what is missing: valgrind, and
# the runner in the very version of the gungraun library that Cargo.lock names, as the two must be equal.
# Arguments go to the runner: `benches/instructions.sh --save-baseline=main`, then `... --baseline=main`.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(cargo metadata --locked --format-version 1 |
    grep -o '"name":"gungraun","version":"[^"]*"' | head -n 1 | cut -d '"' -f 8)

if ! command -v valgrind > /dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get install -y valgrind
fi

runner=${GUNGRAUN_RUNNER:-$(command -v gungraun-runner || echo "${CARGO_HOME:-$HOME/.cargo}/bin/gungraun-runner")}
if [ "$("$runner" --version 2> /dev/null | grep -o '[0-9][0-9.]*' | head -n 1)" != "$version" ]; then
    cargo install --locked gungraun-runner --version "$version"
fi
export GUNGRAUN_RUNNER=$runner

cargo bench -p benches --bench instructions -- "$@"
cargo bench -p benches --bench sip_instructions -- "$@"
