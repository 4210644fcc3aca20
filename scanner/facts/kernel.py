"""The kernel: release, configuration, modules and the switches that kubeadm reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


@dataclass(frozen=True, slots=True)
class Kernel:
    """uname(2)."""

    sysname: str
    release: str
    machine: str

    @property
    def number(self) -> tuple[int, int] | None:
        """The first two numbers of the release; None if it does not begin with them."""
        found = _NUMBER.match(self.release)
        return None if found is None else (int(found[1]), int(found[2]))


_NUMBER = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")


def parse_kernel(text: str) -> Kernel:
    """Read `sysname=`, `release=` and `machine=`."""
    fields = Fields.of(text)
    return Kernel(fields.one("sysname"), fields.one("release"), fields.get("machine"))


@dataclass(frozen=True, slots=True)
class KernelConfig:
    """The configuration that the kernel was built with, of the options that are asked for."""

    path: str
    """The first of kubeadm's places that exists; empty if there is none."""
    options: Mapping[str, str]
    """Name without CONFIG_ -> y, m or n."""
    readable: bool = True
    loadable: bool = False
    """True if there is no file, but `modprobe configs` might make /proc/config.gz appear."""


_OPTION = re.compile(r"^CONFIG_([A-Z0-9_]+)=([ymn])", re.MULTILINE)


def parse_kernel_config(text: str) -> KernelConfig:
    """Read `path=`, `absent=`, `state=` and the CONFIG_ lines."""
    fields = Fields.of(text)
    if fields.get("absent"):
        return KernelConfig("", {}, loadable=fields.get("absent") == "loadable")
    if fields.get("searched") != "yes":
        raise ParseError("the kernel's configuration was not searched to its end")
    options = {match[1]: match[2] for match in _OPTION.finditer(text)}
    return KernelConfig(fields.one("path"), options, readable=fields.get("state") != "unreadable")


@dataclass(frozen=True, slots=True)
class Modules:
    """Kernel modules of those that were asked for."""

    loaded: frozenset[str]
    """Lines of /proc/modules."""
    builtin: frozenset[str]
    """Compiled in: in modules.builtin, or in /sys/module without being loaded."""


def parse_modules(text: str) -> Modules:
    """Read `loaded=`, `builtin=` and `present=`."""
    fields = Fields.of(text)
    loaded = frozenset(fields.all("loaded"))
    present = frozenset(fields.all("present"))
    return Modules(loaded, (frozenset(fields.all("builtin")) | present) - loaded)


@dataclass(frozen=True, slots=True)
class Sysctls:
    """Files below /proc/sys."""

    values: Mapping[str, str]
    absent: frozenset[str]


def parse_sysctls(text: str) -> Sysctls:
    """Read `absent=PATH` and grep's `PATH:VALUE`."""
    values: dict[str, str] = {}
    for line in text.split("\n"):
        path, colon, value = line.partition(":")
        if colon and path.startswith("/proc/sys/"):
            values.setdefault(path, value)
    return Sysctls(values, frozenset(Fields.of(text).all("absent")))


@dataclass(frozen=True, slots=True)
class Cgroups:
    """Control groups as SystemVerification looks at them."""

    statfs_type: str
    """f_type of /sys/fs/cgroup in hex, without 0x; empty if stat(1) could not say it."""
    mounts: tuple[tuple[str, str], ...]
    """(type, mount point) of the lines of /proc/mounts that contain `cgroup`, in order."""
    subsystems: frozenset[str]
    """Rows of /proc/cgroups that are enabled."""
    controllers: frozenset[str] | None
    """Words of /sys/fs/cgroup/cgroup.controllers; None without that file."""
    memory_directory: bool
    """/sys/fs/cgroup/memory is a directory."""
    freeze: bool | None
    """Some child of /sys/fs/cgroup has a cgroup.freeze file (Linux 5.2 and newer); None if there
    is no child."""
    complete: bool = True
    """False if there are more than 64 such mounts."""


def parse_cgroups(text: str) -> Cgroups:
    """Read `statfs=`, `mount=`, `subsystem=`, `controllers=` and the two flags."""
    fields = Fields.of(text)
    if fields.get("mounts") != "read":
        raise ParseError("/proc/mounts was not read")
    mounts = (value.partition(" ") for value in fields.all("mount"))
    subsystems = (value.partition(" ") for value in fields.all("subsystem"))
    has_controllers = bool(fields.all("controllers"))
    return Cgroups(
        statfs_type=fields.one("statfs").lower(),
        mounts=tuple((kind, point) for kind, _, point in mounts),
        subsystems=frozenset(name for name, _, enabled in subsystems if enabled != "0"),
        controllers=frozenset(fields.one("controllers").split()) if has_controllers else None,
        memory_directory=fields.get("memory_directory") == "yes",
        freeze={"yes": True, "unseen": None}.get(fields.get("freeze"), False),
        complete=fields.get("truncated") != "yes",
    )
