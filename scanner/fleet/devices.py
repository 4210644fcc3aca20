"""Interfaces and hardware addresses that are alike on many machines and mean nothing by that."""

from __future__ import annotations

import re

_CNI = re.compile(
    r"(cni|flannel|cali|tunl|vxlan\.calico|wireguard\.cali|wg-v6\.cali|kube-|nodelocaldns|cilium"
    r"|lxc|weave|vethwe|antrea-|genev_sys|ovn-|ovs-|br-int|kube-bridge|dummy)"
)
"""The interfaces of flannel, Calico, Cilium, Weave Net, Antrea, OVN-Kubernetes, kube-router and
kube-proxy (kube-ipvs0), by their own defaults."""
DOCKER_BRIDGE = "docker0"
_CONTAINERS = re.compile(r"(docker|br-|virbr|lxcbr|lxdbr|podman|veth|tap|vnet)")
"""Docker's own and user networks, libvirt's, LXC's and Podman's: each host has the same ones."""

_REDUNDANCY = ("00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:")
"""VRRP for IPv4 and IPv6 (RFC 9568, 7.3), HSRP: shared on purpose."""
_LOCAL = 0x02
"""The bit of the first octet that says: not given by a maker (IEEE 802, 8.4)."""


def is_of_cni(device: str) -> bool:
    """True for an interface that a CNI plugin or kube-proxy has made."""
    return _CNI.match(device) is not None


def is_own(device: str) -> bool:
    """False for interfaces that lead to containers or virtual machines on the host itself."""
    return device != "lo" and not is_of_cni(device) and _CONTAINERS.match(device) is None


def is_telling(mac: str, *, default_route: bool) -> bool:
    """True for a hardware address that two machines should not share.

    Addresses that are not a maker's repeat by themselves (the network of a service processor, some
    drivers); on the interface with the default route such a one is a virtual machine's.
    """
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", mac) or mac == "00:00:00:00:00:00":
        return False
    if mac.startswith(_REDUNDANCY):
        return False
    return default_route or not int(mac[:2], 16) & _LOCAL
