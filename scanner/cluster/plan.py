"""What shall be made of the hosts: everything the phases need to know, and nothing to find out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from scanner.cluster.action import File
from scanner.cluster.same_machine import Machine
from scanner.kubeadm.extra_documents import ExtraDocument
from scanner.request import Cluster, Host, is_url
from scanner.target import Role, Target

QUERY = "<query>"
"""What stands in its place where a manifest's URL is shown."""


@dataclass(frozen=True, slots=True)
class Member:
    """One host that takes part."""

    host: Host
    target: Target
    joined: bool = False
    """It is a good member already, so that kubeadm has nothing to do on it."""
    clean: bool = False
    """Nothing of a cluster was found on it, so that `kubeadm reset` loses nothing of others."""
    ignored: tuple[str, ...] = ()
    """kubeadm's names, for --ignore-preflight-errors."""
    machine: Machine | None = None
    """What tells it from another host; None if it has told nothing."""
    endpoint: tuple[str, ...] = ()
    """What the name in controlPlaneEndpoint stands for there; empty if that is not known."""

    @property
    def name(self) -> str:
        """kscan's label."""
        return self.host.name

    @property
    def node(self) -> str:
        """The node's name."""
        return self.target.node_name


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest to be applied."""

    name: str
    """What to call it in messages: `cni`, or the add-on's name."""
    source: str
    """A path on this machine, or a URL, which the master fetches itself."""
    text: str = ""
    """Empty for a URL."""

    @property
    def is_url(self) -> bool:
        """True if kubectl fetches it."""
        return is_url(self.source)

    @property
    def query(self) -> str:
        """Of a URL, with its `?`: a token may be in it. Else empty."""
        _, mark, query = self.source.partition("?") if self.is_url else ("", "", "")
        return f"{mark}{query}" if query else ""

    @property
    def shown(self) -> Self:
        """The same for people, without a URL's query; an inventory takes no user in one."""
        if not self.query:
            return self
        return replace(self, source=f"{self.source.removesuffix(self.query)}?{QUERY}")


@dataclass(frozen=True, slots=True)
class Plan:
    """The cluster and who takes part in it."""

    cluster: Cluster
    master: str
    """Where kubeadm init runs, or has run."""
    members: tuple[Member, ...]
    """In the inventory's order."""
    kubeconfig: str = ""
    """Where admin.conf goes on this machine."""
    cni: ManifestFile | None = None
    addons: tuple[ManifestFile, ...] = ()
    documents: tuple[ExtraDocument, ...] = ()
    patches: tuple[File, ...] = ()
    token_ttl: str = "1h0m0s"  # noqa: S105 - a duration
    named: frozenset[str] = field(default_factory=frozenset)
    """For join and reset: the hosts of the command line."""
    owed: frozenset[str] = field(default_factory=frozenset)
    """Phases that an earlier run owes the cluster: `Journal.owed`."""
    nodes_left: frozenset[str] = field(default_factory=frozenset)
    """Hosts that an earlier run has reset, and whose Nodes may still be there: of the journal."""

    @property
    def shown(self) -> Self:
        """The same for people, without what may be a secret in its manifests' URLs."""
        cni = None if self.cni is None else self.cni.shown
        return replace(self, cni=cni, addons=tuple(addon.shown for addon in self.addons))

    def member(self, name: str) -> Member:
        """The member of that name.

        Raises:
            KeyError: a bug: it takes no part.
        """
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)

    def to_join(self, role: Role) -> tuple[str, ...]:
        """Those for which a kubeadm of this role is still to be run."""
        return tuple(
            member.name
            for member in self.members
            if member.target.role is role and not member.joined
        )

    @property
    def stays(self) -> str:
        """The control plane through which the API and etcd are asked; empty if there is none.

        It works and is not named; the master, if it is such.
        """
        able = [
            member.name
            for member in self.members
            if member.joined
            and member.target.role is not Role.JOIN_WORKER
            and member.name not in self.named
        ]
        return self.master if self.master in able else next(iter(able), "")

    @property
    def joins(self) -> bool:
        """True if somebody is still to join."""
        return bool(self.to_join(Role.JOIN_CONTROL_PLANE) or self.to_join(Role.JOIN_WORKER))

    @property
    def changes(self) -> bool:
        """True if kubeadm is to be run anywhere."""
        return self.joins or bool(self.to_join(Role.INIT))
