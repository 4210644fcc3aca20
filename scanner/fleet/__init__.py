"""What one host cannot see: the rules over all hosts of a run, ids KS7xx."""

from __future__ import annotations

from scanner.fleet import alike, clocks, control_plane, identity, networks
from scanner.fleet.rule import FleetCheck, collect

FLEET_CATALOGUE: tuple[FleetCheck, ...] = collect(identity, clocks, alike, networks, control_plane)
"""Every rule between hosts, ordered by id."""
