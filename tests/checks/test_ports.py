from __future__ import annotations

import pytest

from scanner.facts.paths import Listeners
from scanner.request import Cluster
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown
from tests.hosts import listeners

ANY, ANY6, LOCAL, LOCAL6 = "0.0.0.0", "::", "127.0.0.1", "::1"
TOO_MANY = Listeners({}, frozenset({6443}), complete=False)

ROWS = (
    passes("KS301", subject="6443"),
    passes("KS301", listeners(6442, ANY), subject="6443"),
    passes("KS301", listeners(6444, ANY), subject="6443"),
    fails("KS301", listeners(6443, ANY, ANY6), subject="6443", words="0.0.0.0, ::"),
    fails("KS301", listeners(6443, LOCAL), subject="6443"),
    fails("KS301", listeners(6443, LOCAL6), subject="6443", role=Role.JOIN_CONTROL_PLANE),
    skips("KS301", listeners(6443, ANY), subject="6443", role=Role.JOIN_WORKER),
    fails("KS301", listeners(8443, ANY), subject="8443", cluster=Cluster(bind_port=8443)),
    passes("KS301", listeners(6443, ANY), subject="8443", cluster=Cluster(bind_port=8443)),
    passes("KS301", TOO_MANY, subject="6443"),
    unknown("KS301", TOO_MANY, subject="8443", cluster=Cluster(bind_port=8443), words="too many"),
    fails("KS301", listeners(6443, LOCAL), subject="6443", version="v1.36.0"),
    unknown("KS301", listeners(6443, LOCAL), subject="6443", version="v1.37.0", words="settled"),
    fails("KS301", listeners(6443, ANY6), subject="6443", version="v1.37.0"),
    passes("KS301", subject="6443", version="v1.37.0"),
    passes("KS302", subject="10257"),
    fails("KS302", listeners(10257, LOCAL), subject="10257"),
    fails("KS302", listeners(10259, LOCAL), subject="10259", version="v1.17.0"),
    fails("KS302", listeners(10251, LOCAL), subject="10251", version="v1.16.15"),
    fails("KS302", listeners(10252, LOCAL), subject="10252", version="v1.13.0"),
    passes("KS302", listeners(10257, LOCAL), subject="10259"),
    passes("KS303", subject="10250"),
    fails("KS303", listeners(10250, LOCAL), subject="10250", role=Role.JOIN_WORKER),
    fails("KS303", listeners(10250, LOCAL), subject="10250", version="v1.37.0"),
    passes("KS304", subject="2379"),
    fails("KS304", listeners(2379, LOCAL), subject="2379"),
    fails("KS304", listeners(2380, LOCAL), subject="2380", role=Role.JOIN_CONTROL_PLANE),
    skips("KS304", listeners(2380, LOCAL), subject="2380", role=Role.JOIN_WORKER),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_ports(row: Row) -> None:
    row.prove()
