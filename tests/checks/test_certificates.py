from __future__ import annotations

import pytest

from tests.checks.rows import Row, fails, passes, unknown, warns
from tests.hosts import certificates

DAY = 86400
YEAR = 365 * DAY

ROWS = (
    passes("KS316"),
    passes("KS316", now=None),
    passes("KS316", certificates(YEAR, 10 * YEAR)),
    warns("KS316", certificates(29 * DAY), words="0.crt (2026-03-30)"),
    warns("KS316", certificates(30 * DAY - 1)),
    passes("KS316", certificates(30 * DAY)),
    passes("KS316", certificates(31 * DAY)),
    warns("KS316", certificates(0)),
    fails("KS316", certificates(-1), words="have expired", severities="E"),
    fails("KS316", certificates(-DAY, DAY, YEAR), severities="EW"),
    unknown("KS316", certificates(YEAR), now=None, words="not known"),
    unknown("KS316", certificates(unread=("/etc/kubernetes/pki",)), words="/etc/kubernetes/pki"),
    unknown("KS316", certificates(YEAR, complete=False), words="more than 20"),
    fails("KS316", certificates(-1, unread=("/x",)), words="/x"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_certificates(row: Row) -> None:
    row.prove()
