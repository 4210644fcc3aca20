"""HTTP proxies that would stand between the cluster's parts."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator

from scanner.checks.go_proxy import proxy_for
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
from scanner.target import Role, Target
from scanner.versions import VersionRange, minor_floor

_HTTPS = "443"
_DUMMY_PORT = "1234"
"""kubeadm puts it behind an address in brackets; only a NO_PROXY entry with a port can tell."""

_BRACKETS = minor_floor("1.16")
_ENDS_IN_A_PORT = tuple(
    VersionRange.parse(since, until)
    for since, until in (("1.13.10", "1.14"), ("1.14.6", "1.15"), ("1.15.3", "1.16"))
)
"""kubeadms whose Go refuses `https://fd00::b`: the patches of August 2019 came with Go 1.12.9 or
1.11.13 (kubernetes issue 82304)."""

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
    HTTPS_PROXY and NO_PROXY or the same in lower case; HTTP_PROXY does not matter. Until 1.15
    kubeadm puts an IPv6 address into a URL without brackets: late patches fail where it does not
    end in digits, else it is not known which proxy that is. Source: checks.go HTTPProxyCheck,
    v1.14.10, v1.20.2 and v1.28.7; PR#82267.
    """
    parts = []
    if target.role is not Role.INIT:
        parts.append(_to_endpoint(facts, target))
    if target.role is not Role.JOIN_WORKER:
        parts.append(_to_itself(facts, target))
    yield from every_part(*parts)


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
    if v6 and target.kubeadm < _BRACKETS:
        yield from _without_brackets(facts, target, host)
        return
    proxy = proxy_for(host, _DUMMY_PORT if v6 else _HTTPS, facts[Environment].proxies)
    if proxy is not None:
        yield Finding(
            f"https://{f'[{clip(host)}]' if v6 else clip(host)} would be reached through the proxy "
            f"{clip(proxy.url)}",
            have=clip(proxy.url),
            need=f"{clip(host)} in NO_PROXY",
            source=proxy.variable,
        )


def _without_brackets(facts: Facts, target: Target, host: str) -> Iterator[Finding]:
    port = host.rpartition(":")[2]
    refuses = any(target.kubeadm in versions for versions in _ENDS_IN_A_PORT)
    if refuses and port and not port.isdecimal():
        yield Finding(
            f"kubeadm v{target.kubeadm} takes the end of {clip(host)} for a port, and fails",
            have=clip(host),
            need="an address that ends in digits",
            source="the address of the API server",
            severity=Severity.ERROR,
            remedy="Install kubeadm 1.16 or newer, or ignore HTTPProxy.",
        )
    elif any(facts[Environment].proxies.get(name) for name in ("HTTPS_PROXY", "https_proxy")):
        raise FactMissing(
            f"which proxy kubeadm v{target.kubeadm} takes for {clip(host)}, which it puts into a "
            "URL without brackets"
        )


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
    server's. Source: checks.go HTTPProxyCIDRCheck, v1.20.2; release notes of 1.16 (PR#79033) and
    1.17 (PR#82473) for lists of networks.
    """
    networks = (*target.cluster.service_subnets, *target.cluster.pod_subnets)
    yield from every_part(*(_network_direct(facts, network) for network in networks))


@functools.lru_cache(maxsize=64)
def _first_address(text: str) -> str | None:
    """The address behind a network's own; the same for all hosts of a run."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return None if network.num_addresses == 1 else str(network[1])


def _network_direct(facts: Facts, text: str) -> Iterator[Finding]:
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
    proxy = proxy_for(first, _DUMMY_PORT, facts[Environment].proxies)
    if proxy is not None:
        yield Finding(
            f"the network {clip(text)} would be reached through the proxy {clip(proxy.url)}",
            have=clip(proxy.url),
            need=f"{clip(text)} in NO_PROXY",
            source=proxy.variable,
        )
