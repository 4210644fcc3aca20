from __future__ import annotations

import pytest

from scanner.facts.environment import Binaries
from scanner.request import ContainerRuntime
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import NOBODY, binaries
from tests.runtimes import CRI_DOCKERD_SOCKET

DOCKER = ContainerRuntime.DOCKER

ROWS = (
    passes("KS321", subject="conntrack"),
    fails("KS321", binaries("conntrack"), subject="conntrack", words="no executable conntrack"),
    warns("KS321", binaries("socat"), subject="socat"),
    warns("KS321", binaries("ethtool"), subject="ethtool", role=Role.JOIN_WORKER),
    fails("KS321", binaries("mount"), subject="mount", version="v1.37.0"),
    fails("KS321", binaries("losetup"), subject="losetup", version="v1.33.0"),
    # on root's PATH or not
    fails("KS321", binaries(elsewhere="ip"), subject="ip", words="/usr/sbin/ip"),
    unknown("KS321", NOBODY, binaries(elsewhere="ip"), subject="ip", words="root's PATH"),
    fails("KS321", NOBODY, binaries("ip"), subject="ip"),
    unknown("KS321", Binaries({}, {}, frozenset({"tc"})), subject="ip", words="not asked about ip"),
    # crictl: not with dockershim, an error until 1.30, a warning in 1.31
    fails("KS321", binaries("crictl"), subject="crictl"),
    passes("KS321", binaries("crictl"), subject="crictl", runtime=DOCKER),
    fails("KS321", binaries("crictl", "docker"), subject="crictl", runtime=DOCKER),
    fails(
        "KS321",
        binaries("crictl"),
        subject="crictl",
        runtime=DOCKER,
        socket=CRI_DOCKERD_SOCKET,
    ),
    fails("KS321", binaries("crictl"), subject="crictl", runtime=DOCKER, version="v1.24.0"),
    fails("KS321", binaries("crictl"), subject="crictl", version="v1.30.14"),
    warns("KS321", binaries("crictl"), subject="crictl", version="v1.31.0"),
    # conntrack of 1.32: only on init, and only for an older Kubernetes
    fails("KS321", binaries("conntrack"), subject="conntrack", version="v1.31.9"),
    skips("KS321", binaries("conntrack"), subject="conntrack", version="v1.32.0"),
    fails(
        "KS321",
        binaries("conntrack"),
        subject="conntrack",
        version="v1.32.0",
        kubernetes="v1.31.9",
    ),
    skips(
        "KS321",
        binaries("conntrack"),
        subject="conntrack",
        version="v1.32.0",
        kubernetes="v1.31.9",
        role=Role.JOIN_WORKER,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_programs(row: Row) -> None:
    row.prove()
