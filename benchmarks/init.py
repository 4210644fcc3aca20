"""kscan beside the same kubeadm commands typed by hand: `make bench-init` (root, lab hosts).

One control plane and two workers, the same hosts in turns, reset between them. By hand means the
best order that there is: `kubeadm init`, then the network add-on and both joins at the same time,
then one wait for all nodes; no time is lost between two commands, and none of them goes over SSH.
Of kscan it is the time from the beginning of its `kubeadm init` to the last node that it saw Ready,
as it says on stderr; so its own connections, its journal, labels and the token are in it, and the
check before it is not.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.result import load, machine, write
from tests.e2e.init.fleet import CNI, KUBECTL, Fleet, fleet
from tests.lab import cluster, whole
from tests.lab.host import LabHost
from tests.lab.hosts import missing

BUDGET = 1.2
ROLES = ("control-plane", "worker", "worker")
BEGINS = re.compile(r"kscan: kubeadm init on \S+")
ENDS = re.compile(r"kscan: the node \S+ becomes Ready: done in .*")
_TOKEN = re.compile(r"--token (\S+)")
_HASH = re.compile(r"--discovery-token-ca-cert-hash (\S+)")


class NotDone(Exception):
    """A cluster was not made, so that its time would be worthless; the message says why."""


def join_command(printed: str) -> str:
    """What `kubeadm init` prints for workers, in one line.

    Raises:
        NotDone: it is not there.
    """
    token, digest = _TOKEN.search(printed), _HASH.search(printed)
    server = re.search(r"kubeadm join (\S+)", printed)
    if token is None or digest is None or server is None:
        raise NotDone("kubeadm init printed no join command")
    return f"kubeadm join {server[1]} --token {token[1]} --discovery-token-ca-cert-hash {digest[1]}"


def window(lines: Iterable[tuple[float, str]], nodes: int) -> float:
    """Seconds from the first change to the last node that is Ready.

    Args:
        lines: when each was said, in seconds of one clock, and what.
        nodes: how many there must be.

    Raises:
        NotDone: kubeadm init was not run, or not every node became Ready.
    """
    began, ends = None, []
    for when, line in lines:
        if began is None and BEGINS.fullmatch(line):
            began = when
        if ENDS.fullmatch(line):
            ends.append(when)
    if began is None or len(ends) != nodes:
        raise NotDone(f"kscan saw {len(ends)} of {nodes} nodes become Ready")
    return max(ends) - began


def by_hand(hosts: Sequence[LabHost]) -> float:
    """Type the commands; seconds."""
    first, *others = hosts
    documents: tuple[dict[str, object], ...] = (
        {
            "apiVersion": "kubeadm.k8s.io/v1beta2",
            "kind": "InitConfiguration",
            "localAPIEndpoint": {"advertiseAddress": first.address},
        },
        {
            "apiVersion": "kubeadm.k8s.io/v1beta2",
            "kind": "ClusterConfiguration",
            "kubernetesVersion": cluster.VERSION,
            "networking": {"podSubnet": whole.POD_SUBNET},
        },
        {
            # a network namespace may not change what all of them share
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "conntrack": {"maxPerCore": 0, "min": 0},
        },
    )
    first.write("/root/kubeadm.yaml", "---\n".join(json.dumps(one) + "\n" for one in documents))
    first.write("/root/cni.yaml", CNI)
    began = time.monotonic()
    command = join_command(first.run("kubeadm init --config /root/kubeadm.yaml"))
    with ThreadPoolExecutor() as hands:
        typed = [hands.submit(first.run, f"{KUBECTL} apply -f /root/cni.yaml")]
        typed += [hands.submit(host.run, command) for host in others]
        for one in typed:
            one.result()
    first.run(f"{KUBECTL} wait --for=condition=Ready node --all --timeout=100s")
    return time.monotonic() - began


def by_kscan(lab: Fleet) -> float:
    """Run `kscan init`; seconds of its window."""
    said: list[tuple[float, str]] = []
    with subprocess.Popen(
        lab.argv("init", "lab.yaml", "--yes", "--format", "json"),
        cwd=lab.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as kscan:
        said.extend((time.monotonic(), line.strip()) for line in kscan.stderr or ())
    if kscan.returncode != 0:
        raise NotDone("\n".join(line for _, line in said[-10:]))
    return window(said, len(lab.hosts))


def reset(lab: Fleet) -> None:
    """Make the hosts what they were; of both kinds of clusters."""
    names = [host.name for host in lab.hosts]
    done = lab.kscan("reset", *names, "-i", "lab.yaml", "--yes", within=900)
    if done.returncode != 0:
        raise NotDone(done.stderr[-2000:])


def text(hand: Sequence[float], kscan: Sequence[float]) -> str:
    """The rounds and their medians as a table, and the ratio."""
    rows = [
        f"| {name} | {', '.join(f'{one:.1f}' for one in times)} | {statistics.median(times):.1f} |"
        for name, times in (("by hand, in the best order", hand), ("kscan init", kscan))
    ]
    head = "| who | seconds of each round | median |\n|---|---|---:|"
    return "\n".join((head, *rows, "", f"Ratio {ratio(hand, kscan):.2f}, budget {BUDGET}."))


def ratio(hand: Sequence[float], kscan: Sequence[float]) -> float:
    """Of the medians."""
    return statistics.median(kscan) / statistics.median(hand)


def main() -> int:
    """Take turns; 1 if kscan is over the budget."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="keep the result in docs/")
    asked = options.parse_args()
    if (reason := missing()) is not None:
        sys.exit(reason)
    hand: list[float] = []
    kscan: list[float] = []
    before = load()
    with (
        tempfile.TemporaryDirectory(prefix="kscan-init-") as home,
        fleet(Path(home), *ROLES) as lab,
    ):
        for _ in range(asked.rounds):
            hand.append(by_hand(lab.hosts))
            reset(lab)
            kscan.append(by_kscan(lab))
            reset(lab)
            print(f"by hand {hand[-1]:.1f} s, kscan {kscan[-1]:.1f} s", flush=True)
    result = text(hand, kscan)
    print(result)
    if asked.write:
        write("init", f"{machine()}\n\nLoad average {before} before, {load()} after.\n\n{result}")
    return int(ratio(hand, kscan) > BUDGET)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotDone as error:
        sys.exit(f"no figures: {error}")
