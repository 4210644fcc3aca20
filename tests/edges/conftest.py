"""Limits short enough for tests."""

from __future__ import annotations

import pytest

from scanner.edges import crew as crews
from scanner.edges import gather as gathering


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "READY_SECONDS", 0.2)
    monkeypatch.setattr(crews, "DONE_SECONDS", 0.2)
    monkeypatch.setattr(gathering, "LISTEN_SECONDS", 0.6)
    monkeypatch.setattr(gathering, "_GRACE", 0.2)
