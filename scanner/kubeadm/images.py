"""The images that kubeadm wants on a control plane, by its version and by Kubernetes' version.

The tags are what `kubeadm config images list` of each release printed: v1.14.10, v1.20.2, v1.22.3
and v1.28.7 were run; those of v1.16.0 to v1.37.0-rc.0 are recorded by minikube
(constants_kubeadm_images.go, 2026-08-23), those of v1.13 to v1.15 stand in public pastes of several
patch releases. How names are made: app/images of v1.20.2.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from scanner.kubeadm.evidence import Evidence
from scanner.versions import Version, VersionRange, parse_version

OLD_REGISTRY, REGISTRY = "k8s.gcr.io", "registry.k8s.io"

_REGISTRY_IN = tuple(
    VersionRange.parse(since, until)
    for since, until in (
        ("1.22.17", "1.23"),
        ("1.23.15", "1.24"),
        ("1.24.9", "1.25"),
        ("1.25", None),
    )
)
"""kubeadms with registry.k8s.io: from 1.25 on (PR#109938), and the back-ports of December
2022 (PR#113393 for 1.23.15; 1.22.17 and 1.24.9 by their lists of images)."""

_COREDNS_PATH = VersionRange.parse("1.21", None)
"""coredns lies one folder deeper in kubeadm's own registry."""
_COREDNS_PATH_ANYWHERE = VersionRange.parse("1.21", "1.21.2")
"""And in every other one too: failing pulls of 1.21.0 and 1.21.1 show it, a list of 1.21.5 does
not; that 1.21.2 ended it is inferred."""

KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy")


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of one release of kubeadm and its patches, until the next row."""

    since: Version
    etcd: str
    """For the same minor of Kubernetes."""
    coredns: str
    pause: str
    evidence: Evidence
    etcd_before: str
    """For the minor of Kubernetes before its own; empty: no kubeadm of the row was asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kubeadm would look for, or pull."""

    names: tuple[str, ...]
    """Each with registry and tag, in kubeadm's order."""
    unknown: tuple[str, ...]
    """Images whose tag is not known."""


def _row(
    since: str,
    etcd: str,
    coredns: str,
    pause: str,
    evidence: Evidence = Evidence.NOTES,
    *,
    before: str = "",
) -> Tags:
    return Tags(parse_version(since), etcd, coredns, pause, evidence, before)


TAGS = (
    _row("1.13.0", "3.2.24", "1.2.6", "3.1"),
    _row("1.14.0", "3.3.10", "1.3.1", "3.1", before="3.2.24"),
    _row("1.15.0", "3.3.10", "1.3.1", "3.1"),
    _row("1.16.0", "3.3.15-0", "1.6.2", "3.1"),
    _row("1.17.0", "3.4.3-0", "1.6.5", "3.1"),
    _row("1.18.0", "3.4.3-0", "1.6.7", "3.2"),
    _row("1.19.0", "3.4.9-1", "1.7.0", "3.2"),
    _row("1.19.1", "3.4.13-0", "1.7.0", "3.2"),
    _row("1.20.0", "3.4.13-0", "1.7.0", "3.2", before="3.4.13-0"),
    _row("1.21.0", "3.4.13-0", "v1.8.0", "3.4.1"),
    _row("1.22.0", "3.5.0-0", "v1.8.4", "3.5", before="3.4.13-0"),
    _row("1.22.17", "3.5.6-0", "v1.8.4", "3.5"),
    _row("1.23.0", "3.5.1-0", "v1.8.6", "3.6"),
    _row("1.23.14", "3.5.5-0", "v1.8.6", "3.6"),
    _row("1.23.15", "3.5.6-0", "v1.8.6", "3.6"),
    _row("1.24.0", "3.5.3-0", "v1.8.6", "3.7"),
    _row("1.24.8", "3.5.5-0", "v1.8.6", "3.7"),
    _row("1.24.9", "3.5.6-0", "v1.8.6", "3.7"),
    _row("1.25.0", "3.5.4-0", "v1.9.3", "3.8"),
    _row("1.25.4", "3.5.5-0", "v1.9.3", "3.8"),
    _row("1.25.5", "3.5.6-0", "v1.9.3", "3.8"),
    _row("1.25.15", "3.5.9-0", "v1.9.3", "3.8"),
    _row("1.26.0", "3.5.6-0", "v1.9.3", "3.9"),
    _row("1.26.10", "3.5.9-0", "v1.9.3", "3.9"),
    _row("1.26.13", "3.5.10-0", "v1.9.3", "3.9"),
    _row("1.27.0", "3.5.7-0", "v1.10.1", "3.9"),
    _row("1.27.7", "3.5.9-0", "v1.10.1", "3.9"),
    _row("1.27.10", "3.5.10-0", "v1.10.1", "3.9"),
    _row("1.27.12", "3.5.12-0", "v1.10.1", "3.9"),
    _row("1.28.0", "3.5.9-0", "v1.10.1", "3.9"),
    _row("1.28.6", "3.5.10-0", "v1.10.1", "3.9", before="3.5.10-0"),
    _row("1.28.8", "3.5.12-0", "v1.10.1", "3.9"),
    _row("1.28.14", "3.5.15-0", "v1.10.1", "3.9"),
    _row("1.29.0", "3.5.10-0", "v1.11.1", "3.9"),
    _row("1.29.3", "3.5.12-0", "v1.11.1", "3.9"),
    _row("1.29.9", "3.5.15-0", "v1.11.1", "3.9"),
    _row("1.29.11", "3.5.16-0", "v1.11.1", "3.9"),
    _row("1.30.0", "3.5.12-0", "v1.11.1", "3.9"),
    _row("1.30.5", "3.5.15-0", "v1.11.3", "3.9"),
    _row("1.31.0", "3.5.15-0", "v1.11.1", "3.10"),
    _row("1.31.1", "3.5.15-0", "v1.11.3", "3.10"),
    _row("1.31.14", "3.5.24-0", "v1.11.3", "3.10"),
    _row("1.32.0", "3.5.16-0", "v1.11.3", "3.10"),
    _row("1.32.10", "3.5.24-0", "v1.11.3", "3.10"),
    _row("1.33.0", "3.5.21-0", "v1.12.0", "3.10"),
    _row("1.33.6", "3.5.24-0", "v1.12.0", "3.10"),
    _row("1.34.0", "3.6.4-0", "v1.12.1", "3.10.1"),
    _row("1.34.2", "3.6.5-0", "v1.12.1", "3.10.1"),
    _row("1.35.0", "3.6.6-0", "v1.13.1", "3.10.1"),
    _row("1.36.0", "3.6.8-0", "v1.14.2", "3.10.2"),
    _row("1.37.0", "3.7.0-0", "v1.14.6", "3.10.2", Evidence.INFERRED),
)

LAST_READ = {
    13: 12,
    14: 10,
    15: 12,
    16: 15,
    17: 17,
    18: 20,
    19: 16,
    20: 15,
    21: 14,
    22: 17,
    23: 17,
    24: 17,
    25: 16,
    26: 15,
    27: 16,
    28: 15,
    29: 15,
    30: 14,
    31: 14,
    32: 13,
    33: 13,
    34: 10,
    35: 7,
    36: 3,
    37: 0,
}
"""Minor -> the last patch whose tags are known; a later one may bring another etcd or coredns."""


@functools.lru_cache(maxsize=64)
def wanted(kubeadm: Version, kubernetes: Version, repository: str, *, local_etcd: bool) -> Wanted:
    """What a kubeadm wants for a version of Kubernetes.

    Args:
        kubeadm: decides registry, pause and coredns.
        kubernetes: the tag of its four images; etcd's follows from both, and is known where their
            minors are equal, or of some kubeadms for the minor before.
        repository: imageRepository; empty is kubeadm's own.
        local_etcd: False with an external etcd, whose image nobody needs.
    """
    own = REGISTRY if any(kubeadm in some for some in _REGISTRY_IN) else OLD_REGISTRY
    registry = repository or own
    deeper = kubeadm in _COREDNS_PATH and (registry == own or kubeadm in _COREDNS_PATH_ANYWHERE)
    tags = find(kubeadm)
    found = {name: f"v{kubernetes}".replace("+", "_") for name in KUBERNETES}
    found["pause"] = "" if tags is None else tags.pause
    if local_etcd:
        behind = (kubeadm.major - kubernetes.major, kubeadm.minor - kubernetes.minor)
        known = {} if tags is None else {(0, 0): tags.etcd, (0, 1): tags.etcd_before}
        found["etcd"] = known.get(behind, "")
    found["coredns/coredns" if deeper else "coredns"] = "" if tags is None else tags.coredns
    return Wanted(
        tuple(f"{registry}/{name}:{tag}" for name, tag in found.items() if tag),
        tuple(name for name, tag in found.items() if not tag),
    )


def find(kubeadm: Version) -> Tags | None:
    """The row of a release; None for a pre-release and for patches that are not known."""
    known = kubeadm.patch <= LAST_READ.get(kubeadm.minor, -1)
    if kubeadm.major != 1 or kubeadm.prerelease or not known:
        return None
    return max((row for row in TAGS if row.since <= kubeadm), key=lambda row: row.since)
