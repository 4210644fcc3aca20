from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.facts.network import NameLookup
from scanner.target import Role
from tests.checks.rows import Row, passes, unknown, warns


def lookup(
    name: str, hosts: tuple[str, ...] = (), dns: tuple[str, ...] = (), *, asked: bool = True
) -> NameLookup:
    return NameLookup(name, hosts, dns, asked_dns=asked)


LONGEST = "a" * 63
KNOWN = ("192.0.2.11",)
ROWS = (
    passes("KS105", lookup("node1", hosts=KNOWN)),
    passes("KS105", lookup("node1", dns=KNOWN)),
    passes("KS105", lookup("node1", hosts=KNOWN, asked=False)),
    passes("KS105", lookup("Node1", dns=KNOWN)),
    warns("KS105", lookup("node1"), words="neither"),
    warns("KS105", lookup("node1"), role=Role.JOIN_WORKER, version="v1.31.0"),
    unknown("KS105", lookup("node1", asked=False), words="getent"),
    unknown("KS105", replace(lookup("node1"), hosts_complete=False), words="too large"),
    passes("KS105", replace(lookup("node1", hosts=KNOWN), hosts_complete=False)),
    unknown("KS105", lookup("other", dns=KNOWN), words="looked up other"),
    unknown("KS105", lookup("node1", dns=KNOWN), node_name="", words="name is not known"),
    passes("KS105", lookup("a_b", KNOWN), node_name="a_b", version="v1.21.0"),
    passes("KS105", lookup("-a", KNOWN), node_name="-a", version="v1.20.15"),
    warns("KS105", lookup("-a", KNOWN), node_name="-a", version="v1.21.0", severities="W"),
    warns("KS105", lookup("a.", KNOWN), node_name="a.", version="v1.31.0"),
    warns("KS105", lookup("a/b", KNOWN), node_name="a/b", version="v1.31.0"),
    warns("KS105", lookup("a$", ()), node_name="a$", version="v1.31.0", severities="WW"),
    passes("KS105", lookup("a" * 62, KNOWN), node_name="a" * 62, version="v1.31.0"),
    passes("KS105", lookup(LONGEST, KNOWN), node_name=LONGEST, version="v1.31.0"),
    warns("KS105", lookup("a" * 64, KNOWN), node_name="a" * 64, version="v1.31.0", words="64"),
    passes("KS105", lookup("a" * 64, KNOWN), node_name="a" * 64, version="v1.20.2"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_hostname(row: Row) -> None:
    row.prove()
