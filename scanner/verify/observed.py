"""What was read of a cluster; what could not be read is never taken for what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from scanner.facts.base import FactMissing
from scanner.verify.objects import Object, Ref
from scanner.versions import Version


@dataclass(frozen=True, slots=True)
class Unread:
    """The API gave no answer that says whether the object is there."""

    reason: str
    """A clause: `the API server refuses it (403)`."""


Answer: TypeAlias = Object | Unread | None
"""The object; why it is not known; or None where the API says that there is none (404)."""


class Listed(StrEnum):
    """The lists that are read; everything else is read by its name."""

    NODES = "nodes"
    CONTROL_PLANE_PODS = "control plane pods"
    """kube-system, label tier=control-plane."""
    TOKENS = "bootstrap tokens"
    """Secrets of kube-system of the type bootstrap.kubernetes.io/token."""
    SELF_HOSTED = "self-hosted control plane"
    """DaemonSets of kube-system."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a machine that joins would be given with one token."""

    token_id: str
    """Empty: without any, which tells whether cluster-info is public."""
    server: str
    """host:port of cluster-info's kubeconfig, where it was asked."""
    answers: Mapping[str, int]
    """What was asked for -> HTTP status, in the order in which `kubeadm join` asks."""
    error: str = ""
    """Why there are no more answers; empty if all were given."""
    from_here: bool = False
    """Asked from the operator's machine, which may reach less than a node does."""


@dataclass(frozen=True, slots=True)
class EtcdMember:
    """One member as etcd itself tells it."""

    name: str
    is_learner: bool
    healthy: bool | None
    """None: it was not asked, or did not say."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """One cluster at one moment."""

    version: Version
    """The API server's."""
    objects: Mapping[Ref, Answer]
    lists: Mapping[Listed, tuple[Object, ...] | Unread]
    ready: str | Unread = Unread("the API server was not asked whether it is ready")
    """Empty if it is, else what it says is not."""
    detour: str = ""
    """Why the API server is not asked where its kubeconfig says; empty if it is."""
    etcd: tuple[EtcdMember, ...] | Unread = Unread("etcd was not asked")
    trials: tuple[Trial, ...] | Unread = Unread("no token was tried")
    ca: str = ""
    """SHA-256 of the key of the CA that the API server's certificate was verified with, as
    kubeadm writes it: `sha256:` and hex digits."""
    addons: Mapping[str, tuple[tuple[str, Answer], ...] | Unread] = field(default_factory=dict)
    """Add-on -> its objects, each as it is called and as it is."""

    def get(self, ref: Ref) -> Object | None:
        """The object, or None where there is none.

        Raises:
            FactMissing: it could not be read, or nobody has asked for it.
        """
        answer = self.objects.get(ref, Unread("it was not asked for"))
        if isinstance(answer, Unread):
            raise FactMissing(f"{ref}: {answer.reason}")
        return answer

    def all(self, listed: Listed) -> tuple[Object, ...]:
        """A list.

        Raises:
            FactMissing: it could not be read.
        """
        found = self.lists.get(listed, Unread("they were not asked for"))
        if isinstance(found, Unread):
            raise FactMissing(f"{listed.value}: {found.reason}")
        return found
