"""What all hosts must agree on about the control plane: its endpoint, and etcd's members."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from scanner.checks.rule import Severity, clip
from scanner.fleet.rule import Fleet, FleetFinding, Said, fleet_check, told, untold
from scanner.request import LocalEtcd
from scanner.resolve import endpoint_host, is_address

_EVEN = 2


def _no_name(fleet: Fleet) -> str | None:
    endpoint = endpoint_host(fleet.cluster.control_plane_endpoint)
    if not endpoint:
        return "there is no controlPlaneEndpoint to look up"
    return "controlPlaneEndpoint is an address" if is_address(endpoint) else None


@fleet_check(
    "KS741",
    "endpoint of the control plane",
    Severity.WARNING,
    passed="every host knows controlPlaneEndpoint under the same addresses",
    remedy="Enter the name and its address in DNS, or in /etc/hosts of each host.",
    compares=False,
    skip=_no_name,
)
def endpoint(fleet: Fleet) -> Iterator[Said]:
    """Let each host look up controlPlaneEndpoint, in /etc/hosts and else in DNS, as Go does.

    Passes if it knows the name, and all hosts the same addresses of it. An address needs no lookup.
    kubeadm refuses to join a second control plane to a cluster without an endpoint; so does the
    inventory. Source: kubernetes.io/docs/setup/production-environment/tools/kubeadm/
    high-availability.
    """
    name = endpoint_host(fleet.cluster.control_plane_endpoint)
    by_answer: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for host, addresses in told(fleet.hosts, "endpoint", tuple):
        by_answer[addresses].append(host.host)
    if nobody := by_answer.pop((), None):
        yield FleetFinding(
            f"the endpoint {clip(name)} is neither in /etc/hosts nor in DNS",
            tuple(nobody),
            have="no address",
            need=f"an address of {clip(name)}",
            source="/etc/hosts, getent -s dns ahosts",
        )
    if len(by_answer) > 1:
        counts = Counter({answer: len(hosts) for answer, hosts in by_answer.items()})
        usual = min(counts, key=lambda answer: (-counts[answer], answer))
        for answer in sorted(by_answer):
            if answer != usual:
                yield FleetFinding(
                    f"the endpoint {clip(name)} is {clip(', '.join(answer))} here, and "
                    f"{clip(', '.join(usual))} on most hosts",
                    tuple(by_answer[answer]),
                    have=clip(", ".join(answer)),
                    need=clip(", ".join(usual)),
                    source="/etc/hosts, getent -s dns ahosts",
                )
    yield from untold(fleet.hosts, "endpoint")


def _no_etcd(fleet: Fleet) -> str | None:
    if not isinstance(fleet.cluster.etcd, LocalEtcd):
        return "etcd is external"
    return None if fleet.control_planes else "there is no control plane"


@fleet_check(
    "KS751",
    "number of etcd's members",
    Severity.WARNING,
    passed="etcd has an odd number of members",
    remedy="Use 1, 3 or 5 control planes.",
    compares=False,
    skip=_no_etcd,
)
def etcd_members(fleet: Fleet) -> Iterator[Said]:
    """Count the control planes of the inventory; passes if there is an odd number of them.

    Each runs a member of etcd. An even number bears no more losses than one member less, and loses
    its majority as soon as the network parts it in the middle. Source: etcd.io/docs, FAQ, "Why an
    odd number of cluster members?".
    """
    if fleet.control_planes % _EVEN == 0:
        yield FleetFinding(
            f"etcd would have {fleet.control_planes} members",
            tuple(host.host for host in fleet.hosts if host.control_plane),
            have=f"{fleet.control_planes} control planes",
            need="an odd number",
            source="the inventory",
        )
