"""What kscan calls a run; their order is that of their starts."""

from __future__ import annotations

import datetime
import re
import secrets

RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}")


def new_run_id(now: datetime.datetime) -> str:
    """Name a run that starts now, in UTC; two of one second have different names."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
