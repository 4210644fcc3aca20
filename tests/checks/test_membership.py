"""What a check says of a member: its ports and files are where they belong."""

from __future__ import annotations

import pytest

from scanner.checks import CATALOGUE
from scanner.evaluate import evaluate
from scanner.membership import Membership, State
from scanner.target import Role
from scanner.verdict import Verdict
from tests.checks.rows import Row, fails, passes, skips, unknown
from tests.hosts import facts, paths, target
from tests.members import CONTROL_PLANE_PORTS, held, member, node
from tests.runtimes import images, runtime

MEMBER = Membership(State.MEMBER, ("all of it",))
HALF = Membership(State.HALF_DONE, ("/etc/kubernetes/kubelet.conf",), ("a healthy kubelet",))
OTHER = Membership(State.OTHER_CLUSTER, ("a healthy kubelet",), ("the cluster's CA",))
BLIND = Membership(State.UNKNOWN, unknown=("its CA (it cannot be read)",))
FULL = member(CONTROL_PLANE_PORTS)
STOLEN = {**CONTROL_PLANE_PORTS, 2380: "kubelet"}
ETC = "/etc/kubernetes"

ROWS = (
    passes("KS317"),
    passes("KS317", membership=MEMBER),
    fails("KS317", membership=HALF, severities="E", words="but not a healthy kubelet"),
    fails("KS317", membership=OTHER, role=Role.JOIN_WORKER, words="another cluster"),
    unknown("KS317", membership=BLIND, words="cannot be read"),
    passes("KS301", *FULL, subject="6443", membership=MEMBER),
    fails("KS301", *FULL, subject="6443", membership=HALF),
    fails("KS301", *FULL, subject="6443"),
    passes("KS301", *FULL, subject="6443", membership=MEMBER, version="v1.37.0"),
    passes("KS302", *FULL, subject="10257", membership=MEMBER),
    passes("KS302", *FULL, subject="10259", membership=MEMBER),
    passes("KS303", *FULL, subject="10250", membership=MEMBER),
    passes("KS304", *FULL, subject="2379", membership=MEMBER),
    fails("KS304", *FULL, node(STOLEN), subject="2380", membership=MEMBER, words="by kubelet"),
    fails(
        *("KS303", *FULL, node({6443: "kube-apiserver"})),
        subject="10250",
        membership=MEMBER,
        words="another process",
    ),
    unknown(
        *("KS303", *FULL, node({6443: "kube-apiserver"}, busy=frozenset({"kubelet"}))),
        subject="10250",
        membership=MEMBER,
        words="too many open files",
    ),
    passes("KS303", *FULL, held({}), subject="10250", membership=MEMBER),
    passes("KS311", *FULL, subject=f"{ETC}/manifests/etcd.yaml", membership=MEMBER),
    fails("KS311", *FULL, subject=f"{ETC}/manifests/etcd.yaml", membership=HALF),
    passes(
        *("KS312", *FULL),
        subject=f"{ETC}/manifests",
        membership=MEMBER,
        role=Role.JOIN_CONTROL_PLANE,
    ),
    passes("KS313", *FULL, subject=f"{ETC}/kubelet.conf", membership=MEMBER, role=Role.JOIN_WORKER),
    passes("KS314", *FULL, subject=f"{ETC}/pki/ca.crt", membership=MEMBER, role=Role.JOIN_WORKER),
    passes("KS601", *FULL, subject="/var/lib/etcd", membership=MEMBER),
    skips("KS315", *FULL, membership=MEMBER, words="member"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_membership(row: Row) -> None:
    row.prove()


def test_half_done_and_another_cluster_have_different_ways_out() -> None:
    half, other = ROWS[2].result(), ROWS[3].result()
    assert "kubeadm reset" in half.remedy
    assert "inventory" in other.remedy


@pytest.mark.parametrize("role", Role)
def test_a_member_fails_nothing(role: Role) -> None:
    found = facts(*FULL, runtime(images("v1.20.2")))
    results = evaluate(CATALOGUE, found, target(role=role, membership=MEMBER))
    assert [result for result in results if result.verdict is Verdict.FAIL] == []
    assert {result.verdict for result in results if result.kubeadm} <= {Verdict.PASS, Verdict.SKIP}


def test_a_host_that_only_looks_like_one_fails_as_kubeadm_says() -> None:
    results = evaluate(CATALOGUE, facts(*FULL, paths()), target(membership=HALF))
    failed = {result.kubeadm for result in results if result.verdict is Verdict.FAIL}
    assert {"Port-6443", "Port-10250", "Port-2379"} <= failed
