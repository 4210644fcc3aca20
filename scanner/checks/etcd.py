"""etcd: the directory of a local one, certificates and version of an external one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from scanner.checks.files import absent_or_empty
from scanner.checks.go_proxy import proxy_for
from scanner.checks.privilege import because_of, is_root
from scanner.checks.rule import (
    CONTROL_PLANE,
    INIT,
    Evidence,
    Finding,
    Severity,
    check,
    clip,
    every_part,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.environment import Environment
from scanner.facts.network import EtcdEndpoint, ExternalEtcdVersions
from scanner.facts.paths import Paths, PathState
from scanner.kubeadm import releases
from scanner.request import ExternalEtcd, LocalEtcd
from scanner.target import Target
from scanner.versions import Version, parse_version


def _data_directory(target: Target) -> tuple[str, ...]:
    etcd = target.cluster.etcd
    return (etcd.data_dir,) if isinstance(etcd, LocalEtcd) else ()


def _external(target: Target) -> ExternalEtcd:
    etcd = target.cluster.etcd
    return etcd if isinstance(etcd, ExternalEtcd) else ExternalEtcd(())


@check(
    "KS601",
    "etcd's data directory",
    *history(CONTROL_PLANE, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="DirAvailable-{subject}",
    remedy="See whose data {subject} holds: move it away, or undo an old cluster with "
    "`kubeadm reset`; a mount point needs a sub-directory as dataDir because of lost+found.",
    subjects=_data_directory,
)
def data_directory(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Look into etcd.local.dataDir; passes if it is absent or empty.

    A dotfile or `lost+found` counts, and a file of that name fails too. Source: checks.go
    DirAvailableCheck, v1.20.2.
    """
    yield from absent_or_empty(facts, target, path)


@check(
    "KS602",
    "certificates of external etcd",
    *history(INIT, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="ExternalEtcdClientCertificates",
    remedy="Copy the CA, certificate and key of external etcd to the paths of etcd.external.",
    subjects=lambda target: ("",) if _external(target).files else (),
)
def client_certificates(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Look for caFile, certFile and keyFile of etcd.external; passes if those that are set exist.

    A control plane that joins with a certificate key is given them, and is not asked. Source:
    checks.go FileExistingCheck, v1.20.2.
    """
    yield from every_part(*(_exists(facts, path) for path in _external(target).files))


def _exists(facts: Facts, path: str) -> Iterator[Finding]:
    if facts[Paths].state(path) in (PathState.ABSENT, PathState.BLOCKED):
        yield Finding(
            f"{clip(path)} does not exist", have="absent", need="a file", source=clip(path)
        )


@check(
    "KS603",
    "version of external etcd",
    *history(INIT, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="ExternalEtcdVersion",
    remedy="Let the host reach every endpoint of external etcd with its certificates, and upgrade "
    "the members that are too old.",
    subjects=lambda target: ("",) if _external(target).endpoints else (),
)
def external_version(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask each endpoint's /version from the host; passes if none is older than kubeadm's minimum.

    The minimum is 3.2.18 until 1.27, 3.4.13 until 1.30, 3.5.11 from 1.31 and 3.5.24 from 1.36 on;
    late patches of 1.32 to 1.35, whose numbers are not known, want 3.5.24 already, so that a
    version between the two is UNKNOWN there. From 1.35 on httpEndpoints are asked, where set.
    Source: checks.go ExternalEtcdVersionCheck, v1.20.2; constants.MinExternalEtcdVersion of 1.31
    and 1.32; release note of 1.35 (PR#134890).
    """
    answers = {answer.endpoint: answer for answer in facts[ExternalEtcdVersions].endpoints}
    yield from every_part(
        *(
            _new_enough(facts, target, endpoint, answers.get(endpoint))
            for endpoint in _asked(target)
        )
    )


def _asked(target: Target) -> tuple[str, ...]:
    etcd = _external(target)
    by_http = releases.find(target.kubeadm).etcd_http_endpoints and etcd.http_endpoints
    return etcd.http_endpoints if by_http else etcd.endpoints


def _new_enough(
    facts: Facts, target: Target, endpoint: str, answer: EtcdEndpoint | None
) -> Iterator[Finding]:
    if answer is None:
        raise FactMissing(f"{clip(endpoint)} was not asked for its version")
    source = f"{clip(endpoint)}/version"
    release = releases.find(target.kubeadm)
    need = f"at least v{release.etcd}"
    if answer.error:
        if _external(target).files and not is_root(facts):
            raise FactMissing(
                f"{clip(endpoint)}: {clip(answer.error)} (root may be needed to read the "
                f"certificate files){because_of(facts)}"
            )
        if _only_curl_by_proxy(facts, endpoint):
            raise FactMissing(
                f"{clip(endpoint)}: {clip(answer.error)} (a curl before 7.86 does not know the "
                "networks of NO_PROXY, and asks the proxy where kubeadm does not)"
            )
        yield Finding(
            f"{clip(endpoint)} does not say its version: {clip(answer.error)}",
            have=clip(answer.error),
            need=need,
            source=source,
        )
        return
    version = _version(answer.version)
    if version is None:
        yield Finding(
            f"{clip(endpoint)} says {clip(answer.version)}, which is no version",
            have=clip(answer.version),
            need=need,
            source=source,
        )
    elif version < release.etcd:
        yield Finding(
            f"{clip(endpoint)} runs etcd {version}, which is too old for kubeadm v{target.kubeadm}",
            have=f"v{version}",
            need=need,
            source=source,
        )
    elif release.etcd_in_patches is not None and version < release.etcd_in_patches:
        raise FactMissing(
            f"{clip(endpoint)} runs etcd {version}, and some patch releases of kubeadm "
            f"1.{release.minor} want v{release.etcd_in_patches}"
        )


def _only_curl_by_proxy(facts: Facts, endpoint: str) -> bool:
    """True if kubeadm would ask directly because of a network that an older curl cannot read."""
    environment = facts.get(Environment)
    url = urlsplit(endpoint)
    if environment is None or url.scheme != "https" or url.hostname is None:
        return False
    proxies = dict(environment.proxies)
    port = str(url.port or 443)
    by_kubeadm = proxy_for(url.hostname, port, proxies)
    for name in ("NO_PROXY", "no_proxy"):
        entries = proxies.get(name, "").split(",")
        proxies[name] = ",".join(entry for entry in entries if "/" not in entry)
    return by_kubeadm is None and proxy_for(url.hostname, port, proxies) is not None


def _version(text: str) -> Version | None:
    try:
        return parse_version(text)
    except ValueError:
        return None
