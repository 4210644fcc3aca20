from __future__ import annotations

import pytest

from scanner.facts.security import Security, Selinux
from tests.checks.rows import Row, passes, warns

ROWS = (
    passes("KS431"),
    passes("KS431", Security(Selinux.PERMISSIVE, apparmor=False)),
    warns("KS431", Security(Selinux.ENFORCING, apparmor=False), words="enforcing"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_security(row: Row) -> None:
    row.prove()
