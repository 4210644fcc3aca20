"""Does a host cost the same among 254, 1,000 and 5,000: `make bench-scale`.

kscan and the bare loop, on hosts that answer with what a real host once answered: the probes of
5,000 hosts would else take the CPU of the client, which is on the same machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.fleet import fleet, recorded, write_known_hosts
from benchmarks.peers import BARE, KSCAN
from benchmarks.result import load, machine, table, write
from benchmarks.rounds import compare, once
from benchmarks.targets import missing, targets
from scanner.probe.capture import read

CAPTURE = Path(__file__).parent.parent / "scanner" / "demo" / "captures" / "node1.capture"


def main() -> None:
    """Print a table for each size."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--hosts", type=int, nargs="+", default=[254, 1000, 5000])
    options.add_argument("--runs", type=int, default=3, help="rounds, if there is time for them")
    options.add_argument("--minutes", type=float, default=15, help="for each size")
    options.add_argument("--write", action="store_true", help="keep the result in docs/")
    asked = options.parse_args()
    if (reason := missing()) is not None:
        sys.exit(reason)
    capture = read(CAPTURE)
    parts = []
    with tempfile.TemporaryDirectory(prefix="kscan-answer-") as name:
        command = recorded(capture.stdout, capture.boundary, Path(name))
        with targets(max(asked.hosts), command=command) as where:
            write_known_hosts(where)
            for peer in (KSCAN, BARE):
                once(peer, fleet(where, 2))
            for hosts in asked.hosts:
                before = load()
                until = time.monotonic() + asked.minutes * 60
                found = compare((KSCAN, BARE), fleet(where, hosts), asked.runs, until)
                if found.failures:
                    sys.exit("; ".join(found.failures))
                figures = found.figures
                text = f"Load average {before} before, {load()} after.\n\n{table(figures)}"
                print(f"{text}\n", flush=True)
                parts.append(text)
    if asked.write:
        write("scale", "\n\n".join((machine(), *parts)))


if __name__ == "__main__":
    main()
