"""May something be changed, and what is known of the hosts for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.cluster.gate import blocked_by
from scanner.cluster.make_plan import Taken, make_plan
from scanner.cluster.plan import Member
from scanner.cluster.sources import Sources
from scanner.errors import ClusterError
from scanner.evaluate import Ignored, Result
from scanner.fleet.judge import FleetResult
from scanner.membership import Membership, State
from scanner.report import HostReport, HostStatus
from scanner.request import Ignore, NodeRole, Request
from scanner.target import Role
from scanner.verdict import Verdict
from tests.cluster.machine import host, member
from tests.cluster.reports import report, row

IGNORED = Ignored("a test", "")
CLEAN = Result("KS315", None, "", Verdict.PASS, "")


def result(
    name: str, verdict: Verdict = Verdict.PASS, *, ignored: bool = False, blocking: bool = False
) -> Result:
    own = name if name.startswith("KS") else "KS100"
    kubeadm = None if name.startswith("KS") else name
    return Result(
        own,
        kubeadm,
        name,
        verdict,
        f"{name} says so",
        blocking=blocking,
        ignored=IGNORED if ignored else None,
    )


FAILED = result("Swap", Verdict.FAIL, blocking=True)
UNKNOWN = result("Mem", Verdict.UNKNOWN, blocking=True)


@pytest.mark.parametrize(
    ("hosts", "lines"),
    [
        ([row("a"), row("b", status=HostStatus.MEMBER)], []),
        ([row("a", result("Swap", Verdict.WARN))], []),
        ([row("a", result("Swap", Verdict.WARN, ignored=True))], []),
        ([row("a", result("x", Verdict.UNKNOWN))], []),
        ([row("a", FAILED, status=HostStatus.NOT_READY)], ["a: Swap: Swap says so"]),
        ([row("a", UNKNOWN)], ["a: Mem: not known: Mem says so"]),
        ([row("a"), row("b", status=HostStatus.UNREACHABLE)], ["b: unreachable: why"]),
        ([row("a", status=HostStatus.HALF_DONE)], ["a: halfDone"]),
        ([row("a", FAILED, status=HostStatus.MEMBER)], ["a: Swap: Swap says so"]),
    ],
)
def test_what_forbids_a_change(hosts: list[HostReport], lines: list[str]) -> None:
    assert [*blocked_by(report(*hosts))] == lines


def fleet_result(verdict: Verdict, *, ignored: bool = False, blocking: bool = False) -> FleetResult:
    return FleetResult(
        "KS701",
        "",
        verdict,
        "two are one",
        ("a", "b"),
        ignored=IGNORED if ignored else None,
        blocking=blocking,
    )


@pytest.mark.parametrize(
    ("found", "forbids"),
    [
        (fleet_result(Verdict.PASS), False),
        (fleet_result(Verdict.WARN), False),
        (fleet_result(Verdict.FAIL, blocking=True), True),
        (fleet_result(Verdict.UNKNOWN, blocking=True), True),
        (fleet_result(Verdict.UNKNOWN), False),
        (fleet_result(Verdict.WARN, ignored=True), False),
    ],
)
def test_what_is_wrong_between_hosts_forbids_it_too(found: FleetResult, *, forbids: bool) -> None:
    lines = [*blocked_by(report(row("a"), fleet=(found,)))]
    assert lines == (["between hosts: KS701: two are one"] if forbids else [])


def test_a_check_that_was_interrupted_forbids_it() -> None:
    assert [*blocked_by(report(row("a"), complete=False))] == ["the check was interrupted"]


def taken(*names: str, joined: frozenset[str] = frozenset()) -> Taken:
    found = Taken()
    for number, name in enumerate(names):
        target = member(name, Role.JOIN_WORKER if number else Role.INIT).target
        state = State.MEMBER if name in joined else State.NONE
        found.targets[name] = replace(target, membership=Membership(state))
    return found


def planned(
    *rows: HostReport, ignore: tuple[Ignore, ...] = (), joined: str = ""
) -> dict[str, Member]:
    names = [one.name for one in rows]
    hosts = tuple(
        host(name, NodeRole.WORKER if number else NodeRole.CONTROL_PLANE)
        for number, name in enumerate(names)
    )
    made = make_plan(
        Request(hosts, ignore=ignore),
        taken(*names, joined=frozenset({joined})),
        rows,
        Sources(),
        kubeconfig="",
    )
    return {one.name: one for one in made.members}


def test_members_are_not_joined_again() -> None:
    found = planned(row("a", status=HostStatus.MEMBER), row("b"), joined="a")
    assert [found[name].joined for name in ("a", "b")] == [True, False]


@pytest.mark.parametrize(
    ("results", "status", "clean"),
    [
        ((CLEAN,), HostStatus.READY, True),
        ((CLEAN, result("Swap", Verdict.WARN, ignored=True)), HostStatus.READY, True),
        ((), HostStatus.READY, False),
        ((replace(CLEAN, verdict=Verdict.WARN),), HostStatus.READY, False),
        ((replace(CLEAN, verdict=Verdict.UNKNOWN),), HostStatus.READY, False),
        ((CLEAN,), HostStatus.MEMBER, False),
        (
            (CLEAN, result("DirAvailable--var-lib-etcd", Verdict.WARN, ignored=True)),
            HostStatus.READY,
            False,
        ),
        ((CLEAN, result("Port-10250", Verdict.WARN, ignored=True)), HostStatus.READY, False),
        ((CLEAN, result("KS317", Verdict.WARN, ignored=True)), HostStatus.READY, False),
    ],
)
def test_a_host_is_clean_where_nothing_of_a_cluster_was_found_or_overlooked(
    results: tuple[Result, ...], status: HostStatus, *, clean: bool
) -> None:
    """Else undoing what kscan has begun could delete what was there before."""
    found = planned(row("a", *results, status=status))
    assert found["a"].clean is clean


def test_what_kubeadm_is_told_to_ignore() -> None:
    swap = result("Swap", Verdict.WARN, ignored=True)
    entries = (
        Ignore("ImagePull"),
        Ignore("KS731"),
        Ignore("Mem", frozenset({"b"})),
        Ignore("Swap"),
    )
    found = planned(row("a", swap), row("b"), ignore=entries)
    assert found["a"].ignored == ("Swap", "ImagePull")
    assert found["b"].ignored == ("ImagePull", "Mem", "Swap")


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (("Swap", "all"), ("all",)),
        (("ALL", "Mem"), ("all",)),
        (("swap", "Swap", "Mem", "mem"), ("swap", "Mem")),
    ],
)
def test_kubeadm_takes_no_other_name_beside_all(
    names: tuple[str, ...], given: tuple[str, ...]
) -> None:
    found = planned(row("a"), ignore=tuple(map(Ignore, names)))
    assert found["a"].ignored == given


def test_without_a_master_there_is_no_plan() -> None:
    with pytest.raises(ClusterError, match="no host is there for kubeadm init"):
        make_plan(Request((host("a"),)), taken("a"), (row("a"),), Sources(), kubeconfig="")
