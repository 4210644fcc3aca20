from __future__ import annotations

import pytest

from scanner.request import Cluster
from scanner.target import Role
from tests.checks.rows import Row, passes, unknown, warns
from tests.hosts import EXTERNAL_ETCD, NOBODY, firewall

WORKER = Role.JOIN_WORKER
ON = firewall(ufw=True)
DROPS = firewall(dropping=("ip filter INPUT",))
NO_NFT = firewall(nft=False, dropping=None)
NO_ANSWER = firewall(dropping=None)
MODERN = "6443, 2379, 2380, 10250, 10257, 10259 open"

ROWS = (
    passes("KS511"),
    warns("KS511", ON, words=MODERN),
    warns("KS511", ON, version="v1.16.0", words="10250, 10251, 10252 open"),
    warns("KS511", ON, role=WORKER, words="its ports 10250 open"),
    warns("KS511", ON, cluster=Cluster(bind_port=8443, etcd=EXTERNAL_ETCD), words="8443, 10250"),
    warns("KS511", DROPS, words="(ip filter INPUT)", severities="W"),
    warns("KS511", DROPS, words=MODERN, role=Role.JOIN_CONTROL_PLANE),
    warns("KS511", firewall(ufw=True, dropping=("ip filter INPUT",)), severities="W"),
    warns("KS511", firewall(ufw=True, dropping=None)),
    unknown("KS511", firewall(ufw=None), words="ufw.conf"),
    unknown("KS511", NO_NFT, words="no nft"),
    unknown("KS511", NO_ANSWER, words="did not answer"),
    unknown("KS511", NO_ANSWER, NOBODY, words="needs root"),
    unknown("KS511", firewall(legacy=True), words="old iptables"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_firewall(row: Row) -> None:
    row.prove()
