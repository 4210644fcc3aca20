"""May a control plane be taken out of etcd? Decided by etcd's own list of its members."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scanner.checks.rule import clip
from scanner.cluster.addresses import spelled

_SHOWN = 3
_ID = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class EtcdMember:
    """One member, as etcd lists it."""

    id: str
    """A number of 64 bits, in decimal: how etcd's JSON gateway gives and takes it."""
    name: str
    """kubeadm gives it the node's; empty if it was added and has never started."""
    peers: tuple[str, ...]
    """Its peerURLs."""
    learner: bool
    """It has no vote."""
    healthy: bool
    """It answered that it has a leader and takes writes; False also where it was not reached."""

    @property
    def addresses(self) -> frozenset[str]:
        """Of its peer URLs, in one spelling."""
        return frozenset(filter(None, (_address(url) for url in self.peers)))

    @property
    def hex(self) -> str:
        """The id as etcdctl has it."""
        return f"{int(self.id):x}"

    def __str__(self) -> str:
        """For people."""
        where = clip(", ".join(self.peers)) or "nowhere"
        if self.name:
            return f"{clip(self.name)} ({where})"
        return f"{self.hex} ({where}), which was added and has never started"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A control plane that goes."""

    host: str
    """kscan's label."""
    node: str
    addresses: tuple[str, ...] = ()
    """Of the host; empty if they are not known."""

    def has(self, member: EtcdMember) -> bool:
        """True if this member is the host's: by its name, or by an address of the host."""
        at_home = bool(member.addresses & self._addresses())
        return at_home or (bool(member.name) and member.name == self.node)

    def elsewhere(self, member: EtcdMember) -> bool:
        """True if it has the host's name, and an address that the host does not have."""
        own = self._addresses()
        return bool(own) and member.name == self.node and not member.addresses & own

    def _addresses(self) -> frozenset[str]:
        return frozenset(filter(None, map(spelled, self.addresses)))


def read_members(text: str) -> tuple[EtcdMember, ...] | None:
    """Read `members JSON` and a line `health URL JSON` for each; None if there is no list.

    Args:
        text: of etcd's JSON gateway, /v3/cluster/member/list and /health of each client URL
            (etcd 3.4); of it nothing is certain.
    """
    listed: object = None
    healthy = set()
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "members":
            listed = _json(rest)
        elif kind == "health":
            url, _, said = rest.partition(" ")
            answer = _json(said)
            if isinstance(answer, dict) and answer.get("health") in ("true", True):
                healthy.add(url)
    found = listed.get("members") if isinstance(listed, dict) else None
    if not isinstance(found, list) or not found:
        return None
    members = tuple(_member(item, healthy) for item in found if isinstance(item, dict))
    # one that cannot be read could be the one that the quorum needs
    return members if len(members) == len(found) and all(m.id for m in members) else None


def _member(item: Mapping[str, object], healthy: set[str]) -> EtcdMember:
    said = str(item.get("ID", ""))
    clients = _texts(item.get("clientURLs"))
    name = item.get("name")
    return EtcdMember(
        said if _ID.fullmatch(said) else "",
        name if isinstance(name, str) else "",
        _texts(item.get("peerURLs")),
        item.get("isLearner") is True,
        any(url in healthy for url in clients),
    )


def refused(
    members: tuple[EtcdMember, ...],
    going: tuple[Leaving, ...],
    later: tuple[Leaving, ...] = (),
) -> str:
    """Why these control planes must not go now, and what to do; empty if they may.

    etcd takes a member out only if most of the members that it has agree, and works on only if
    most of those that remain are healthy. A member that is not healthy is an error even where the
    quorum would hold: one more loss, and it would not.

    Args:
        members: all of them, as a control plane that stays has told.
        going: those that go, together.
        later: those that shall go after them, which need not be healthy any more.
    """
    for member in members:
        for host in going:
            if host.elsewhere(member):
                return (
                    f"etcd's member {member} has the name of {host.host}, and is at none of its "
                    f"addresses: if it is of no other machine, `etcdctl member remove "
                    f"{member.hex}`, then again"
                )
    names = ", ".join(host.host for host in going)
    if not any(member.healthy for member in members):
        return (
            f"etcd has lost its quorum already, and takes nobody out: no member is healthy: "
            f"{_listed(members)}: bring them back before {names} goes"
        )
    stay = _others_than(members, going)
    sick = tuple(member for member in stay if not member.healthy)
    voters = tuple(member for member in stay if not member.learner)
    well = sum(member.healthy for member in voters)
    needed = len(voters) // 2 + 1
    if well < needed:
        return (
            f"without {names} etcd would lose its quorum: of the {len(voters)} members that "
            f"remain {well} would be healthy, and {needed} must be. Not healthy: {_listed(sick)}: "
            "repair it first, or take it out of etcd"
        )
    if mend := _others_than(sick, later):
        return (
            f"etcd has members that are not healthy: {_listed(mend)}: repair or remove them "
            f"(`etcdctl member remove`) before {names} goes"
        )
    return ""


def strangers(members: tuple[EtcdMember, ...], leaving: tuple[Leaving, ...]) -> str:
    """Why these must not all go: etcd has members elsewhere; empty if it has none.

    Args:
        members: as one of those that go has told.
        leaving: all that go.
    """
    stay = _others_than(members, leaving)
    if not stay:
        return ""
    return (
        f"etcd has members that are not to be reset: {_listed(stay)}: give one of their hosts as "
        "--master, so that it can be asked, or name them too"
    )


def _others_than(
    members: tuple[EtcdMember, ...], hosts: tuple[Leaving, ...]
) -> tuple[EtcdMember, ...]:
    return tuple(member for member in members if not any(host.has(member) for host in hosts))


def _listed(members: tuple[EtcdMember, ...]) -> str:
    more = f"; and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
    return "; ".join(map(str, members[:_SHOWN])) + more or "none"


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_strings(value)) if isinstance(value, list) else ()


def _strings(values: list[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _address(url: str) -> str:
    try:
        return spelled(urlsplit(url).hostname or "")
    except ValueError:
        return ""
