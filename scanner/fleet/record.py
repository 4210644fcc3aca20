"""What the rules between hosts need of one host: kept in memory for each host of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.edges.report import EdgeState
from scanner.facts.routes import Route


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a host's clock is ahead of the one that asked; the truth lies between the two."""

    low: float
    """Seconds; negative where the host is behind."""
    high: float

    @property
    def middle(self) -> float:
        """The best guess."""
        return (self.low + self.high) / 2

    @property
    def uncertainty(self) -> float:
        """Half the round trip, and half of what the host's clock can tell apart."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Runtime:
    """The container runtime that the kubelet will use."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What came back from the control plane's endpoint."""

    states: tuple[tuple[str, EdgeState | None], ...]
    """Address -> state; None for a control plane's own API server, which is an edge of its own.
    Empty if the endpoint's name was not found there."""


@dataclass(frozen=True, slots=True)
class FleetFacts:
    """One host, in less than 2 KiB; None is what it did not tell, and `why` says why not.

    Facts are cut down when the host answers: of its routes only those that touch the cluster's
    networks are here.
    """

    host: str
    """The inventory's name."""
    control_plane: bool
    silent: str = ""
    """Why nothing is known; empty for a host that has answered."""
    member: bool = False
    """A node of this cluster already."""
    node_name: str | None = None
    machine_id: str | None = None
    boot_id: str | None = None
    product_uuid: str | None = None
    """Empty where the machine has none."""
    macs: tuple[str, ...] | None = None
    """Of its own interfaces; without those that are alike on many machines."""
    addresses: tuple[str, ...] | None = None
    """Of its own interfaces, in the canonical form."""
    given: tuple[tuple[str, str], ...] = ()
    """(name of an inventory's field, the address there, in the canonical form)."""
    listed: tuple[str, ...] = ()
    """Of a host that is not reached: its addresses by the inventory, in the canonical form."""
    absent: tuple[str, ...] | None = ()
    """Fields of `given` that the host needs as addresses of its own, and that no interface of it
    has; None where one may be on an interface that was not told."""
    clock: Offset | None = None
    kernel: str | None = None
    operating_system: str | None = None
    runtime: Runtime | None = None
    kubelet: str | None = None
    """Its version; empty where there is no kubelet."""
    cgroup_driver: str | None = None
    routes: tuple[Route, ...] | None = None
    """At most 16 of those that touch a network of the cluster's."""
    routes_complete: bool = True
    """False if there may be more of them."""
    bridge: str | None = None
    """docker0's network; empty without docker0, None if the routes are not known."""
    resolvers: tuple[str, ...] | None = None
    """The name servers that its pods will ask."""
    endpoint: tuple[str, ...] | None = None
    """Addresses that it knows of the control plane's endpoint; None where that is no name."""
    reach: Reach | None = None
    """What it found when it dialled the endpoint; None also where it was not asked to."""
    why: Mapping[str, str] = field(default_factory=dict)
    """Name of a field -> why it is None."""

    def reason(self, name: str) -> str:
        """Why a field is not known."""
        return self.silent or self.why.get(name, "it was not told")
