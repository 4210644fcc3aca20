"""What kubeadm refuses of its configuration before its first check, under no check's name.

What the inventory cannot even say (a port above 65535, two networks of one family, a relative path)
is refused by the inventory and is not asked again here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping

from scanner.checks import subnet_sizes
from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    INIT,
    Finding,
    Severity,
    applies,
    check,
    clip,
    every_part,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.identity import Addresses, Identity
from scanner.kubeadm import feature_gates, releases
from scanner.kubeadm.proxy_modes import has_nftables
from scanner.request import Cluster, ExternalEtcd, ProxyMode
from scanner.target import Target

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST = 253
_TWO = 2
_CONFIGURATION = "the cluster's configuration"


def _is_subdomain(name: str) -> bool:
    """As apimachinery's IsDNS1123Subdomain has it: no limit for one part of the name."""
    return len(name) <= _LONGEST and _SUBDOMAIN.fullmatch(name) is not None


@check(
    "KS115",
    "node name",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy="Give the host another name with `hostnamectl set-hostname`, or set nodeName in the "
    "inventory: lower-case letters, digits, `-` and `.`, a letter or digit at both ends.",
)
def node_name(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read nodeRegistration.name; passes if it is an RFC 1123 subdomain.

    It is the host name in lower case where nobody has set it. kubeadm refuses any other before its
    preflight, under no check's name; an underscore is the usual reason. Source: validation.go
    ValidateNodeRegistrationOptions, v1.20.2.
    """
    name = target.node_name
    if not name:
        _unread = facts[Identity]
        raise FactMissing("the node name is not known")
    if not _is_subdomain(name):
        yield Finding(
            f"kubeadm refuses the node name {clip(name)}: it is not made of at most {_LONGEST} "
            "lower-case letters, digits, `-` and `.` with a letter or digit at both ends",
            have=clip(name),
            need="an RFC 1123 subdomain",
            source="nodeRegistration.name or the host name",
        )


@check(
    "KS116",
    "configuration that kubeadm accepts",
    applies(CONTROL_PLANE, Severity.ERROR, subjects=("advertiseAddress",), own=True),
    applies(
        INIT,
        Severity.ERROR,
        subjects=(
            "controlPlaneEndpoint",
            "etcd.external",
            "featureGates",
            "podSubnet",
            "proxyMode",
            "serviceSubnet",
        ),
        own=True,
    ),
    kubeadm=None,
    remedy="Correct {subject} in the inventory.",
    subjects=lambda target: tuple(field for field, said in _SAID.items() if said(target)),
)
def configuration(facts: Facts, target: Target, field: str) -> Iterator[Finding]:
    """Read a field of the configuration; passes if kubeadm would accept it.

    kubeadm refuses these before its preflight, under no check's name: an advertiseAddress that no
    other host can dial; a controlPlaneEndpoint that is neither an IP address nor a lower-case DNS
    name (an IPv6 address without a port has no brackets); a client certificate of external etcd
    without caFile; a feature gate that is not kubeadm's own or not of this version; a serviceSubnet
    of less than 10 addresses, or larger than /12 (IPv6: /108), which 1.14 takes while its
    kube-apiserver does not start; a podSubnet of less than 10 addresses, from 1.20 on one that is
    smaller than one node's part of it (/24, IPv6: /64) or more than 16 bits larger. The last
    holds where no configuration of kubeadm sets another node-cidr-mask-size. proxyMode nftables it
    takes below Kubernetes 1.29, too, and kube-proxy does not start. Source: validation.go,
    config/common.go and features.go, v1.14.10, v1.20.2 and v1.28.7; the tables of feature gates on
    kubernetes.io.
    """
    if field == "advertiseAddress" and target.advertise_address is None:
        _unread = facts[Addresses]
    yield from _RULES[field](target)


def _advertise_address(target: Target) -> Iterator[Finding]:
    # It may be one that the host has told, which need not be an address at all.
    if target.advertise_address is None or not _is_ip(target.advertise_address):
        raise FactMissing("the advertise address is not known")
    address = ipaddress.ip_address(target.advertise_address)
    if address.is_loopback:
        raise FactMissing(
            f"instead of {address} kubeadm takes a global address of the interface lo, and the "
            "host was not asked for one"
        )
    # 0.0.0.0 asks kubeadm to choose.
    if address.is_multicast or address.is_link_local:
        yield Finding(
            f"kubeadm refuses the advertise address {address}, which other hosts cannot dial",
            have=str(address),
            need="a global unicast address",
            source="localAPIEndpoint.advertiseAddress",
        )


def _endpoint(target: Target) -> Iterator[Finding]:
    endpoint = target.cluster.control_plane_endpoint
    host = _host_of(endpoint)
    if not _is_ip(host) and not _is_subdomain(host):
        yield Finding(
            f"kubeadm refuses the endpoint {clip(endpoint)}: {clip(host)} is neither an IP address "
            "nor a DNS name in lower case",
            have=clip(endpoint),
            need="host[:port]",
            source=_CONFIGURATION,
        )


def _host_of(endpoint: str) -> str:
    """The host as Go's net.SplitHostPort leaves it: brackets only go where a port follows."""
    host, colon, port = endpoint.rpartition(":")
    if not colon or not port.isdecimal():
        return endpoint
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    return endpoint if ":" in host else host


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _external_etcd(target: Target) -> Iterator[Finding]:
    etcd = target.cluster.etcd
    if isinstance(etcd, ExternalEtcd) and etcd.cert_file and etcd.key_file and not etcd.ca_file:
        yield Finding(
            "kubeadm refuses a client certificate of the external etcd without its CA",
            have="certFile and keyFile",
            need="caFile too",
            source=_CONFIGURATION,
        )


def _feature_gates(target: Target) -> Iterator[Finding]:
    def one(name: str) -> Iterator[Finding]:
        known = feature_gates.known(name, target.kubeadm)
        if known is None:
            raise FactMissing(f"whether kubeadm v{target.kubeadm} has the feature gate {name}")
        if not known:
            yield Finding(
                f"kubeadm v{target.kubeadm} has no feature gate {clip(name)} and refuses it",
                have=clip(name),
                need="a feature gate of this kubeadm",
                source=_CONFIGURATION,
            )

    yield from every_part(*(one(name) for name, _ in target.cluster.feature_gates))


def _proxy_mode(target: Target) -> Iterator[Finding]:
    if not has_nftables(target.kubernetes):
        yield Finding(
            f"kube-proxy v{target.kubernetes} has no mode nftables and does not start with it",
            have=f"v{target.kubernetes}",
            need="v1.29.0 or newer, or another proxyMode",
            source=_CONFIGURATION,
        )


_RULES: Mapping[str, Callable[[Target], Iterator[Finding]]] = {
    "advertiseAddress": _advertise_address,
    "controlPlaneEndpoint": _endpoint,
    "etcd.external": _external_etcd,
    "featureGates": _feature_gates,
    "podSubnet": subnet_sizes.pod_subnet,
    "proxyMode": _proxy_mode,
    "serviceSubnet": subnet_sizes.service_subnet,
}
_SAID: Mapping[str, Callable[[Target], bool]] = {
    "advertiseAddress": lambda _target: True,
    "controlPlaneEndpoint": lambda target: bool(target.cluster.control_plane_endpoint),
    "etcd.external": lambda target: isinstance(target.cluster.etcd, ExternalEtcd),
    "featureGates": lambda target: bool(target.cluster.feature_gates),
    "proxyMode": lambda target: target.cluster.proxy_mode is ProxyMode.NFTABLES,
    "podSubnet": lambda target: bool(target.cluster.pod_subnets),
    "serviceSubnet": lambda target: bool(target.cluster.service_subnets),
}


def _networks(cluster: Cluster) -> Mapping[str, tuple[str, ...]]:
    return {"podSubnet": cluster.pod_subnets, "serviceSubnet": cluster.service_subnets}


@check(
    "KS117",
    "two networks (dual stack)",
    applies(INIT, Severity.ERROR, until="1.23", own=True),
    kubeadm=None,
    remedy="Set the feature gate IPv6DualStack to true in the inventory (1.16 to 1.22, services "
    "from 1.17 on), give {subject} one network, or install a newer kubeadm.",
    subjects=lambda target: tuple(
        field for field, found in _networks(target.cluster).items() if len(found) == _TWO
    ),
)
def dual_stack(_facts: Facts, target: Target, field: str) -> Iterator[Finding]:
    """Count the networks of pods and of services; passes if kubeadm accepts two of them.

    It refuses two before its preflight, under no check's name, where the feature gate IPv6DualStack
    is off: up to 1.15 there is no such gate, in 1.16 it is for the pods' networks only, from 1.21
    on it is on by default, and from 1.23 on two networks need none. Source: validation.go
    ValidateNetworking, v1.20.2; release notes of 1.16 (PR#79033, PR#80145), 1.17 (PR#82473), 1.21
    (PR#99294) and 1.23 (PR#104691).
    """
    given = dict(target.cluster.feature_gates)
    on = feature_gates.enabled(feature_gates.DUAL_STACK, target.kubeadm, given)
    for_field = field == "podSubnet" or releases.find(target.kubeadm).dual_stack_services
    if not (on and for_field):
        yield Finding(
            f"kubeadm v{target.kubeadm} refuses two networks in {field}: "
            + ("the feature gate IPv6DualStack is off" if for_field else "it only takes one"),
            have=", ".join(_networks(target.cluster)[field]),
            need="one network" if not for_field else "the feature gate IPv6DualStack",
            source=_CONFIGURATION,
        )
