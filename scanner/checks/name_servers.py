"""The name servers that pods will be sent to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip
from scanner.facts.base import Facts
from scanner.facts.resolver import RESOLV_CONF, RESOLVED, Resolver
from scanner.resolve import is_address
from scanner.target import Target


@check(
    "KS512",
    "name servers of pods",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Enter name servers that other hosts can reach, or start systemd-resolved, whose file "
    "with them kubeadm gives to the kubelet.",
)
def name_servers(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read the resolv.conf that the kubelet gives to pods; passes if it names other hosts.

    That is /run/systemd/resolve/resolv.conf where systemd-resolved runs, else /etc/resolv.conf. In
    a pod a loopback address is the pod itself: CoreDNS would ask itself, finds that out and ends,
    again and again. systemd-resolved's stub 127.0.0.53 in /etc/resolv.conf does no harm as long as
    its own file is there. Source: coredns.io/plugins/loop; kubeadm's componentconfigs/kubelet.go,
    v1.20.2.
    """
    resolver = facts[Resolver]
    used = resolver.of_pods
    path = RESOLVED if resolver.resolved is not None else RESOLV_CONF
    if used is None or not used.nameservers:
        yield Finding(
            f"{path} names no server" if used else f"there is no {path}",
            have="none",
            need="a name server",
            source=path,
        )
        return
    own = [server for server in used.nameservers if _is_loopback(server)]
    if own:
        yield Finding(
            f"{path} sends pods to {clip(', '.join(own))}, which there is the pod itself: CoreDNS "
            "would find a loop and end",
            have=clip(", ".join(own)),
            need="a name server on another host",
            source=path,
        )


def _is_loopback(server: str) -> bool:
    return is_address(server) and ipaddress.ip_address(server).is_loopback
