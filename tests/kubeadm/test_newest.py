"""CONTRIBUTING.md shows on the newest release what a new one takes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from scanner.checks import CATALOGUE
from scanner.kubeadm import feature_gates, releases, system_validators
from scanner.versions import minor_floor

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
BEFORE, NEWEST = releases.RELEASES[-2:]
FIRST = minor_floor(f"1.{NEWEST.minor}")


def test_the_worked_example_is_of_the_newest_release_and_names_all_that_changed() -> None:
    assert f"what 1.{NEWEST.minor} took" in TEXT
    assert f"`_V1_{NEWEST.minor}` on top of 1.{BEFORE.minor}" in TEXT
    changed = {
        field.name
        for field in fields(NEWEST)
        if getattr(NEWEST, field.name) != getattr(BEFORE, field.name)
    }
    gates = {
        name
        for name, gate in feature_gates.GATES.items()
        if FIRST in {gate.versions.since, gate.versions.until, gate.on_since}
    }
    assert all(f"`{name}`" in TEXT for name in (changed - {"minor"}) | gates), changed | gates
    checks = {
        check.id
        for check in CATALOGUE
        for row in check.applies
        if FIRST in {row.versions.since, row.versions.until}
    }
    assert all(check in TEXT for check in checks), checks
    libraries = {row.since for row in system_validators.VENDORED if row.since is not None}
    assert (f"1.{NEWEST.minor}" in libraries) is ("system_validators.py`: nothing" not in TEXT)
