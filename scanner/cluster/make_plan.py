"""From a fresh report to the plan: who takes part, as what, and who has joined already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scanner.cluster.plan import Member, Plan
from scanner.cluster.same_machine import Machine, machine_of
from scanner.cluster.sources import Sources
from scanner.errors import ClusterError
from scanner.facts.base import Facts
from scanner.facts.network import NameLookup
from scanner.facts.node import API_SERVER, Node
from scanner.ignore import ALL
from scanner.report import HostReport, HostStatus
from scanner.request import Host, Ignore, Request
from scanner.resolve import init_host
from scanner.target import Target
from scanner.verdict import Verdict

_LEFTOVERS = "KS315"
_OF_A_CLUSTER = re.compile(r"(Dir|File)Available-|Port-|KS31[57]$")
"""Checks that fail where a cluster, or its data, is on the host."""


@dataclass(slots=True)
class Taken:
    """What a scan has judged its hosts by."""

    targets: dict[str, Target] = field(default_factory=dict)
    cas: dict[str, str] = field(default_factory=dict)
    """Host -> its CA, as `Node.ca`; only where there is one."""
    machines: dict[str, Machine] = field(default_factory=dict)
    endpoints: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Host -> what the name in controlPlaneEndpoint stands for there; only where that is known."""
    serving: set[str] = field(default_factory=set)
    """Hosts on which an API server runs, whatever their role is in the inventory."""

    def __call__(self, host: Host, facts: Facts, target: Target) -> None:
        """Take one host."""
        self.targets[host.name] = target
        self.machines[host.name] = machine_of(facts, host.login.address)
        lookup = facts.get(NameLookup)
        if lookup is not None and lookup.endpoint is not None:
            self.endpoints[host.name] = lookup.endpoint.addresses
        node = facts.get(Node)
        if node is None:
            return
        if node.ca:
            self.cas[host.name] = node.ca
        if any(API_SERVER in names for names in node.holders.values()):
            self.serving.add(host.name)


def make_plan(
    request: Request,
    taken: Taken,
    reports: Iterable[HostReport],
    sources: Sources,
    *,
    kubeconfig: str,
    named: frozenset[str] = frozenset(),
) -> Plan:
    """Put the plan together.

    Args:
        request: its hosts are those who take part.
        taken: of the scan.
        reports: of the same scan.
        sources: the files on this machine.
        kubeconfig: where admin.conf goes; empty to leave it where it is.
        named: hosts of the command line.

    Raises:
        ClusterError: the master is not among the hosts.
    """
    master = init_host(request)
    hosts = {host.name: host for host in request.hosts}
    if master is None or master not in hosts:
        what = "give one the role control-plane" if master is None else f"leave {master} in --limit"
        raise ClusterError(f"no host is there for kubeadm init: {what}")
    found = {report.name: report for report in reports}
    members = tuple(
        Member(
            host,
            target,
            target.is_member,
            _is_clean(found[name]),
            _ignored(found[name], request.ignore),
            taken.machines.get(name),
            taken.endpoints.get(name, ()),
        )
        for name, host in hosts.items()
        if (target := taken.targets.get(name)) is not None
    )
    return Plan(
        request.cluster,
        master,
        members,
        kubeconfig,
        sources.cni,
        sources.addons,
        sources.documents,
        sources.patches,
        named=named,
    )


def _is_clean(report: HostReport) -> bool:
    """Nothing that `kubeadm reset` would delete was there, and nobody has asked to overlook it."""
    nothing_left = any(
        result.check == _LEFTOVERS and result.verdict is Verdict.PASS for result in report.results
    )
    overlooked = any(
        result.ignored is not None and _OF_A_CLUSTER.match(result.kubeadm or result.check)
        for result in report.results
    )
    return report.status is HostStatus.READY and nothing_left and not overlooked


def _ignored(report: HostReport, entries: tuple[Ignore, ...]) -> tuple[str, ...]:
    """kubeadm's names of what was ignored here, and those of the user that found nothing to ignore.

    kubeadm may see what kscan does not, and the user has spoken for the name. It compares names
    without regard to case, and takes no other name beside `all` (cmd/kubeadm/app/apis/kubeadm/
    validation, ValidateIgnorePreflightErrors).
    """
    names: Mapping[str, None] = {
        result.kubeadm: None
        for result in report.results
        if result.ignored is not None and result.kubeadm
    }
    own = (
        entry.check
        for entry in entries
        if not entry.check.upper().startswith("KS")
        and entry.until is None
        and (entry.hosts is None or report.name in entry.hosts)
    )
    spellings: dict[str, str] = {}
    for name in (*names, *own):
        spellings.setdefault(name.lower(), name)
    return (ALL,) if ALL in spellings else tuple(spellings.values())
