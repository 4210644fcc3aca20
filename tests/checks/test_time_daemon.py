from __future__ import annotations

import pytest

from scanner.facts.clock import Clock
from scanner.facts.services import InitSystem, Services, Unit
from tests.checks.rows import Row, passes, unknown, warns
from tests.hosts import UNIT_ABSENT, UNIT_STOPPED, UNIT_UP, services


def systemd(timesyncd: Unit = UNIT_STOPPED, **units: Unit) -> Services:
    return services(InitSystem.SYSTEMD, **{"systemd-timesyncd": timesyncd, **units})


CHRONY = systemd(chrony=UNIT_UP)


def clock(*synchronised: str, chronyd: str = "", ntpd: bool = False) -> Clock:
    return Clock(0.0, 1e-9, synchronised, chronyd, ntpd)


ROWS = (
    passes("KS205"),
    passes("KS205", CHRONY, clock("chronyd", chronyd="Normal")),
    passes("KS205", systemd(chronyd=UNIT_UP), clock("chronyd", chronyd="Insert second")),
    passes("KS205", services(ntp=UNIT_UP), clock("systemd-timesyncd")),
    warns("KS205", systemd(), clock("systemd-timesyncd"), words="no time daemon runs"),
    warns("KS205", systemd(UNIT_ABSENT), severities="W"),
    warns("KS205", clock(), words="systemd-timesyncd does not say"),
    warns("KS205", CHRONY, clock(chronyd="Not synchronised"), words="chronyd does not say"),
    unknown("KS205", CHRONY, clock(), words="could not be asked with chronyc"),
    passes("KS205", systemd(ntpsec=UNIT_UP), clock("ntpd", ntpd=True)),
    warns("KS205", systemd(ntp=UNIT_UP), clock(ntpd=True), words="ntpd does not say"),
    unknown("KS205", systemd(ntpsec=UNIT_UP), clock(), words="ntpd runs"),
    unknown("KS205", Services(InitSystem.SYSTEMD, {"kubelet": UNIT_UP}), words="was not asked"),
    unknown("KS205", Services(InitSystem.OPENRC, {"chronyd": UNIT_UP}), words="needs systemd"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_time_daemon(row: Row) -> None:
    row.prove()
