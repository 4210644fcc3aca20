"""Who is who: what every machine must have for itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scanner.checks.rule import Severity, clip
from scanner.fleet.record import FleetFacts
from scanner.fleet.rule import Fleet, FleetFinding, Said, fleet_check, told, untold

DEFAULT_UUIDS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "03020100-0504-0706-0809-0a0b0c0d0e0f",
        "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "10000000-0000-8000-0040-000000000000",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
    }
)
"""Values of boards whose maker has set none. The first two mean just that (SMBIOS 3.7, 7.2.1, which
also has the two byte orders of the others); others: osquery PR#4374 and issue 8887, oshi issue
2417."""


@fleet_check(
    "KS701",
    "node names",
    Severity.ERROR,
    passed="every node has a name of its own",
    remedy="Give each host its own name with `hostnamectl set-hostname`, or its own nodeName in "
    "the inventory.",
)
def node_names(fleet: Fleet) -> Iterator[Said]:
    """Read nodeRegistration.name or the host name in lower case; passes if no two are the same.

    The second node of a name takes the first one's place in the API, and both fight for it. Two
    hosts that are one machine are KS706's.
    """
    yield from _twins(
        fleet, "node_name", "the node name {}", "nodeName or /proc/sys/kernel/hostname"
    )


@fleet_check(
    "KS702",
    "machine-ids",
    Severity.WARNING,
    passed="every host has a machine-id of its own",
    remedy="On the clones, `rm /etc/machine-id /var/lib/dbus/machine-id`, then "
    "`systemd-machine-id-setup`, and reboot.",
)
def machine_ids(fleet: Fleet) -> Iterator[Said]:
    """Read /etc/machine-id; passes if no two are the same: clones of one image keep it.

    Kubernetes shows it as the node's identity, and DHCP servers, journals and some CNI plugins
    take two such hosts for one. Source: kubernetes.io/docs/setup/production-environment/tools/
    kubeadm/install-kubeadm, "Verify the MAC address and product_uuid are unique".
    """
    yield from _twins(fleet, "machine_id", "the machine-id {}", "/etc/machine-id")


@fleet_check(
    "KS703",
    "product_uuids",
    Severity.WARNING,
    passed="every machine that has a product_uuid has its own",
    remedy="Give each virtual machine a UUID of its own in its definition.",
)
def product_uuids(fleet: Fleet) -> Iterator[Said]:
    """Read /sys/class/dmi/id/product_uuid; passes if no two are the same.

    Machines without one, and values that a board's maker has left as they were, are not compared.
    kubeadm's installation guide asks for unique ones. Source: as KS702.
    """
    yield from _twins(
        fleet,
        "product_uuid",
        "the product_uuid {}",
        "/sys/class/dmi/id/product_uuid",
        tolerated=DEFAULT_UUIDS,
    )


@fleet_check(
    "KS704",
    "MAC addresses",
    Severity.WARNING,
    passed="no hardware address is on two hosts",
    remedy="Give each virtual machine a MAC address of its own in its definition.",
)
def mac_addresses(fleet: Fleet) -> Iterator[Said]:
    """Read the MAC addresses of interfaces with a device behind them, and of the default route's.

    Passes if none is on two hosts. Bridges, veth, bonds' and VRRP's addresses are not compared, and
    addresses that no maker has given only on the interface with the default route. kubeadm's
    installation guide asks for unique ones. Source: as KS702.
    """
    yield from _shared(fleet, "macs", "the MAC address {}", "/sys/class/net/*/address")


@fleet_check(
    "KS705",
    "addresses",
    Severity.ERROR,
    passed="no address is on two hosts",
    remedy="Give each host an address of its own.",
)
def addresses(fleet: Fleet) -> Iterator[Said]:
    """Read the global addresses of each host's own interfaces; passes if none is on two hosts.

    The addresses of bridges for containers, of CNI plugins and of the interface lo are alike on
    many hosts and are not compared.
    """
    yield from _shared(fleet, "addresses", "the address {}", "ip addr")


@fleet_check(
    "KS706",
    "machines",
    Severity.ERROR,
    passed="every host is a machine of its own",
    remedy="Take one of them out of the inventory, or correct its address.",
)
def machines(fleet: Fleet) -> Iterator[Said]:
    """Read /proc/sys/kernel/random/boot_id, which each start of a kernel makes anew.

    Passes if no two are the same. With one machine-id too, two rows of the inventory are one
    machine; with two machine-ids they are containers that share a kernel, which is a warning.
    """
    groups: dict[str, list[FleetFacts]] = defaultdict(list)
    for host, boot_id in told(fleet.hosts, "boot_id", str):
        groups[boot_id].append(host)
    for boot_id, hosts in groups.items():
        if len(hosts) == 1:
            continue
        by_machine: dict[str, list[FleetFacts]] = defaultdict(list)
        for host in hosts:
            by_machine[host.machine_id or ""].append(host)
        for same in by_machine.values():
            if len(same) > 1:
                yield _finding(same, "these are one machine", boot_id, "boot_id")
        if len(by_machine) > 1:
            yield FleetFinding(
                "these run on one kernel: containers of one machine",
                _names(hosts),
                have=clip(boot_id),
                need="a kernel for each",
                source="/proc/sys/kernel/random/boot_id",
                severity=Severity.WARNING,
                remedy="Let nodes be machines: what one of them does to the kernel, all have.",
            )
    yield from untold(fleet.hosts, "boot_id")


def _twins(
    fleet: Fleet, name: str, what: str, source: str, tolerated: frozenset[str] = frozenset()
) -> Iterator[Said]:
    """A finding for each value that two machines have."""
    groups: dict[str, list[FleetFacts]] = defaultdict(list)
    for host, value in told(fleet.machines(), name, str):
        if value and value.lower() not in tolerated:
            groups[value.lower()].append(host)
    for value, hosts in groups.items():
        if len(hosts) > 1:
            yield _finding(
                hosts, f"{what.format(clip(value))} is on more than one host", value, source
            )
    yield from untold(fleet.hosts, name)


def _shared(fleet: Fleet, name: str, what: str, source: str) -> Iterator[Said]:
    """A finding for each of the values of which a host may have several."""
    groups: dict[str, list[FleetFacts]] = defaultdict(list)
    for host, values in told(fleet.machines(), name, tuple):
        for value in values:
            groups[value].append(host)
    for value, hosts in groups.items():
        if len(hosts) > 1:
            yield _finding(
                hosts, f"{what.format(clip(value))} is on more than one host", value, source
            )
    yield from untold(fleet.hosts, name)


def _finding(hosts: Sequence[FleetFacts], message: str, value: str, source: str) -> FleetFinding:
    return FleetFinding(
        message,
        _names(hosts),
        have=f"{len(hosts)} hosts with {clip(value)}",
        need="one",
        source=source,
    )


def _names(hosts: Sequence[FleetFacts]) -> tuple[str, ...]:
    return tuple(host.host for host in hosts)
