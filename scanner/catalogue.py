"""Everything that can be asked by its name: the checks of a host and the rules between hosts."""

from __future__ import annotations

from scanner.checks import CATALOGUE
from scanner.checks.rule import Check
from scanner.fleet import FLEET_CATALOGUE
from scanner.fleet.rule import FleetCheck

EVERYTHING: tuple[Check | FleetCheck, ...] = (*CATALOGUE, *FLEET_CATALOGUE)
"""Ordered by id within each part; no id is in both."""
