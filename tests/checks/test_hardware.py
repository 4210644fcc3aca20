from __future__ import annotations

import pytest

from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, warns
from tests.hosts import NOBODY, ROOT

MIB = 1024

ROWS = (
    passes("KS101", ROOT),
    fails("KS101", NOBODY, words="user id 1000"),
    fails("KS101", NOBODY, role=Role.JOIN_WORKER),
    fails("KS102", Cpu(1), words="only 1"),
    passes("KS102", Cpu(2)),
    passes("KS102", Cpu(3)),
    fails("KS102", Cpu(1), role=Role.JOIN_CONTROL_PLANE),
    skips("KS102", Cpu(1), role=Role.JOIN_WORKER),
    fails("KS103", Memory(1699 * MIB)),
    fails("KS103", Memory(1700 * MIB - 1), words="1699 MiB"),
    passes("KS103", Memory(1700 * MIB)),
    passes("KS103", Memory(1700 * MIB + 1)),
    passes("KS103", Memory(1701 * MIB)),
    skips("KS103", Memory(1), role=Role.JOIN_WORKER),
    fails("KS103", Memory(1700 * MIB - 1), version="v1.37.0", role=Role.JOIN_CONTROL_PLANE),
    passes("KS104", Swap(())),
    passes("KS104", Swap((), readable=False)),
    fails("KS104", Swap(("/dev/sda2",)), words="/dev/sda2"),
    fails("KS104", Swap(("/dev/sda2",)), version="v1.22.17"),
    warns("KS104", Swap(("/dev/sda2",)), version="v1.23.0"),
    warns("KS104", Swap(("/dev/sda2", "/swap")), version="v1.31.0", role=Role.JOIN_WORKER),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_hardware(row: Row) -> None:
    row.prove()


def test_a_login_without_root_does_not_hide_what_it_can_see() -> None:
    assert fails("KS102", NOBODY, Cpu(1)).result().verdict == "fail"
