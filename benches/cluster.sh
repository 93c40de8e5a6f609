#!/usr/bin/env bash
# 2,000 shards on the threads of one process, on two workers of a NATS server on loopback, and again while a worker is killed
# every 5 s and the server once: one digest, every shard counted once, and how long each took. Needs nats-server, python3 and a
# built busyhour: benches/cluster.sh [BUSYHOUR]. SEEDS and DURATION make it shorter.
set -euo pipefail
cd "$(dirname "$0")/.."
busyhour=$(realpath "${1:-target/release/busyhour}")
seeds=${SEEDS:-250}
duration=${DURATION:-1h}
folder=$(mktemp -d)
pids=()
trap 'kill -KILL "${pids[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT

cat >"$folder/grid.toml" <<END
[campaign]
profiles = ["$PWD/profiles/two-systems.toml"]
replications = $seeds
loads = ["80%", "100%", "110%", "120%"]
duration = "$duration"
[[vary]]
name = "ring"
profile = "load.ring"
values = ["4s", "5s"]
END

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server="nats://127.0.0.1:$port"
start_server() {
  nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$folder/store" >/dev/null 2>&1 &
  server_pid=$!
  pids+=("$server_pid")
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do kill -0 "$server_pid"; done
}
start_worker() { # slot
  "$busyhour" worker --quiet --jobs 1 --cluster "$server" --name "w$1-$((++started))" &
  workers[$1]=$!
  pids+=("$!")
}
# The campaign's exit code says whether targets were met, which is not what is asked here.
campaign() { # file, arguments
  local out=$1
  shift
  "$busyhour" campaign "$folder/grid.toml" --quiet --json "$folder/$out" "$@" || [ $? = 1 ]
}

declare -a workers=()
started=0
campaign threads.json --jobs 2

start_server
start_worker 0
start_worker 1
campaign cluster.json --cluster "$server"

campaign killed.json --cluster "$server" &
running=$!
pids+=("$running")
kills=0
while sleep 5 && kill -0 "$running" 2>/dev/null; do
  victim=$((kills % 2))
  kill -KILL "${workers[$victim]}"
  wait "${workers[$victim]}" 2>/dev/null || true
  start_worker "$victim"
  kills=$((kills + 1))
  if [ "$kills" = 2 ]; then
    kill -KILL "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    start_server
  fi
done
wait "$running"

python3 - "$folder" "$kills" <<'END'
import json, sys
folder, kills = sys.argv[1], sys.argv[2]
rows = [(name, json.load(open(f"{folder}/{name}.json"))) for name in ("threads", "cluster", "killed")]
digests = {record["digest"] for _, record in rows}
for name, record in rows:
    shards, wall = record["shards"], record["wall"]
    took = wall["cluster_ms_p50"]
    took = "-" if took is None else f"{took:.3f} ms (p99 {wall['cluster_ms_p99']:.3f})"
    print(f"{name:8} counted {shards['counted']} of {shards['planned']}, run twice {shards['again']}, dead {shards['dead']}, "
          f"{record['wall_s']:.1f} s, a shard {wall['shard_ms_p50']:.1f} ms, cluster a shard {took}")
print(f"workers killed {kills}, server restarted {'once' if int(kills) >= 2 else 'never'}, digests {sorted(map(str, digests))}")
whole = all(r["shards"]["counted"] == r["shards"]["planned"] and not r["shards"]["differing"] for _, r in rows)
sys.exit(0 if whole and len(digests) == 1 and None not in digests else 1)
END
