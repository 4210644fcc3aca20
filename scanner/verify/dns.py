"""Step 8: the cluster's DNS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip, every_part
from scanner.facts.base import FactMissing
from scanner.kubeadm.after_init import after_init
from scanner.verify.configuration import cluster_configuration, disabled, service_subnet
from scanner.verify.objects import Object, Ref, mapping, number, objects, text
from scanner.verify.rbac import (
    SERVICE_ACCOUNT,
    Right,
    Subject,
    absent,
    everywhere,
    granted,
    lets,
    refs,
)
from scanner.verify.rollout import runs_as, unfinished
from scanner.verify.step import Seen, step
from scanner.versions import Version

_TENTH = 10
"""kubeadm gives the service the tenth address (constants.GetDNSIP)."""
_PORT = 53
DNS_SERVICE = Ref("Service", "kube-dns", "kube-system")
_CONFIG = Ref("ConfigMap", "coredns", "kube-system")
_DEPLOYMENT, _SERVICE, _CONFIG_MAP, _RBAC = "Deployment", "Service", "ConfigMap", "RBAC"
_COREDNS = everywhere(
    "system:coredns",
    (Subject(SERVICE_ACCOUNT, "coredns", "kube-system"),),
    *(
        Right(verb, resource)
        for verb in ("list", "watch")
        # endpoints or endpointslices: see _rights
        for resource in ("services", "pods", "namespaces")
    ),
)


def _names(version: Version) -> tuple[str, ...]:
    return ("coredns", "kube-dns") if after_init(version).kube_dns else ("coredns",)


def _reads(version: Version) -> tuple[Ref, ...]:
    named = [
        Ref(kind, name, "kube-system")
        for name in _names(version)
        for kind in ("Deployment", "ServiceAccount")
    ]
    return (*named, DNS_SERVICE, _CONFIG, *refs((_COREDNS,)))


def _program(seen: Seen) -> str:
    """coredns, or kube-dns where kubeadm was asked for it."""
    if not seen.left.kube_dns:
        return "coredns"
    try:
        asked = text(cluster_configuration(seen.observed), "dns", "type")
    except FactMissing:
        asked = ""
    return "kube-dns" if asked == "kube-dns" else "coredns"


def deployment(seen: Seen) -> tuple[Ref, Object | None]:
    """The Deployment that answers.

    Raises:
        FactMissing: it could not be read.
    """
    ref = Ref("Deployment", _program(seen), "kube-system")
    return ref, seen.observed.get(ref)


def not_wanted(seen: Seen, _subject: str) -> str | None:
    """Why DNS is not asked for, or None."""
    return "dns.disabled is set in kubeadm-config" if disabled(seen, "dns") else None


def _skip(seen: Seen, subject: str) -> str | None:
    if _program(seen) == "kube-dns" and subject == _CONFIG_MAP:
        return "kube-dns needs none of its own"
    return not_wanted(seen, subject)


@step(
    "KS808",
    "DNS of the cluster",
    number=8,
    depends=("KS801",),
    remedy="Make it again: `kubeadm init phase addon coredns --config FILE` on a control plane. "
    "Where another one answers on purpose, the inventory says so: "
    "`ignore: [{check: KS808, reason: ...}, {check: KS828, reason: ...}]`.",
    reads=_reads,
    subjects=(_DEPLOYMENT, _SERVICE, _CONFIG_MAP, _RBAC),
    skip=_skip,
)
def dns(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read Deployment coredns (or kube-dns until 1.20), Service kube-dns, and what belongs to them.

    Passes if the Deployment has its labels and service account, the Service the tenth address of
    serviceSubnet and its ports, the ConfigMap a Corefile with the plugin kubernetes, and CoreDNS
    may list and watch what it answers from. Source: phases/addons/dns of v1.20.2; PR#99646.
    """
    if subject == _RBAC:
        yield from every_part(_account(seen), _rights(seen))
    elif subject == _SERVICE:
        yield from _service(seen)
    elif subject == _CONFIG_MAP:
        yield from _corefile(seen)
    else:
        yield from _deployment(seen)


def _corefile(seen: Seen) -> Iterator[Finding]:
    config = seen.observed.get(_CONFIG)
    if config is None:
        yield absent(_CONFIG)
        return
    corefile = text(config, "data", "Corefile")
    words = {line.split()[0] for line in corefile.splitlines() if line.strip()}
    if not words:
        yield Finding(f"{_CONFIG} has no Corefile", need="Corefile", source=_CONFIG.path)
    elif words.isdisjoint({"kubernetes", "import"}):
        yield Finding(
            "its Corefile does not use the plugin kubernetes: no Service has a name",
            need="kubernetes",
            source=f"{_CONFIG.path} Corefile",
        )


def _deployment(seen: Seen) -> Iterator[Finding]:
    ref, found = deployment(seen)
    if found is None:
        yield absent(ref)
        return
    yield from runs_as(ref, found, _account_of(seen))
    if text(found, "spec", "template", "metadata", "labels", "k8s-app") != "kube-dns":
        yield Finding(
            f"the pods of {ref} have no label k8s-app=kube-dns: the Service does not find them",
            need="k8s-app=kube-dns",
            source=ref.path,
        )


def _account_of(seen: Seen) -> Ref:
    return Ref("ServiceAccount", _program(seen), "kube-system")


def _account(seen: Seen) -> Iterator[Finding]:
    account = _account_of(seen)
    if seen.observed.get(account) is None:
        yield absent(account)


def _rights(seen: Seen) -> Iterator[Finding]:
    if _program(seen) == "kube-dns":
        return
    yield from granted(seen.observed, _COREDNS)
    role = seen.observed.get(_COREDNS.role)
    if role is None:
        return
    for verb in ("list", "watch"):
        # which of them it asks for is a matter of CoreDNS' version
        either = (Right(verb, "endpoints"), Right(verb, "endpointslices", "", "discovery.k8s.io"))
        if not any(lets(role, right) for right in either):
            said = f"{_COREDNS.role} does not let {verb} endpoints or endpointslices"
            yield Finding(said, need=f"{verb} endpointslices", source=_COREDNS.role.path)


def _service(seen: Seen) -> Iterator[Finding]:
    found = seen.observed.get(DNS_SERVICE)
    if found is None:
        yield absent(DNS_SERVICE)
        return
    have = text(found, "spec", "clusterIP")
    need = _tenth(service_subnet(seen))
    if need is not None and have != need:
        yield Finding(
            f"its address is {clip(have) or 'none'}, and kubeadm tells the kubelets {need}",
            have=clip(have),
            need=need,
            source=f"{DNS_SERVICE.path} clusterIP",
            severity=Severity.WARNING,
        )
    if dict(mapping(found, "spec", "selector")) != {"k8s-app": "kube-dns"}:
        yield Finding(
            "it does not select k8s-app=kube-dns alone",
            need="k8s-app=kube-dns",
            source=f"{DNS_SERVICE.path} selector",
        )
    open_ports = {
        (number(port, "port"), text(port, "protocol") or "TCP")
        for port in objects(found, "spec", "ports")
    }
    for protocol in ("UDP", "TCP"):
        if (_PORT, protocol) not in open_ports:
            need = f"{_PORT}/{protocol}"
            yield Finding(f"it has no port {need}", need=need, source=f"{DNS_SERVICE.path} ports")


def _tenth(subnets: str) -> str | None:
    try:
        first = subnets.partition(",")[0].strip()
        return str(ipaddress.ip_network(first, strict=False)[_TENTH])
    except (ValueError, IndexError):
        return None


@step(
    "KS828",
    "DNS rolled out",
    depends=("KS801", "KS808", "KS826"),
    remedy="See what its pods say: `kubectl -n kube-system describe pods -l k8s-app=kube-dns`; "
    "without a network add-on (CNI) they stay Pending.",
    skip=not_wanted,
)
def dns_rolled_out(seen: Seen, _subject: str) -> Iterator[Finding]:
    """Read the Deployment's status; passes if all its pods are of its newest version and available.

    Source: `kubectl rollout status`.
    """
    ref, found = deployment(seen)
    if found is None:
        yield absent(ref)
        return
    for clause in unfinished("Deployment", found):
        yield Finding(clip(clause), source=f"{ref.path} status")
