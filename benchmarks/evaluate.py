"""How long the whole catalogue takes for one host: facts and target in, results out.

    python -m benchmarks.evaluate

The budget is 1 ms for a host. Printed is the best of several rounds, as timeit advises: what is
slower was disturbed by others on the machine.
"""

from __future__ import annotations

import sys
import time
import timeit

from scanner.checks import CATALOGUE
from scanner.evaluate import evaluate
from scanner.facts.base import Facts
from scanner.target import Role
from tests.faults import FAULTS, together
from tests.hosts import facts, kubeadm, kubelet, target

VERSIONS = ("v1.20.2", "v1.31.0", "v1.37.0")
ROUNDS, TIMES = 60, 25
BUDGET_US = 1000


def bad(good: Facts) -> Facts:
    """A host on which everything is wrong that can be wrong at once."""
    return together({fault.thing: fault for fault in FAULTS}.values(), good)


def microseconds(version: str, role: Role, host: Facts) -> float:
    """The time for one host; the first run, which fills what is asked once a run, is left out."""
    judged = target(version, role)
    evaluate(CATALOGUE, host, judged)
    runs = timeit.repeat(
        lambda: evaluate(CATALOGUE, host, judged),
        timer=time.process_time,
        repeat=ROUNDS,
        number=TIMES,
    )
    return min(runs) / TIMES * 1e6


def main() -> int:
    """Print one line for each version, role and host; 1 if one of them is over the budget."""
    slowest = 0.0
    print(f"{'kubeadm':8} {'role':19} {'good':>8} {'bad':>8}   us for one host")
    for version in VERSIONS:
        good = facts(kubeadm(version), kubelet(version))
        for role in Role:
            times = [microseconds(version, role, host) for host in (good, bad(good))]
            slowest = max(slowest, *times)
            print(f"{version:8} {role:19} {times[0]:8.0f} {times[1]:8.0f}")
    print(f"slowest {slowest:.0f} us, budget {BUDGET_US} us")
    return int(slowest > BUDGET_US)


if __name__ == "__main__":
    sys.exit(main())
