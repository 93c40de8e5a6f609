"""Ciw: one node with as many servers as channels and no room to wait. Arguments: hours, seed."""

import sys
import time

import ciw

BHCC, CHANNELS, HOLD_S = 20_000, 75, 11.0


def main():
    hours, seed = float(sys.argv[1]), int(sys.argv[2])
    begun = time.perf_counter()
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(BHCC / 3600.0)],
        service_distributions=[ciw.dists.Deterministic(HOLD_S)],
        number_of_servers=[CHANNELS],
        queue_capacities=[0],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(hours * 3600.0)
    elapsed = time.perf_counter() - begun
    records = simulation.get_all_records()
    blocked = sum(1 for r in records if r.record_type == "rejection")
    completed = sum(1 for r in records if r.record_type == "service")
    print(blocked + completed, blocked, completed, f"{elapsed:.6f}")


main()
