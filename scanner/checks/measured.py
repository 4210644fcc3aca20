"""What is measured only with an option of its own: the disk under etcd, the image registry."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from scanner.checks.rule import ALL, CONTROL_PLANE, Finding, Severity, applies, check, clip
from scanner.facts.base import FactMissing, Facts
from scanner.facts.fsync import Fsync
from scanner.facts.registry import Registry, Trouble
from scanner.kubeadm.limits import FSYNC_P99_US
from scanner.kubeadm.registry import manifest_url
from scanner.measure import Measure
from scanner.request import LocalEtcd
from scanner.target import Target

_OK = range(200, 300)


def _with_fsync(target: Target) -> tuple[str, ...]:
    asked = Measure.FSYNC in target.measures and isinstance(target.cluster.etcd, LocalEtcd)
    return ("",) if asked else ()


@check(
    "KS604",
    "speed of etcd's disk",
    applies(CONTROL_PLANE, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Give etcd's dataDir a disk of its own, best an SSD.",
    subjects=_with_fsync,
)
def fsync(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Write as etcd's log does, with --etcd-fsync only: passes if 99 of 100 take under 10 ms.

    2,300 bytes and an fdatasync each, 5,014 times or for 10 s, into a preallocated file of 11 MiB
    that has no name, so that nothing is left of it however the run ends. It lies in etcd's dataDir,
    or in the nearest directory above that is there. With python3, else perl; dd tells only the
    mean, which can show that a disk is slow and never that it is not. Nothing is written where
    etcd's data is, nor where less than 256 MiB are free. Source: etcd.io/docs, FAQ, on
    wal_fsync_duration_seconds ("should be less than 10ms"), and "Hardware recommendations", which
    has the size of the writes by fio.
    """
    found = facts[Fsync]
    if found.refused:
        raise FactMissing(f"fsync was not measured: {clip(found.refused)}")
    slowest = found.mean_us if found.p99_us is None else found.p99_us
    if slowest is None:
        raise FactMissing("fsync was not measured")
    what = "the mean" if found.p99_us is None else "the 99th percentile"
    if slowest >= FSYNC_P99_US:
        yield Finding(
            f"{what} of {found.writes:,} writes with fdatasync in {clip(found.place)} is "
            f"{slowest / 1000:.1f} ms",
            have=f"{slowest / 1000:.1f} ms",
            need=f"less than {FSYNC_P99_US // 1000} ms",
            source=f"{found.tool} in {clip(found.place)}",
        )
    elif found.p99_us is None:
        raise FactMissing(
            f"the mean of {found.writes:,} writes is {slowest / 1000:.1f} ms by dd; the 99th "
            "percentile needs python3 or perl"
        )


def _with_registry(target: Target) -> tuple[str, ...]:
    return ("",) if Measure.REGISTRY in target.measures else ()


_SAYS = {
    Trouble.NO_NAME: "its name is not known here",
    Trouble.TLS: "TLS fails",
    Trouble.REFUSED: "the connection is refused",
    Trouble.UNCONNECTED: "there is no connection: it is refused, or there is no route",
    Trouble.DROPPED: "no answer",
    Trouble.UNROUTABLE: "there is no route",
    Trouble.PROXY: "the proxy does not let it through",
    Trouble.OTHER: "it cannot be asked",
}
_CODES = {
    401: "it wants credentials, and none were sent: the runtime may have some, or fetch a token",
    403: "it does not let this host in",
    404: "it has no such image",
    407: "the proxy wants credentials",
    429: "it is asked too often from here",
}


@check(
    "KS513",
    "image registry",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Open the way to the registry, or set imageRepository to one that the hosts reach.",
    subjects=_with_registry,
)
def registry(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask for kube-proxy's manifest, with --registry only: passes if the registry has it.

    That is one HEAD request, in imageRepository or kubeadm's own registry, in the version that was
    asked for; without one only the registry itself is asked. Nothing is pulled and no credentials
    are sent. With python3, else curl, else GNU wget, and through the HTTPS_PROXY of the process of
    docker, CRI-O or containerd, if one runs that has it. Mirrors of the runtime's own configuration
    are not known, nor its certificates and insecure registries. Source: the OCI distribution
    specification, "Pulling manifests".
    """
    found = facts[Registry]
    if not found.tool:
        raise FactMissing(
            "the host has neither python3, curl nor GNU wget to ask the registry with"
        )
    if found.code in _OK:
        return
    url = manifest_url(target.cluster)
    where = urlsplit(url).netloc
    if found.code is not None:
        why, have = _CODES.get(found.code, "that is no manifest"), str(found.code)
        why = f"it answers {found.code}, {why}"
    else:
        have = found.trouble or Trouble.OTHER
        why = _SAYS[Trouble(have)] + (f" ({clip(found.said)})" if found.said else "")
    through = f" through the proxy {clip(found.proxy)}" if found.proxy else ""
    yield Finding(
        f"the registry {where} was asked{through}: {why}",
        have=have,
        need="200",
        source=f"{found.tool}, HEAD {url}",
    )
