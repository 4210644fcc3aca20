"""What one host cannot see: the rules over all hosts of a run, ids KS7xx."""

from __future__ import annotations

from scanner.checks.named import collect
from scanner.fleet import alike, clocks, control_plane, given_addresses, identity, networks, reach
from scanner.fleet.rule import FleetCheck

FLEET_CATALOGUE: tuple[FleetCheck, ...] = collect(
    FleetCheck, identity, given_addresses, clocks, alike, networks, control_plane, reach
)
"""Every rule between hosts, ordered by id."""
