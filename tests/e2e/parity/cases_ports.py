"""Ports that a program holds already, on any one address."""

from __future__ import annotations

from tests.e2e.parity.case import Case, Cluster, Phase, row
from tests.lab.faults import PORT_6443_HELD, PORT_10250_HELD, port_held

HELD_7443 = port_held(7443, "127.0.0.1")
ANOTHER_PORT = Cluster(bind_port=7443)

CASES = (
    row(PORT_6443_HELD),
    row(port_held(6443, "[::1]")),
    row(PORT_10250_HELD),
    row(port_held(10259, "127.0.0.1")),
    row(port_held(10257, "[::1]")),
    row(port_held(2379, "[::1]")),
    row(port_held(2380, "127.0.0.1")),
    row(port_held(10251, "127.0.0.1")),
    Case("bindPort 7443, held", (HELD_7443,), cluster=ANOTHER_PORT),
    Case("bindPort 7443, 6443 held", (PORT_6443_HELD,), cluster=ANOTHER_PORT),
    Case("bindPort 8443, free", cluster=Cluster(bind_port=8443)),
    row(PORT_10250_HELD, phase=Phase.WORKER),
    row(PORT_6443_HELD, phase=Phase.WORKER),
)
