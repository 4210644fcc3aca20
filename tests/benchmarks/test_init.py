"""What would make the time of an init worthless is refused."""

from __future__ import annotations

import pytest

from benchmarks.init import NotDone, join_command, text, window

PRINTED = """\
Then you can join any number of worker nodes by running the following on each as root:

kubeadm join 10.77.0.11:6443 --token abcdef.0123456789abcdef \\
    --discovery-token-ca-cert-hash sha256:aa
"""
SAID = [
    (1.0, "kscan: admin.conf of node1 to this machine"),
    (2.0, "kscan: kubeadm init on node1"),
    (9.0, "kscan: kubeadm init on node1: done in 7.0 s"),
    (10.0, "kscan: the node node1 becomes Ready"),
    (12.0, "kscan: the node node1 becomes Ready: done in 2.0 s"),
    (14.0, "kscan: the node node2 becomes Ready: done in 4.0 s"),
    (20.0, "kscan: the token revoked, on node1: done in 1.0 s"),
]


def test_the_join_command_of_init() -> None:
    assert join_command(PRINTED) == (
        "kubeadm join 10.77.0.11:6443 --token abcdef.0123456789abcdef "
        "--discovery-token-ca-cert-hash sha256:aa"
    )
    with pytest.raises(NotDone, match="no join command"):
        join_command("[init] no")


def test_the_time_ends_with_the_last_node_that_is_ready() -> None:
    assert window(SAID, 2) == 12.0
    with pytest.raises(NotDone, match="2 of 3 nodes"):
        window(SAID, 3)
    with pytest.raises(NotDone):
        window(SAID[2:], 2)


def test_the_ratio_is_that_of_the_medians() -> None:
    shown = text([10.0, 20.0, 90.0], [24.0, 23.0, 25.0])
    assert "| kscan init | 24.0, 23.0, 25.0 | 24.0 |" in shown
    assert shown.endswith("Ratio 1.20, budget 1.2.")
