"""Where kscan is killed: the lines of its own after which it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.e2e.init.fleet import PROOF

ALL = ("node1", "node2", "node3")


@dataclass(frozen=True, slots=True)
class Round:
    """One command, where it is killed, and what there is at its end."""

    words: tuple[str, ...]
    phases: tuple[tuple[str, float], ...]
    """What it says, and seconds after that; in the order in which runs come to it.

    What runs detached is killed in its middle: if it had not begun, the next run would begin it.
    """
    nodes: tuple[str, ...]
    runs: Counter[str]
    """How often kubeadm was run, by its command; `reset` may be repeated."""
    missed: int = 0
    """So many may be over already: what a run was killed in may have ended well."""


BEFORE_JOINS = (
    ("admin.conf of node1 to this machine", 0.1),
    ("a bootstrap token for the joins, on node1", 0.1),
    ("what a run that was ended has left in the cluster revoked, on node1", 0.1),
    ("the control plane's certificates, encrypted, into the cluster, on node1", 0.1),
    ("what a run that was ended has left in the cluster revoked, on node1", 0.1),
)
JOINS = (
    ("kubeadm join of the control plane node2", 6.0),
    ("kubeadm join of the worker node3", 2.0),
    ("labels of the node node[123]", 0.1),
    ("the node node[123] becomes Ready", 0.1),
)
AT_THE_END = (
    (PROOF, 0.1),
    ("the token revoked, on node1", 0.1),
)

ROUNDS = {
    "init": Round(
        ("init", "lab.yaml", "--network", "off"),
        (
            ("kubeadm init on node1", 4.0),
            ("the network add-on applied, on node1", 0.1),
            *BEFORE_JOINS,
            *JOINS,
            ("the network add-on rolled out, on node1", 0.1),
            ("kube-proxy and DNS rolled out, on node1", 0.1),
            ("the add-ons applied, on node1", 0.1),
            ("the add-ons rolled out, on node1", 0.1),
            *AT_THE_END,
        ),
        ALL,
        Counter(init=1, join=2),
        missed=2,
    ),
    "reset": Round(
        ("reset", "node2", "node3", "-i", "lab.yaml"),
        (
            ("pods moved away from node3", 0.1),
            ("pods moved away from node2", 0.1),
            ("kubeadm reset on node3, and what it leaves removed", 4.0),
            ("kubeadm reset on node2, and what it leaves removed", 4.0),
            ("the cluster without the node node3", 0.1),
            ("the cluster without the node node2", 0.1),
        ),
        ("node1",),
        Counter(),
        missed=1,
    ),
    "join": Round(
        ("join", "node2", "node3", "-i", "lab.yaml", "--network", "off"),
        (*BEFORE_JOINS, *JOINS, *AT_THE_END),
        ALL,
        Counter(join=2),
        missed=2,
    ),
    "reset of the control plane": Round(
        ("reset", "node2", "-i", "lab.yaml"), (), ("node1", "node3"), Counter()
    ),
    "join, its certificates": Round(
        ("join", "node2", "-i", "lab.yaml", "--network", "off"),
        (("the certificates taken out of the cluster, on node1", 0.0),),
        ALL,
        Counter(join=1),
    ),
}

PHASES = (
    "kubeadm init on node1",
    "admin.conf of node1 to this machine",
    "the network add-on applied, on node1",
    "a bootstrap token for the joins, on node1",
    "kubeadm join of the worker node[23]",
    "labels of the node node[123]",
    "the node node[123] becomes Ready",
    "the network add-on rolled out, on node1",
    "kube-proxy and DNS rolled out, on node1",
    "the add-ons applied, on node1",
    "the add-ons rolled out, on node1",
    PROOF,
    "the token revoked, on node1",
)
"""Of `init` with one control plane and two workers, each 0.1 s after it is said."""
