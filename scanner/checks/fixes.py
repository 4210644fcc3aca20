"""How to put something right so that it stays right after a reboot, where distributions differ.

Shown by `kscan explain` and in docs/checks.md; a host's own row has the check's general remedy. The
packages of kubeadm, kubelet, kubectl and cri-tools come from pkgs.k8s.io on the first three.
"""

from __future__ import annotations

from collections.abc import Mapping

DEBIAN = "Debian, Ubuntu"
RED_HAT = "RHEL, Fedora"
SUSE = "SUSE"
ARCH = "Arch"
ALPINE = "Alpine"
SYSTEMD = "systemd"
OPENRC = "OpenRC"

_PACKAGES = {
    DEBIAN: "conntrack socat ethtool ebtables iptables iproute2 util-linux mount cri-tools",
    RED_HAT: "conntrack-tools socat ethtool iptables-nft iproute iproute-tc util-linux cri-tools",
    SUSE: "conntrack-tools socat ethtool ebtables iptables iproute2 util-linux cri-tools",
    ARCH: "conntrack-tools socat ethtool iptables-nft iproute2 util-linux cri-tools",
    ALPINE: "conntrack-tools socat ethtool ebtables iptables iproute2 util-linux-misc cri-tools",
}
_INSTALL = {
    DEBIAN: "apt-get install {}",
    RED_HAT: "dnf install {}",
    SUSE: "zypper install {}",
    ARCH: "pacman -S {}",
    ALPINE: "apk add {}",
}


def _installed(packages: str) -> dict[str, str]:
    return {where: f"`{how.format(packages)}`" for where, how in _INSTALL.items()}


def _service(name: str) -> dict[str, str]:
    return {
        SYSTEMD: f"`systemctl enable --now {name}`",
        OPENRC: f"`rc-update add {name} default` and `rc-service {name} start`",
    }


_KUBERNETES = {
    DEBIAN: "`apt-get install kubelet=VERSION kubeadm=VERSION kubectl=VERSION`, then "
    "`apt-mark hold kubelet kubeadm kubectl`",
    RED_HAT: "`dnf install --disableexcludes=kubernetes kubelet-VERSION kubeadm-VERSION "
    "kubectl-VERSION`",
    SUSE: "`zypper install kubelet=VERSION kubeadm=VERSION kubectl=VERSION`, then `zypper addlock "
    "kubelet kubeadm kubectl`",
    ARCH: "`pacman -S kubelet kubeadm kubectl` (the newest only)",
    ALPINE: "`apk add kubelet kubeadm kubectl` (the newest of the release only)",
}
_SYSCTLS = {
    SYSTEMD: "the keys in `/etc/sysctl.d/99-kubernetes.conf`, br_netfilter in "
    "`/etc/modules-load.d/kubernetes.conf`; `modprobe br_netfilter` and `sysctl --system`",
    OPENRC: "the keys in `/etc/sysctl.d/99-kubernetes.conf`, br_netfilter in `/etc/modules`; "
    "`rc-update add modules boot`, `rc-update add sysctl boot`, `modprobe br_netfilter` and "
    "`rc-service sysctl restart`",
}
_IPVS = {
    SYSTEMD: "one module a line in `/etc/modules-load.d/ipvs.conf`; "
    "`systemctl restart systemd-modules-load`",
    OPENRC: "one module a line in `/etc/modules`; `rc-update add modules boot` and "
    "`rc-service modules restart`",
}
_HOSTNAME = {
    SYSTEMD: "`hostnamectl set-hostname NAME`, and NAME in `/etc/hosts`",
    OPENRC: "NAME in `/etc/hostname` and `/etc/hosts`; `rc-service hostname restart`",
}

FIXES: Mapping[str, Mapping[str, str]] = {
    "KS104": {
        "all": "`swapoff -a`, and a `#` before the swap lines of `/etc/fstab`",
        "Fedora": "an empty `/etc/systemd/zram-generator.conf`, which turns off the swap on zram "
        "that is made at each boot",
        SYSTEMD: "`systemctl mask UNIT` for each unit of `systemctl list-units --type swap` that "
        "is not from fstab",
        OPENRC: "`rc-update del swap boot`",
    },
    "KS105": {"all": "the line `ADDRESS NAME` in `/etc/hosts`, or DNS"},
    "KS111": _KUBERNETES,
    "KS112": _KUBERNETES,
    "KS113": _KUBERNETES,
    "KS114": _KUBERNETES,
    "KS115": _HOSTNAME,
    "KS201": {
        "with firewalld": "`firewall-cmd --permanent --add-port=6443/tcp --add-port=10250/tcp` and "
        "`firewall-cmd --reload`",
        "without": "`systemctl disable --now firewalld`",
    },
    "KS202": _service("kubelet"),
    "KS203": _service("docker"),
    "KS204": _service("NAME"),
    "KS321": {
        where: f"those that are missing of `{how.format(_PACKAGES[where])}`"
        for where, how in _INSTALL.items()
    },
    "KS401": _SYSCTLS,
    "KS402": _SYSCTLS,
    "KS421": _IPVS,
    "KS422": {**_IPVS, **_installed("ipset")},
    "KS423": _IPVS,
    "KS431": {
        RED_HAT: "`setenforce 0`, and `SELINUX=permissive` in `/etc/selinux/config`; or keep it "
        "with the package container-selinux",
        SUSE: "`setenforce 0`, and `SELINUX=permissive` in `/etc/selinux/config`",
    },
    "KS511": {
        "Ubuntu, Debian with ufw": "`ufw allow PORT/tcp` for each port",
        "nftables": "the ports in `/etc/nftables.conf`; `systemctl restart nftables`",
        "iptables": "`iptables -A INPUT -p tcp --dport PORT -j ACCEPT`, kept by "
        "iptables-persistent (Debian, Ubuntu), iptables-services (RHEL) or "
        "`rc-service iptables save` (Alpine)",
    },
}
"""Check -> distribution, init system or tool -> what to do there."""
