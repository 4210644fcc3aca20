"""What one host is judged as: its role, its versions and its container runtime."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from scanner.measure import NOTHING, Measure
from scanner.membership import NO_MEMBER, Membership, State
from scanner.request import Cluster, ContainerRuntime
from scanner.versions import Version


class Role(StrEnum):
    """What kubeadm would be asked to do on the host."""

    INIT = "init"
    JOIN_CONTROL_PLANE = "join-control-plane"
    JOIN_WORKER = "join-worker"


@dataclass(frozen=True, slots=True)
class Target:
    """The questions a host must answer; rules read it beside the host's facts."""

    host: str
    role: Role
    cluster: Cluster
    kubeadm: Version
    """The kubeadm to be used there: the host's own, else `kubernetes`. Decides most rules."""
    kubernetes: Version
    """The version of the control plane to be installed or joined."""
    node_name: str
    """nodeRegistration.name: lower case."""
    runtime: ContainerRuntime
    """Never AUTO."""
    cri_socket: str
    """A path, without `unix://`."""
    rival_sockets: tuple[str, ...] = ()
    """All sockets found where kubeadm would refuse to choose; empty if it can."""
    kubelet: Version | None = None
    """The host's own kubelet; None if there is none or its version cannot be read."""
    advertise_address: str | None = None
    """localAPIEndpoint.advertiseAddress; None if it is not known."""
    endpoint: str = ""
    """Host part of discovery's apiServerEndpoint for a join; empty if it is not known."""
    now: datetime.datetime | None = None
    """When the host answered, by the clock of the machine that asked; None if it is not known."""
    measures: frozenset[Measure] = NOTHING
    """What the host was asked to measure; a check of anything else is not asked."""
    membership: Membership = NO_MEMBER
    """How much of a member of the cluster it is already."""

    @property
    def is_member(self) -> bool:
        """True if it is a node of this cluster, whose ports and files are where they belong."""
        return self.membership.state is State.MEMBER
