"""Step 2: what kubeadm keeps of the kubelets' configuration, which a node that joins is given."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip
from scanner.facts.base import FactMissing
from scanner.kubeadm.after_init import KUBELET_API, after_init
from scanner.verify.configuration import (
    CONFIG_MAP,
    RBAC,
    READERS,
    cluster_configuration,
    other_api,
)
from scanner.verify.dns import DNS_SERVICE
from scanner.verify.documents import of_kind
from scanner.verify.objects import Object, Ref, text, texts
from scanner.verify.rbac import Grant, Right, absent, granted, in_namespace, refs
from scanner.verify.step import Seen, step
from scanner.versions import Version


def kubelet_config_refs(version: Version) -> tuple[Ref, ...]:
    """The names that the kubelets' ConfigMap may have, the usual one first."""
    return tuple(
        Ref("ConfigMap", name, "kube-system") for name in after_init(version).kubelet_configs
    )


def _kubelet_grant(name: str) -> Grant:
    return in_namespace("kube-system", f"kubeadm:{name}", READERS, Right("get", "configmaps", name))


def _kubelet_grants(version: Version) -> tuple[Grant, ...]:
    return tuple(_kubelet_grant(name) for name in after_init(version).kubelet_configs)


def _kubelet_config(seen: Seen) -> tuple[Ref, Object] | None:
    """The one that is there."""
    for ref in kubelet_config_refs(seen.observed.version):
        found = seen.observed.get(ref)
        if found is not None:
            return ref, found
    return None


@step(
    "KS802",
    "kubelet-config",
    number=2,
    depends=("KS801", "KS808"),
    remedy="Upload it again: `kubeadm init phase upload-config kubelet --config FILE` on a control "
    "plane.",
    reads=lambda version: (*kubelet_config_refs(version), *refs(_kubelet_grants(version))),
    subjects=(CONFIG_MAP, RBAC),
)
def kubelet_config(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read the ConfigMap of the kubelets' configuration, and who may read it.

    It is kubelet-config-1.N until 1.22, either name in 1.23 and 1.24, kubelet-config from 1.25 on.
    Passes if its key `kubelet` is a KubeletConfiguration of v1beta1, and who joins and each node
    may get it. Another domain or address of the DNS than the cluster's is a warning. Source:
    phases/kubelet/config.go of v1.20.2; PR#105741, #108027, #110327.
    """
    usual = kubelet_config_refs(seen.observed.version)[0]
    found = _kubelet_config(seen)
    if subject == RBAC:
        ref = usual if found is None else found[0]
        yield from granted(seen.observed, _kubelet_grant(ref.name))
    elif found is None:
        yield absent(usual)
    else:
        yield from _document(seen, *found)


def _document(seen: Seen, ref: Ref, config_map: Object) -> Iterator[Finding]:
    source = f"{ref.path} kubelet"
    found = of_kind(text(config_map, "data", "kubelet"), "KubeletConfiguration")
    if found is None:
        yield Finding(f"{ref} has no KubeletConfiguration that can be read", source=source)
        return
    yield from other_api(found, (KUBELET_API,), source)
    domain, need = text(found, "clusterDomain"), _domain(seen)
    if domain and need and domain != need:
        yield _of_names(
            f"its clusterDomain is {clip(domain)}, and the cluster's {clip(need)}", source
        )
    servers, dns = texts(found, "clusterDNS"), seen.observed.objects.get(DNS_SERVICE)
    own = text(dns, "spec", "clusterIP")
    if servers and own and own not in servers and not any(map(_is_of_the_node, servers)):
        message = f"its clusterDNS is {clip(', '.join(servers))}, and the Service's address {own}"
        yield _of_names(message, source)


def _domain(seen: Seen) -> str:
    try:
        return text(cluster_configuration(seen.observed), "networking", "dnsDomain")
    except FactMissing:
        return ""


def _of_names(message: str, source: str) -> Finding:
    return Finding(
        f"{message}: pods of nodes that join find no name",
        source=source,
        severity=Severity.WARNING,
        remedy="Correct it: `kubectl -n kube-system edit configmap`, and the file "
        "/var/lib/kubelet/config.yaml of nodes that have joined since.",
    )


def _is_of_the_node(address: str) -> bool:
    """True for a cache of names that each node has for itself, at a link-local address."""
    try:
        return ipaddress.ip_address(address).is_link_local
    except ValueError:
        return False
