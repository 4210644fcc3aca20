"""The init system and the units that kubeadm asks it about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


class InitSystem(StrEnum):
    """What kubeadm finds first in PATH: systemctl, else openrc."""

    SYSTEMD = "systemd"
    OPENRC = "openrc"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Unit:
    """One service, by the questions kubeadm asks (util/initsystem, v1.20.2)."""

    exists: bool
    enabled: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Services:
    """The services by their unit's name without `.service`."""

    init: InitSystem
    units: Mapping[str, Unit]
    unsaid: frozenset[str] = frozenset()
    """Units that do not exist, of which `systemctl status` says nothing on stdout (systemd 230 and
    newer): kubeadm takes them for services that exist and do not run."""


_ENABLED = frozenset({"enabled", "enabled-runtime", "static", "alias", "indirect", "transient"})
"""The words with which `systemctl is-enabled` exits 0 (systemctl(1), table of is-enabled); of a
`generated` one, a SysV script, is-enabled asks its links."""
_ACTIVE = frozenset({"active", "activating"})


def parse_services(text: str) -> Services:
    """Read blocks of `systemctl show`, or of rc-service."""
    fields = Fields.of(text)
    try:
        init = InitSystem(fields.one("init"))
    except ValueError as error:
        raise ParseError("no init system in the answer") from error
    named = {
        name.removesuffix(".service"): block
        for block in map(Fields.of, text.split("\n\n"))
        for name in block.get("Names").split()
    }
    if init is InitSystem.NONE:
        return Services(init, {})
    if not named:
        raise ParseError("the init system named no service")
    if init is InitSystem.OPENRC:
        default = frozenset(fields.all("default"))
        return Services(
            init, {name: _openrc(name, block, default) for name, block in named.items()}
        )
    enabled = frozenset(fields.all("enabled"))
    units = {name: _systemd(name, block, enabled) for name, block in named.items()}
    return Services(init, units, frozenset(fields.all("unsaid")))


def _systemd(name: str, block: Fields, enabled: frozenset[str]) -> Unit:
    state = block.get("UnitFileState")
    return Unit(
        # Where systemd does not run there is no LoadState, and kubeadm takes the unit for real.
        exists=block.get("LoadState") != "not-found",
        enabled=name in enabled if state == "generated" else state in _ENABLED,
        active=block.get("ActiveState") in _ACTIVE,
    )


def _openrc(name: str, block: Fields, default: frozenset[str]) -> Unit:
    status = block.get("status")
    exists = "does not exist" not in status
    # kubeadm looks for the name anywhere in the list
    enabled = any(name in service for service in default)
    return Unit(exists, enabled, exists and "stopped" not in status)
