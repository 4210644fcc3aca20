"""The security modules of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


class Selinux(StrEnum):
    """What getenforce(8) would say."""

    DISABLED = "disabled"
    PERMISSIVE = "permissive"
    ENFORCING = "enforcing"


@dataclass(frozen=True, slots=True)
class Security:
    """SELinux and AppArmor as the kernel has them now, whatever their configuration files say."""

    selinux: Selinux
    apparmor: bool


_SELINUX = {"none": Selinux.DISABLED, "0": Selinux.PERMISSIVE, "1": Selinux.ENFORCING}
_APPARMOR = {"none": False, "N": False, "Y": True}


def parse_security(text: str) -> Security:
    """Read `selinux=none|0|1` and `apparmor=none|N|Y`."""
    fields = Fields.of(text)
    selinux = _SELINUX.get(fields.one("selinux"))
    apparmor = _APPARMOR.get(fields.one("apparmor"))
    if selinux is None or apparmor is None:
        raise ParseError("the state of SELinux or AppArmor could not be read")
    return Security(selinux, apparmor)
