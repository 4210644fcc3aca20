"""Hosts of no machine in the place of a scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.change import checked
from scanner.cluster.work import Work
from tests.cli.no_machine import Hosts


def _method(called: Callable[..., Any]) -> Callable[..., Any]:
    """A function, which the object is given to; a bound method would not be."""
    return lambda *words: called(*words)  # noqa: PLW0108


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hosts:
    made = Hosts()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checked, "scanned", made.scanned)
    monkeypatch.setattr(Work, "nodes", _method(made.ask))
    monkeypatch.setattr(Work, "run", _method(made.run))
    return made
