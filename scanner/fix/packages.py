"""Which package brings a program that kubeadm looks for, by family of package managers.

The names are those of scanner/checks/fixes.py. crictl comes from pkgs.k8s.io on the first three,
beside kubeadm and the kubelet, in a version that a person chooses.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.fix.host import Packages

_EVERYWHERE = {
    "socat": "socat",
    "ethtool": "ethtool",
    "ipset": "ipset",
    "cp": "coreutils",
    "touch": "coreutils",
    "nsenter": "util-linux",
    "losetup": "util-linux",
    "mount": "util-linux",
}
_PACKAGES: Mapping[Packages, Mapping[str, str]] = {
    Packages.APT: {
        "conntrack": "conntrack",
        "ebtables": "ebtables",
        "iptables": "iptables",
        "ip": "iproute2",
        "tc": "iproute2",
        "mount": "mount",
        "losetup": "mount",
    },
    Packages.DNF: {
        "conntrack": "conntrack-tools",
        "ebtables": "iptables-nft",
        "iptables": "iptables-nft",
        "ip": "iproute",
        "tc": "iproute-tc",
    },
    Packages.ZYPPER: {
        "conntrack": "conntrack-tools",
        "ebtables": "ebtables",
        "iptables": "iptables",
        "ip": "iproute2",
        "tc": "iproute2",
    },
    Packages.PACMAN: {
        "conntrack": "conntrack-tools",
        "ebtables": "iptables-nft",
        "iptables": "iptables-nft",
        "ip": "iproute2",
        "tc": "iproute2",
        "crictl": "cri-tools",
    },
    Packages.APK: {
        "conntrack": "conntrack-tools",
        "ebtables": "ebtables",
        "iptables": "iptables",
        "ip": "iproute2",
        "tc": "iproute2",
        "nsenter": "util-linux-misc",
        "losetup": "losetup",
        "mount": "mount",
        "crictl": "cri-tools",
    },
}


def package_of(family: Packages, program: str) -> str | None:
    """The package that brings a program; None where it is not to be had, or not for sure."""
    return _PACKAGES[family].get(program) or _EVERYWHERE.get(program)
