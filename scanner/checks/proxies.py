"""HTTP proxies that would stand between the cluster's parts."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator

from scanner.checks.go_proxy import Proxy, proxy_for
from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    Finding,
    Severity,
    check,
    clip,
    every_part,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.environment import Environment
from scanner.facts.identity import Addresses
from scanner.facts.programs import Kubeadm
from scanner.kubeadm import go_builds
from scanner.target import Role, Target

_HTTPS = "443"
_DUMMY_PORT = "1234"
"""kubeadm puts it behind an address in brackets; only a NO_PROXY entry with a port can tell."""

_REMEDY = (
    "Add {what} to NO_PROXY and no_proxy where the proxy is set (/etc/environment, /etc/profile.d, "
    "env_keep of sudoers), or take the proxy away."
)


@check(
    "KS501",
    "proxy to the API server",
    *history(ALL, Severity.WARNING),
    kubeadm="HTTPProxy",
    remedy=_REMEDY.replace("{what}", "the API server's address"),
)
def http_proxy(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read the proxy variables that kubeadm would inherit; passes if none is used.

    Tested are a control plane's own advertise address and a join's API endpoint, by Go's rules:
    HTTPS_PROXY and NO_PROXY or the same in lower case. HTTP_PROXY counts in their place where
    kubeadm was built with a Go before 1.16, as the project's own releases are until 1.20. Until
    1.15 an IPv6 address that does not end in digits is an error with a Go that looks at ports
    (kubeadm v1.15.3 and newer), because kubeadm puts no brackets around it. Source: checks.go
    HTTPProxyCheck, v1.14.10, v1.20.2 and v1.28.7; golang/go#40909; kubeadm issues 1769 and 2003.
    """
    parts = []
    if target.role is not Role.INIT:
        parts.append(_to_endpoint(facts, target))
    if target.role is not Role.JOIN_WORKER:
        parts.append(_to_itself(facts, target))
    yield from every_part(*parts)


def _go(facts: Facts, target: Target) -> go_builds.Go:
    """The Go that kubeadm was built with: what it says, else that of the project's own release."""
    kubeadm = facts.get(Kubeadm)
    told = None if kubeadm is None else kubeadm.go
    return told or go_builds.official(target.kubeadm)


def _proxy(facts: Facts, target: Target, host: str, port: str) -> Proxy | None:
    http_too = go_builds.falls_back_to_http_proxy(_go(facts, target))
    return proxy_for(host, port, facts[Environment].proxies, http_too=http_too)


def _to_endpoint(facts: Facts, target: Target) -> Iterator[Finding]:
    if not target.endpoint:
        raise FactMissing("the API endpoint of the join is not known")
    yield from _direct(facts, target, target.endpoint)


def _to_itself(facts: Facts, target: Target) -> Iterator[Finding]:
    address = target.advertise_address
    if address is None:
        known = facts[Addresses]
        address = next(iter((*known.ipv4, *known.ipv6)), None)
    if address is None:
        raise FactMissing("the advertise address is not known")
    yield from _direct(facts, target, address)


def _direct(facts: Facts, target: Target, host: str) -> Iterator[Finding]:
    v6 = ":" in host
    go = _go(facts, target)
    if v6 and not _ends_in_a_port(host) and go_builds.breaks_on_ipv6_host(target.kubeadm, go):
        yield Finding(
            f"kubeadm v{target.kubeadm} cannot check https://{clip(host)} for a proxy, as it takes "
            "an IPv6 address for a host and a port",
            have=clip(host),
            need="an IPv4 address, or kubeadm 1.16 or newer",
            source="kubeadm version",
            severity=Severity.ERROR,
            remedy="Install kubeadm 1.16 or newer, or ignore HTTPProxy.",
        )
        return
    proxy = _proxy(facts, target, host, _DUMMY_PORT if v6 else _HTTPS)
    if proxy is not None:
        yield Finding(
            f"https://{f'[{clip(host)}]' if v6 else clip(host)} would be reached through the proxy "
            f"{clip(proxy.url)}",
            have=clip(proxy.url),
            need=f"{clip(host)} in NO_PROXY",
            source=proxy.variable,
        )


def _ends_in_a_port(host: str) -> bool:
    """`2001:db8::11` without brackets is a host and the port 11 for Go; `fd00::` has an empty one.

    What v1.14.10's own HTTPProxyCheck said of each.
    """
    port = host.rpartition(":")[2]
    return not port or port.isdecimal()


@check(
    "KS502",
    "proxy to services and pods",
    *history(CONTROL_PLANE, Severity.WARNING),
    kubeadm="HTTPProxyCIDR",
    remedy=_REMEDY.replace("{what}", "the service and pod networks"),
)
def http_proxy_cidr(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read the proxy variables that kubeadm would inherit; passes if none is used.

    Tested is the first address of each service and pod network, by the same rules as the API
    server's. A kubeadm without PR#134588 (of November 2025) that somebody has built with a newer Go
    (1.24.8, 1.25.2) cannot read the address of an IPv4 network, which is an error. Source:
    checks.go HTTPProxyCIDRCheck, v1.20.2; release notes of 1.16 (PR#79033) and 1.17 (PR#82473) for
    lists of networks; kubernetes issue 135013.
    """
    networks = (*target.cluster.service_subnets, *target.cluster.pod_subnets)
    yield from every_part(*(_network_direct(facts, target, network) for network in networks))


@functools.lru_cache(maxsize=64)
def _first_address(text: str) -> str | None:
    """The address behind a network's own; the same for all hosts of a run."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return None if network.num_addresses == 1 else str(network[1])


def _network_direct(facts: Facts, target: Target, text: str) -> Iterator[Finding]:
    first = _first_address(text)
    if first is None:
        yield Finding(
            f"the network {clip(text)} has no first address",
            have=clip(text),
            need="a network such as 10.96.0.0/12",
            source="networking",
            severity=Severity.ERROR,
        )
        return
    if ":" not in first and go_builds.breaks_on_ipv4_network(target.kubeadm, _go(facts, target)):
        yield Finding(
            f"kubeadm v{target.kubeadm} was built with a Go that does not let it check the network "
            f"{clip(text)} for a proxy",
            have=f"v{target.kubeadm}",
            need="a kubeadm of November 2025 or newer, or of an older Go",
            source="kubeadm version",
            severity=Severity.ERROR,
            remedy="Install a newer patch release of kubeadm, or ignore HTTPProxyCIDR.",
        )
        return
    proxy = _proxy(facts, target, first, _DUMMY_PORT)
    if proxy is not None:
        yield Finding(
            f"the network {clip(text)} would be reached through the proxy {clip(proxy.url)}",
            have=clip(proxy.url),
            need=f"{clip(text)} in NO_PROXY",
            source=proxy.variable,
        )
