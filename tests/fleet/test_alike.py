"""One kernel, system, runtime, kubelet and cgroup driver in each role."""

from __future__ import annotations

import pytest

from scanner.fleet.record import Runtime
from scanner.verdict import Verdict
from tests.fleet.fleets import fleet, judged

FIELDS = {
    "KS721": ("kernel", "5.10.0"),
    "KS722": ("operating_system", "Debian GNU/Linux 11"),
    "KS723": ("runtime", Runtime("containerd", "1.7.0")),
    "KS724": ("kubelet", ""),
    "KS725": ("cgroup_driver", "cgroupfs"),
}


@pytest.mark.parametrize("check", FIELDS)
def test_the_hosts_that_differ_are_named(check: str) -> None:
    name, value = FIELDS[check]
    assert judged(check, fleet(8)).verdict is Verdict.PASS
    result = judged(check, fleet(8, {6: {name: value}, 8: {name: value}}))
    assert (result.verdict, result.hosts) == (Verdict.WARN, ("node6", "node8"))
    (finding,) = result.findings
    assert finding.message.startswith("the workers have 2 different values of ")
    assert finding.message.endswith(" on 2")
    assert (" on 3, " in finding.message) is True


@pytest.mark.parametrize("check", FIELDS)
def test_roles_may_differ(check: str) -> None:
    name, value = FIELDS[check]
    planes = {number: {name: value} for number in (1, 2, 3)}
    assert judged(check, fleet(6, planes)).verdict is Verdict.PASS


@pytest.mark.parametrize("check", FIELDS)
def test_both_roles_have_a_finding_of_their_own(check: str) -> None:
    name, value = FIELDS[check]
    result = judged(check, fleet(8, {1: {name: value}, 8: {name: value}}))
    assert [finding.hosts for finding in result.findings] == [("node1",), ("node8",)]


@pytest.mark.parametrize("check", FIELDS)
def test_a_host_alone_in_its_role_need_not_be_known(check: str) -> None:
    assert judged(check, fleet(4, unreached=(4,))).verdict is Verdict.PASS
    assert judged(check, fleet(5, unreached=(4,))).verdict is Verdict.UNKNOWN


def test_many_values_are_counted() -> None:
    spoiled = {number: {"kernel": f"6.1.{number}"} for number in range(4, 10)}
    (finding,) = judged("KS721", fleet(9, spoiled)).findings
    assert "have 6 different values" in finding.message
    assert "and 3 others" in finding.message


def test_cgroup_drivers_that_nobody_is_asked_for() -> None:
    nobody = {number: {"cgroup_driver": None} for number in range(1, 6)}
    assert judged("KS725", fleet(5, nobody)).verdict is Verdict.SKIP
