"""The addresses of the inventory beside those that the hosts have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scanner.checks.rule import Severity, clip
from scanner.fleet.record import FleetFacts
from scanner.fleet.rule import Fleet, FleetFinding, Said, fleet_check, told, untold
from scanner.request import LocalEtcd


def _no_address_given(fleet: Fleet) -> str | None:
    if any(host.given for host in fleet.hosts):
        return None
    return "no host has an internalAddress or advertiseAddress in the inventory"


@fleet_check(
    "KS707",
    "addresses in the inventory",
    Severity.ERROR,
    passed="no host's address in the inventory is another host's, or none of its own",
    remedy="Correct internalAddress or advertiseAddress of the host in the inventory.",
    compares=False,
    skip=_no_address_given,
)
def given_addresses(fleet: Fleet) -> Iterator[Said]:
    """Compare internalAddress and advertiseAddress with what each host says of its interfaces.

    Passes if none of them is an address of another host and not of its own: by such an address the
    others would dial the wrong machine, and an API server would advertise it. What kubeadm gives to
    a program on the host must also be on an interface there: the kubelet refuses any other as
    --node-ip, which is internalAddress where there is one network of pods; etcd listens on a
    control plane's advertiseAddress, which is internalAddress, else address, where it is not given.
    With external etcd the last is a warning, as an address may be translated on the way. Nodes of
    the cluster are left out. Source: kubelet_node_status.go validateNodeIP and etcd's local.go of
    v1.20.2.
    """
    owners: dict[str, list[FleetFacts]] = defaultdict(list)
    for host, values in told(fleet.hosts, "addresses", tuple):
        for value in values:
            owners[value].append(host)
    for host in fleet.hosts:
        for name, address in host.given:
            there = owners.get(address, [])
            if there and host not in there:
                yield FleetFinding(
                    f"{name} of {host.host} is an address of {there[0].host}",
                    (host.host, there[0].host),
                    have=clip(address),
                    need=f"an address of {host.host}",
                    source="ip addr",
                )
            elif not there and name in (host.absent or ()):
                yield _on_no_interface(fleet, host, name, address)
    yield from untold(fleet.hosts, "addresses")
    yield from untold(fleet.hosts, "absent")


def _on_no_interface(fleet: Fleet, host: FleetFacts, name: str, address: str) -> FleetFinding:
    severity = Severity.ERROR
    if name == "internalAddress":
        consequence = "the kubelet refuses it as --node-ip, and the node gets no address"
    elif isinstance(fleet.cluster.etcd, LocalEtcd):
        consequence = "etcd cannot listen on it, and kubeadm init or join fails"
    else:
        consequence = "nobody reaches the API server there, unless it is translated on the way"
        severity = Severity.WARNING
    own = ", ".join(host.addresses or ())
    return FleetFinding(
        f"{name} of {host.host} is on no interface there: {consequence}",
        (host.host,),
        have=clip(address),
        need=f"an address of {host.host}" + (f", such as {clip(own)}" if own else ""),
        source="ip addr",
        severity=severity,
        remedy=f"Set {name} of {host.host} in the inventory to an address of its own.",
    )
