"""Who we are on the host, and what the host calls itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.facts.fields import Fields


@dataclass(frozen=True, slots=True)
class Identity:
    """The login and the machine."""

    uid: int
    """The real user id: 0 is root."""
    user: str
    hostname: str
    """/proc/sys/kernel/hostname as it is; kubeadm takes it in lower case."""
    machine_id: str
    boot_id: str
    product_uuid: str | None = None
    """/sys/class/dmi/id/product_uuid in lower case; empty where the machine has no such file, None
    if this login cannot read it or was not asked to."""


def parse_identity(text: str) -> Identity:
    """Read `uid=`, `hostname=` and the two ids."""
    fields = Fields.of(text)
    return Identity(
        fields.number("uid"),
        fields.get("user"),
        fields.one("hostname"),
        fields.get("machine_id"),
        fields.get("boot_id"),
        fields.get("product_uuid").strip().lower() if "product_uuid" in fields.values else None,
    )


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What kept the login from becoming root, where sudo or doas said so."""

    reason: str
    """One sentence that tells what to do."""


@dataclass(frozen=True, slots=True)
class OsRelease:
    """os-release(5)."""

    id: str
    version_id: str
    pretty_name: str


def parse_os_release(text: str) -> OsRelease:
    """Read ID, VERSION_ID and PRETTY_NAME, with or without quotes; a rolling release has none."""
    fields = Fields.of(text)
    return OsRelease(
        *(fields.get(name).strip("\"'") for name in ("ID", "VERSION_ID", "PRETTY_NAME"))
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """The global addresses of the interface with the default route, in the kernel's order.

    That is the one of IPv4's, and where there is none, of IPv6's (ChooseHostInterface of
    k8s.io/apimachinery, v0.20.2).
    """

    device: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()
    """(interface, address) of the other interfaces that are up; not asked for where the host has
    more than 200 interfaces."""
    macs: tuple[tuple[str, str], ...] | None = None
    """(interface, MAC in lower case) of at most 32 interfaces with a device behind them, and of the
    one with the default route; None if they were not asked for."""


def parse_addresses(text: str) -> Addresses:
    """Read `device=`, `inet=` and `inet6=` (address/length), `other=` and `mac=` (name first)."""
    fields = Fields.of(text)
    return Addresses(
        fields.one("device"),
        tuple(value.partition("/")[0] for value in fields.all("inet")),
        tuple(value.partition("/")[0] for value in fields.all("inet6")),
        tuple((name, address.partition("/")[0]) for name, address in _pairs(fields, "other")),
        tuple(dict.fromkeys((name, mac.lower()) for name, mac in _pairs(fields, "mac")))
        if fields.get("macs") == "read"
        else None,
    )


def _pairs(fields: Fields, name: str) -> Iterator[tuple[str, str]]:
    for value in fields.all(name):
        first, _, second = value.partition(" ")
        yield first, second
