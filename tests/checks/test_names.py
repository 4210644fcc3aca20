from __future__ import annotations

import pytest

from scanner.checks import CATALOGUE
from scanner.checks.names import find, nearest
from scanner.target import Role
from tests.hosts import target


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Swap", ["KS104"]),
        ("ks104", ["KS104"]),
        ("KS304", ["KS304"]),
        ("Port-2379", ["KS304"]),
        ("port-6443", ["KS301"]),
        ("Port-8443", ["KS301"]),
        ("Port-10250", ["KS303"]),
        ("port-10259", ["KS302"]),
        ("Port-10251", ["KS302"]),
        ("Port-99999", []),
        ("Port-0", []),
        ("Port-*", ["KS301", "KS302", "KS303", "KS304"]),
        ("FileExisting-conntrack", ["KS321"]),
        ("FileExisting-nothing", []),
        ("HTTPProxyCIDR", ["KS502"]),
        ("FileContent--proc-sys-net-ipv4-ip_forward", ["KS401"]),
        ("FileAvailable--etc-kubernetes-manifests-etcd.yaml", ["KS311"]),
        ("FileAvailable--etc-kubernetes-kubelet.conf", ["KS313"]),
        ("DirAvailable--etc-kubernetes-manifests", ["KS312"]),
        ("DirAvailable--var-lib-etcd", ["KS601"]),
        ("DirAvailable--data-etcd", ["KS601"]),
        ("DirAvailable-data", []),
        ("Swop", []),
        ("", []),
    ],
)
def test_a_name_finds_just_the_checks_that_have_it(name: str, expected: list[str]) -> None:
    assert [check.id for check in find(CATALOGUE, name)] == expected


def test_every_name_that_a_host_is_shown_is_found() -> None:
    for role in Role:
        on = target("v1.20.2", role)
        for check in CATALOGUE:
            for subject in check.asked(on):
                name = check.name(subject)
                assert name is None or check in find(CATALOGUE, name), name


@pytest.mark.parametrize(
    ("name", "near"),
    [("Swop", "Swap"), ("FileExisting-contrack", "FileExisting-conntrack"), ("KS3O4", "KS304")],
)
def test_the_nearest_names(name: str, near: str) -> None:
    assert near in nearest(CATALOGUE, name)
    assert len(nearest(CATALOGUE, name)) <= 3


def test_nothing_is_near_to_nonsense() -> None:
    assert nearest(CATALOGUE, "zzzzzzzz") == ()
