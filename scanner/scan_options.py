"""How a scan is run; what is asked stands in the Request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scanner.edges.mode import Network
from scanner.facts.base import Facts
from scanner.fleet.nodes_there import NodesThere
from scanner.measure import NOTHING, Measure
from scanner.preflight import AskKubeadm
from scanner.request import Host
from scanner.runs.saved_edges import SavedEdges
from scanner.selection import Selection
from scanner.target import Target
from scanner.transport.fanout import AT_ONCE


@dataclass(frozen=True, slots=True)
class EdgesThere:
    """Edges of saved captures."""

    saved: SavedEdges | None
    """None if the captures were saved without any."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Limits, selection, and what is asked beyond the probe."""

    selection: Selection = field(default_factory=Selection)
    at_once: int = AT_ONCE
    host_seconds: float = 60.0
    """For one host, from its start to the end of the probe."""
    save_captures: Path | None = None
    ask_kubeadm: AskKubeadm | None = None
    """Asks the host's own kubeadm after the probe, within the same time; None never does."""
    network: Network = Network.OFF
    """What the hosts ask of each other once all of them have been asked by themselves."""
    measures: frozenset[Measure] = NOTHING
    """What goes beyond reading, and is asked for by an option of its own."""
    take: Callable[[Host, Facts, Target], None] | None = None
    """Gets what a host was judged by, for whoever goes on to do something with it."""
    there: NodesThere | None = None
    """The Nodes of the cluster that the hosts shall join; None if nobody has asked for them."""
    edges_then: EdgesThere | None = None
    """Captures are judged, and these are the edges beside them; None where hosts are asked."""
