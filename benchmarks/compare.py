"""kscan beside its peers on the same hosts in one run: `make bench`.

Each figure is a whole process tree: start-up, logins, the probe, and for kscan judging and the
JSON report too. Bounded by `--minutes`; a round that would not end in time is not begun.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress

from benchmarks.fleet import DELAYED, fleet, write_known_hosts
from benchmarks.peers import PEERS, Peer
from benchmarks.result import load, machine, table, write
from benchmarks.rounds import DidNotDoTheWork, compare, once
from benchmarks.targets import missing, targets


def part(title: str, command: str, peers: list[Peer], asked: argparse.Namespace) -> str:
    """One kind of hosts: its rounds as a table."""
    until = time.monotonic() + asked.minutes * 30
    with targets(asked.hosts, command=command) as where:
        write_known_hosts(where, asked.strangers)
        few = fleet(where, 2)
        for peer in peers:  # whatever is only done once, such as compiling Python, is done here
            with suppress(DidNotDoTheWork):  # the rounds tell
                once(peer, few)
        before = load()
        found = compare(peers, fleet(where, asked.hosts), asked.runs, until)
    note = "".join(f"\nNo figures of one round: {failure}." for failure in found.failures)
    text = f"{title} Load average {before} before, {load()} after.{note}\n\n{table(found.figures)}"
    print(f"{text}\n", flush=True)
    return text


def main() -> None:
    """Measure hosts that answer at once, and hosts that take a second for it."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--hosts", type=int, default=254)
    options.add_argument("--runs", type=int, default=3, help="rounds, if there is time for them")
    options.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    options.add_argument("--minutes", type=float, default=15, help="half of it for each part")
    options.add_argument("--strangers", type=int, default=0, help="hashed lines of known_hosts")
    options.add_argument("--write", action="store_true", help="keep the result in docs/")
    asked = options.parse_args()
    if (reason := missing()) is not None:
        sys.exit(reason)
    peers = [PEERS[name] for name in asked.peers]
    parts = (
        part(f"{asked.hosts} hosts.", "", peers, asked),
        part(f"{asked.hosts} hosts, where each command waits a second.", DELAYED, peers, asked),
    )
    if asked.write:
        write("peers", "\n\n".join((machine(), *parts)))


if __name__ == "__main__":
    main()
