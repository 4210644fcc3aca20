"""What a script must know of its host, read from the facts of a report and never trusted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scanner.report import HostReport, HostStatus

_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(
    r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*"
)


class Packages(StrEnum):
    """Families of package managers; each has its own names for packages."""

    APT = "apt"
    DNF = "dnf"
    ZYPPER = "zypper"
    PACMAN = "pacman"
    APK = "apk"


_FAMILIES = {
    Packages.APT: "debian ubuntu raspbian linuxmint pop devuan kali",
    Packages.DNF: "rhel centos fedora rocky almalinux ol amzn openEuler",
    Packages.ZYPPER: "sles sled opensuse-leap opensuse-tumbleweed",
    Packages.PACMAN: "arch manjaro",
    Packages.APK: "alpine",
}
_BY_ID = {name: family for family, names in _FAMILIES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Ground:
    """The host as its script needs it; what is empty was not told, or is not what it should be."""

    name: str
    """kscan's own label: safe as a file name."""
    machine_id: str
    """32 hex digits, or empty."""
    node_name: str
    """An RFC 1123 subdomain, or empty."""
    address: str
    """The first address of the interface with the default route, or empty."""
    packages: Packages | None
    in_use: bool
    """True for a node of a cluster, or what is left of one: nothing on it is restarted."""
    units: frozenset[str]
    """The services that exist."""
    programs: frozenset[str]
    """Programs that lie in some system directory, whether or not kubeadm's PATH has it."""


def ground_of(host: HostReport) -> Ground:
    """Read a host's row; one that was not reached gives nothing."""
    facts = host.facts or {}
    identity, addresses = _map(facts, "identity"), _map(facts, "addresses")
    machine_id = _text(identity, "machineId")
    first = next(iter((*_list(addresses, "ipv4"), *_list(addresses, "ipv6"))), "")
    units = _map(_map(facts, "services"), "units")
    return Ground(
        name=host.name,
        machine_id=machine_id if _MACHINE_ID.fullmatch(machine_id) else "",
        node_name=host.node_name if _NAME.fullmatch(host.node_name) else "",
        address=first if _is_address(first) else "",
        packages=_BY_ID.get(_text(_map(facts, "os"), "id")),
        in_use=host.status in {HostStatus.MEMBER, HostStatus.HALF_DONE},
        units=frozenset(name for name in units if _map(units, name).get("exists") is True),
        programs=frozenset(_map(_map(facts, "binaries"), "elsewhere")),
    )


def _map(holder: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(holder: Mapping[str, object], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _list(holder: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = holder.get(key)
    items = value if isinstance(value, list | tuple) else ()
    return tuple(item for item in items if isinstance(item, str))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text
