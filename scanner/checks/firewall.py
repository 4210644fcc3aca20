"""Firewalls other than firewalld, which kubeadm asks about itself."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.ports import api_server_port, component_ports, etcd_ports, kubelet_port
from scanner.checks.privilege import because_of, is_root
from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip, every_part
from scanner.facts.base import FactMissing, Facts
from scanner.facts.firewall import Firewall
from scanner.target import Target

_PORTS = (api_server_port, etcd_ports, kubelet_port, component_ports)


@check(
    "KS511",
    "firewall",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Open the named ports between the hosts of the cluster (`ufw allow PORT/tcp`, or a rule "
    "in the chain) and those of the network add-on, or turn the firewall off.",
)
def firewall(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read ufw's switch and the policies of the input chains; passes if nothing is dropped by them.

    Rules are not read: a port may be open, or a last rule may reject what the policy accepts. ufw
    is ENABLED in /etc/ufw/ufw.conf; the chains are those that `nft list chains` shows to root,
    iptables-nft's among them. Source of the ports: what kubeadm asks of this role.
    """
    found = facts[Firewall]
    ports = ", ".join(_needed(target))
    yield from every_part(_ufw(found, ports), _chains(facts, found, ports))


def _needed(target: Target) -> list[str]:
    """The ports that this kubeadm asks to be free, because this role will serve on them."""
    return [
        port
        for asked in _PORTS
        for port in asked.subjects(target)
        if asked.row(target.role, target.kubeadm, port) is not None
    ]


def _ufw(found: Firewall, ports: str) -> Iterator[Finding]:
    if found.ufw is None:
        raise FactMissing("/etc/ufw/ufw.conf cannot be read by this login")
    if found.ufw:
        yield Finding(
            f"ufw is enabled; the cluster needs its ports {ports} open",
            have="enabled",
            need=f"disabled, or {ports} open",
            source="/etc/ufw/ufw.conf",
        )


def _chains(facts: Facts, found: Firewall, ports: str) -> Iterator[Finding]:
    if found.ufw:
        return  # the chains are ufw's own
    if found.dropping:
        chains = clip(", ".join(found.dropping))
        yield Finding(
            f"packets for this host are dropped by default ({chains}); the cluster needs its ports "
            f"{ports} open",
            have=f"policy drop: {chains}",
            need=f"policy accept, or {ports} open",
            source="nft list chains",
        )
    if not found.nft:
        raise FactMissing("there is no nft to read the policy of the input chains with")
    if found.dropping is None:
        why = "did not answer" if is_root(facts) else f"needs root{because_of(facts)}"
        raise FactMissing(f"nft list chains {why}")
    if found.legacy:
        raise FactMissing("the policy of the old iptables' filter table was not read")
