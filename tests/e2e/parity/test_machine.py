"""Parity on a virtual machine with a kernel of its own, booted as each table needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.parity import kubeadm
from tests.e2e.parity.bench import Bench
from tests.e2e.parity.case import Case
from tests.e2e.parity.cases_machine import (
    CGROUP_V1,
    CGROUP_V1_ROWS,
    CGROUP_V2,
    OWN,
    SMALL,
    SMALL_ROWS,
)
from tests.lab import qemu
from tests.lab.qemu import Hardware

pytestmark = pytest.mark.e2e

MACHINES: tuple[tuple[Hardware, tuple[Case, ...]], ...] = (
    (Hardware(), CGROUP_V2),
    (SMALL, SMALL_ROWS),
    (CGROUP_V1, CGROUP_V1_ROWS),
)


@pytest.fixture(scope="module")
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    if (reason := qemu.missing()) is not None:
        pytest.skip(reason)
    with Bench.machine(tmp_path_factory.mktemp("home"), request.param) as running:
        yield running


# By the machine first, so that each boots once.
@pytest.mark.parametrize(
    ("machine", "case"),
    [(hardware, case) for hardware, cases in MACHINES for case in cases],
    indirect=["machine"],
    ids=str,
    scope="module",
)
def test_parity(machine: Bench, case: Case) -> None:
    said, report = machine.ask_with_faults(case)
    words = f"kubeadm:\n{said.words}\nkscan:\n{report.words}"
    assert said.started, words
    ours = kubeadm.stage(case, said, report.pairs)
    assert (said.pairs - ours, ours - said.pairs) == (case.only_kubeadm, case.only_kscan), words
    assert report.unknown == case.unknown, words
    assert {pair for pair in report.own if pair[1] in OWN} == case.own, words
