"""Hosts for `reset`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.machine import Machine
from tests.cluster.reset.hosts import CURL, NAMES, etcd, write


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_BEFORE_SECONDS", "_AFTER_SECONDS"):
        monkeypatch.setattr(f"scanner.cluster.steps.etcd.{name}", 0)


@pytest.fixture
def machines(tmp_path: Path) -> dict[str, Machine]:
    """Three control planes and a worker; etcd is asked on each, and has all three."""
    made = {name: Machine.make(tmp_path / name) for name in NAMES}
    for machine in made.values():
        curl = machine.folder / "bin" / "curl"
        curl.write_text(CURL.format(folder=machine.folder), encoding="utf-8")
        write(machine, "etcd", etcd("node1", "node2", "node3"))
    return made
