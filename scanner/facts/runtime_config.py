"""The fields of containerd's and the kubelet's configuration that must fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import FactMissing, ParseError
from scanner.facts.fields import Fields
from scanner.facts.paths import PathState

CONTAINERD_CONFIG = "/etc/containerd/config.toml"
KUBELET_CONFIG = "/var/lib/kubelet/config.yaml"
CGROUPFS, SYSTEMD = "cgroupfs", "systemd"


@dataclass(frozen=True, slots=True)
class ContainerdConfig:
    """/etc/containerd/config.toml; a host without that file has containerd's defaults."""

    disabled_plugins: tuple[str, ...] = ()
    default_runtime: str = "runc"
    systemd_cgroup: Mapping[str, bool] | None = None
    """Runtime -> its option SystemdCgroup; None is none."""
    imports: bool = False
    """True if there are other files, which are not read and may say otherwise."""
    unclear: bool = False
    """True if it says something in a form that the probe does not read."""

    @property
    def cgroup_driver(self) -> str:
        """The driver of the default runtime; containerd's own default is cgroupfs.

        Raises:
            FactMissing: the file cannot be understood, or one that it imports goes before it.
        """
        if self.unclear:
            raise FactMissing(f"{CONTAINERD_CONFIG} is written in a way that is not read here")
        chosen = (self.systemd_cgroup or {}).get(self.default_runtime)
        if self.imports:
            raise FactMissing(f"{CONTAINERD_CONFIG} imports other files, which are not read")
        return SYSTEMD if chosen else CGROUPFS


def parse_containerd(text: str) -> ContainerdConfig:
    """Read `disabled_plugins=[...]`, `default_runtime=` and `runtime=NAME true|false`."""
    fields = Fields.of(text)
    if not _is_there(fields, CONTAINERD_CONFIG):
        return ContainerdConfig()
    plugins = fields.get("disabled_plugins").strip("[]").split(",")
    default = fields.get("default_runtime") or "runc"
    options = {default: True} if fields.get("systemd_cgroup") == "true" else {}
    for value in fields.all("runtime"):
        name, _, word = value.rpartition(" ")
        options[name] = word == "true"
    return ContainerdConfig(
        tuple(plugin for plugin in plugins if plugin),
        default,
        options or None,
        imports=fields.get("imports") == "yes",
        unclear="unclear" in fields.values,
    )


@dataclass(frozen=True, slots=True)
class KubeletConfig:
    """/var/lib/kubelet/config.yaml, which kubeadm writes and a leftover may be."""

    present: bool
    cgroup_driver: str
    """cgroupDriver as the file has it; empty if it does not say."""


def parse_kubelet_config(text: str) -> KubeletConfig:
    """Read the file's state and `cgroup_driver=`."""
    fields = Fields.of(text)
    present = _is_there(fields, KUBELET_CONFIG)
    value = fields.get("cgroup_driver").partition("#")[0].strip(" \t\r\"'")
    return KubeletConfig(present, value if present else "")


def _is_there(fields: Fields, path: str) -> bool:
    """True if the file was read, False if there is none.

    Raises:
        ParseError: neither is known.
    """
    if fields.get("large") == path:
        raise ParseError(f"{path} is too large to be read")
    if fields.get("read") == "yes":
        return True
    if fields.get(PathState.ABSENT.value) == path:
        return False
    raise ParseError(f"{path} cannot be read by this login")
