from __future__ import annotations

import pytest

from scanner.facts.kernel import Modules
from scanner.request import Cluster, ProxyMode
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import binaries
from tests.kernels import kernel

IPVS = Cluster(proxy_mode=ProxyMode.IPVS)
FOUR = frozenset({"ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh"})
NONE = Modules(frozenset(), frozenset())
OLD = Modules(FOUR | {"nf_conntrack_ipv4"}, frozenset())
NEW = Modules(FOUR, frozenset({"nf_conntrack"}))
LOADED = Modules(FOUR | {"nf_conntrack"}, frozenset())
BUILT_IN = Modules(frozenset(), FOUR | {"nf_conntrack"})
OLD_TARGET = {"version": "v1.14.0", "cluster": IPVS}

ROWS = (
    passes("KS421", LOADED, kernel("4.19.0"), **OLD_TARGET),
    passes("KS421", BUILT_IN, kernel("4.19.0"), **OLD_TARGET),
    warns("KS421", NEW, kernel("4.19.0"), **OLD_TARGET, words=": nf_conntrack"),
    warns("KS421", OLD, kernel("4.19.0"), **OLD_TARGET, words=": nf_conntrack"),
    passes("KS421", OLD, kernel("4.18.0"), **OLD_TARGET),
    warns("KS421", NEW, kernel("4.18.0"), **OLD_TARGET, words="nf_conntrack_ipv4"),
    passes("KS421", LOADED, kernel("5.0.0"), **OLD_TARGET),
    warns("KS421", NONE, kernel("4.18.0"), **OLD_TARGET, role=Role.JOIN_WORKER),
    skips("KS421", NONE, version="v1.14.0", words="iptables"),
    passes("KS422", NEW, version="v1.15.0", cluster=IPVS),
    fails("KS422", NONE, version="v1.15.0", cluster=IPVS),
    fails("KS422", binaries("ipset"), version="v1.15.0", cluster=IPVS, words="ipset"),
    fails("KS422", NONE, binaries("ipset"), version="v1.15.0", cluster=IPVS, severities="EE"),
    passes("KS423", NEW, cluster=IPVS),
    warns("KS423", NONE, cluster=IPVS, words="ip_vs_wrr"),
    warns("KS423", NONE, cluster=IPVS, version="v1.31.0", role=Role.JOIN_WORKER),
    skips("KS423", NONE, words="iptables"),
    unknown("KS423", kernel("strange"), cluster=IPVS, words="strange"),
    unknown("KS423", kernel("9" * 5000 + ".1"), cluster=IPVS, words="is not a kernel release"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_ipvs(row: Row) -> None:
    row.prove()
