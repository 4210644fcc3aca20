"""kubeadm's own feature gates (`featureGates` of ClusterConfiguration), release by release.

They are not those of Kubernetes' components, which kubeadm refuses there. Sources: what v1.14.10,
v1.20.2, v1.22.3 and v1.28.7 take and refuse; the tables of present and of removed gates in
kubernetes.io's page of `kubeadm init` (1.36); release notes of 1.37 (PR#136016, PR#138645). The
tables have UnversionedKubeletConfigMap a minor too early: v1.22.3 refuses it, 1.23 has it off
(PR#105741) and 1.24 on (PR#108027). Until 1.17 there is also CoreDNS, which is deprecated and is
refused, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.kubeadm import releases
from scanner.versions import Version, VersionRange, minor_floor


@dataclass(frozen=True, slots=True)
class Gate:
    """The releases that know a gate, and from which one on it is true by default."""

    versions: VersionRange
    on_since: Version | None = None
    """None = not before it is removed."""


def _gate(since: str, until: str | None, on: str | None = None) -> Gate:
    return Gate(VersionRange.parse(since, until), None if on is None else minor_floor(on))


DUAL_STACK = "IPv6DualStack"

GATES: Mapping[str, Gate] = {
    "ControlPlaneKubeletLocalMode": _gate("1.31", "1.36", on="1.33"),
    "EtcdLearnerMode": _gate("1.27", "1.33", on="1.29"),
    DUAL_STACK: _gate("1.16", "1.24", on="1.21"),
    "NodeLocalCRISocket": _gate("1.32", "1.37", on="1.34"),
    "PublicKeysECDSA": _gate("1.19", "1.37"),
    "RootlessControlPlane": _gate("1.22", None),
    "UnversionedKubeletConfigMap": _gate("1.23", "1.26", on="1.24"),
    "UpgradeAddonsBeforeControlPlane": _gate("1.28", "1.31"),
    "WaitForAllControlPlaneComponents": _gate("1.30", "1.35", on="1.33"),
}

UNSETTLED: Mapping[str, Version] = {"MergeCLIArgumentsWithConfig": minor_floor("1.29")}
"""From which one on it is not settled: announced for 1.29 (PR#119946) and in no table of the
documentation since."""


def known(name: str, version: Version) -> bool | None:
    """Whether this kubeadm has the gate, else it refuses the configuration; None = not settled."""
    unsettled = UNSETTLED.get(name)
    if version not in releases.SUPPORTED or (unsettled is not None and version >= unsettled):
        return None
    gate = GATES.get(name)
    return gate is not None and version in gate.versions


def enabled(name: str, version: Version, given: Mapping[str, bool]) -> bool:
    """Whether a gate of GATES is on: what the configuration says, else the release's default."""
    gate = GATES[name]
    by_default = gate.on_since is not None and version >= gate.on_since
    return version in gate.versions and given.get(name, by_default)
