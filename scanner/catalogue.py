"""Everything that can be asked by its name: the checks of a host and the rules between hosts."""

from __future__ import annotations

from scanner.checks import CATALOGUE
from scanner.checks.rule import Check
from scanner.edges.checks import EDGE_CHECKS, EdgeCheck
from scanner.fleet import FLEET_CATALOGUE
from scanner.fleet.rule import FleetCheck

EVERYTHING: tuple[Check | FleetCheck | EdgeCheck, ...] = (
    *CATALOGUE,
    *FLEET_CATALOGUE,
    *EDGE_CHECKS,
)
"""Ordered by id within each part; no id is in both."""
