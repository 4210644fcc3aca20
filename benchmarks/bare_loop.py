"""kscan beside a bare asyncssh loop that sends the same script to the same hosts, in one run.

`python benchmarks/bare_loop.py [--hosts 50] [--runs 5]`. Each figure is a whole process: start-up,
handshakes, probe, and for kscan judging and the JSON report too. The two take turns, so that a
machine whose speed drifts does not favour one; what counts is the ratio.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.targets import Targets, missing, targets

LOOP = """
import asyncio, sys, asyncssh
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login

async def main(port, key, *addresses):
    keys = [asyncssh.read_private_key(key)]
    gate = asyncio.Semaphore(100)
    async def one(address):
        script = build(Cluster(), Host("h", Login(address)))
        async with gate, asyncssh.connect(address, int(port), username="root", client_keys=keys,
                known_hosts=None, config=None, agent_path=None) as connection:
            done = await connection.run("sh -s", input=script.text, encoding=None)
            assert done.stdout.rstrip().endswith(script.last_line)
    await asyncio.gather(*map(one, addresses))

asyncio.run(main(*sys.argv[1:]))
"""


def inventory(where: Targets, count: int) -> Path:
    """The targets as an inventory."""
    hosts = "\n".join(
        f"  - {{name: n{n}, address: {address}}}" for n, address in enumerate(where.addresses, 1)
    )
    path = where.folder / f"inventory-{count}.yaml"
    path.write_text(
        f"defaults: {{user: root, port: {where.port}, identityFile: {where.key}}}\n"
        f"hosts:\n{hosts}\n",
        encoding="ascii",
    )
    return path


def known_hosts(where: Targets, strangers: int) -> None:
    """Write ~/.ssh/known_hosts of a private HOME: the targets, after hashed entries of others."""
    lines = [f"{_hashed(f'other{n}.example')} {_other_key()}" for n in range(strangers)]
    lines += [
        f"{_hashed(f'[{address}]:{where.port}')} {where.host_key}" for address in where.addresses
    ]
    folder = where.folder / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "known_hosts").write_text("\n".join(lines) + "\n", encoding="ascii")


def _hashed(name: str) -> str:
    salt = secrets.token_bytes(20)
    digest = hmac.digest(salt, name.encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _other_key() -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + secrets.token_bytes(32)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def timed(command: Sequence[str], home: Path) -> tuple[float, float]:
    """Wall and client CPU seconds of a process; its exit status must be 0, 3 or 4."""
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, "HOME": str(home)}, capture_output=True, check=False
    )
    wall = time.perf_counter() - began
    after = os.times()
    if done.returncode not in {0, 3, 4}:
        sys.exit(done.stderr.decode())
    cpu = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    return wall, cpu


def compare(where: Targets, runs: int) -> None:
    """Let the two take turns and print medians and the ratio of each pair."""
    report = where.folder / "report.json"
    ours = [sys.executable, "-m", "scanner", "check", str(inventory(where, len(where.addresses)))]
    ours += ["--format", "json", "--output", str(report), "--quiet"]
    bare = [sys.executable, "-c", LOOP, str(where.port), str(where.key), *where.addresses]
    pairs = [(timed(ours, where.folder), timed(bare, where.folder)) for _ in range(runs + 1)][1:]
    summary = json.loads(report.read_text())["summary"]["hosts"]
    if summary["unreachable"] or summary["total"] != len(where.addresses):
        sys.exit(f"kscan did not do the work: {summary}")
    for what, column in (("wall", 0), ("client CPU", 1)):
        kscan = statistics.median(pair[0][column] for pair in pairs)
        loop = statistics.median(pair[1][column] for pair in pairs)
        ratio = statistics.median(pair[0][column] / pair[1][column] for pair in pairs)
        print(f"  {what:10}  kscan {kscan:6.2f} s   bare loop {loop:6.2f} s   ratio {ratio:.2f}")


def main() -> None:
    """Run with a known_hosts of the targets alone, and with 5,000 hashed strangers before them."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--hosts", type=int, default=50)
    options.add_argument("--runs", type=int, default=5)
    asked = options.parse_args()
    if (reason := missing()) is not None:
        sys.exit(reason)
    with targets(asked.hosts) as where:
        for strangers in (0, 5000):
            known_hosts(where, strangers)
            print(f"{asked.hosts} hosts, known_hosts with {strangers} other hashed entries:")
            compare(where, asked.runs)


if __name__ == "__main__":
    main()
