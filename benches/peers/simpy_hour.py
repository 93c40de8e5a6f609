"""SimPy: every call is a process. Arguments: hours, seed."""

import random
import sys
import time

import simpy

BHCC, CHANNELS, RING_S, TALK_S = 20_000, 75, 5.0, 6.0


def main():
    hours, seed = float(sys.argv[1]), int(sys.argv[2])
    begun = time.perf_counter()
    draw = random.Random(seed)
    env = simpy.Environment()
    count = {"offered": 0, "blocked": 0, "completed": 0, "in_use": 0}

    def call():
        yield env.timeout(RING_S)
        yield env.timeout(TALK_S)
        count["in_use"] -= 1
        count["completed"] += 1

    def arrivals():
        while True:
            yield env.timeout(draw.expovariate(BHCC / 3600.0))
            if env.now >= hours * 3600.0:
                return
            count["offered"] += 1
            if count["in_use"] == CHANNELS:
                count["blocked"] += 1
            else:
                count["in_use"] += 1
                env.process(call())

    env.process(arrivals())
    env.run()
    print(count["offered"], count["blocked"], count["completed"], f"{time.perf_counter() - begun:.6f}")


main()
