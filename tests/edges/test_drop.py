"""What a firewall does to dials, in a network of its own that has the loopback device only."""

from __future__ import annotations

import os
import shutil

import pytest

from scanner.edges.plan import Dial
from tests.edges.on_host import PROGRAMS, OnHost

pytestmark = pytest.mark.e2e

RULES = (
    *("INPUT -p tcp --dport 1001 -j DROP", "INPUT -p udp --dport 1002 -j DROP"),
    "INPUT -p tcp --dport 1003 -j REJECT --reject-with icmp-port-unreachable",
    "INPUT -p tcp --dport 1004 -j REJECT --reject-with tcp-reset",
    "INPUT -p tcp --dport 1005 -j REJECT --reject-with icmp-host-prohibited",
    "INPUT -p tcp --dport 1006 -j REJECT --reject-with icmp-net-unreachable",
    "OUTPUT -p tcp --dport 1007 -j DROP",
)
ROUTES = ("blackhole 192.0.2.2", "prohibit 192.0.2.3", "unreachable 192.0.2.4")


@pytest.mark.parametrize("kind", PROGRAMS)
def test_each_kind_of_closed(kind: str) -> None:
    if os.geteuid() != 0 or shutil.which("iptables") is None:
        pytest.skip("needs root and iptables (Debian package)")
    rules = "".join(f"iptables -A {rule} && " for rule in RULES)
    routes = "".join(f"ip route add {route} && " for route in ROUTES)
    shell = ["unshare", "--net", "sh", "-c", f"ip link set lo up && {rules}{routes} exec sh -s"]
    ports = "1000/tcp 1001/tcp 1002/udp 1003/tcp 1004/tcp 1005/tcp 1006/tcp 1007/tcp 1008/udp"
    with OnHost(kind, shell=shell) as host:
        host.ask(
            *("peer 0 - 22 127.0.0.1", f"dial 0 {ports}"),
            *("peer 1 - 22 192.0.2.1", "dial 1 6443/tcp 8472/udp"),
            *("peer 2 - 1001 127.0.0.1", "dial 2 1001/tcp"),
            *("peer 3 - 22 127.0.0.1", "dial 3 1001/tcp"),
            *("peer 4 - 22 192.0.2.2", "dial 4 6443/tcp 8472/udp"),
            *("peer 5 - 22 192.0.2.3", "dial 5 6443/tcp 8472/udp"),
            *("peer 6 - 22 192.0.2.4", "dial 6 6443/tcp 8472/udp"),
        )
        host.go()
        answer = host.end(
            Dial(0, tuple(range(9))),
            Dial(1, (0, 1)),
            Dial(2, (0,)),
            Dial(3, (0,)),
            *(Dial(n, (0, 1)) for n in (4, 5, 6)),
        )
    assert answer.dials == "rddrruudr" + "hh" + "d" + "d" + "hh" * 3
    assert answer.control == {2: "d", 3: "r"}
