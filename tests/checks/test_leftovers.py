from __future__ import annotations

import pytest

from scanner.facts.paths import PathState
from scanner.target import Role
from tests.checks.rows import Row, passes, unknown, warns
from tests.hosts import leftovers

NET_D, CNI = "/etc/cni/net.d", "/var/lib/cni"
CONFIG, PKI = "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/pki"
FULL, EMPTY = PathState.DIR_NOT_EMPTY, PathState.DIR_EMPTY
HIDDEN, UNREADABLE = PathState.HIDDEN, PathState.DIR_UNREADABLE

ROWS = (
    passes("KS315"),
    passes("KS315", leftovers(states={NET_D: EMPTY, CNI: EMPTY, PKI: EMPTY})),
    passes("KS315", leftovers(states={NET_D: FULL})),  # a package's dotfile
    passes("KS315", leftovers(states={CONFIG: PathState.BLOCKED})),
    warns("KS315", leftovers(states={NET_D: FULL}, configs=("a.conf", "b")), words="a.conf, b"),
    warns("KS315", leftovers(states={CNI: FULL}), words=CNI),
    warns("KS315", leftovers(states={CONFIG: PathState.FILE}), role=Role.JOIN_WORKER),
    warns("KS315", leftovers(states={PKI: FULL}), role=Role.JOIN_CONTROL_PLANE),
    warns("KS315", leftovers(interfaces=("cni0", "cali1a2b")), words="cni0, cali1a2b"),
    warns("KS315", leftovers(states={CNI: FULL, PKI: FULL}), severities="WW"),
    warns("KS315", leftovers(states={CNI: FULL}), version="v1.31.0"),
    unknown("KS315", leftovers(states={CONFIG: HIDDEN, PKI: HIDDEN}), words="without root"),
    unknown("KS315", leftovers(states={CNI: UNREADABLE, NET_D: FULL}, configs=("a",)), words="a"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_leftovers(row: Row) -> None:
    row.prove()
