"""What only a kernel of its own shows: control groups v2, loadable modules, real swap, the kernel's
configuration as a file in /boot, processors and memory.

Most rows have containerd: kubeadm runs docker's client once for each image, seconds each time
under emulation.
"""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, Case, Cluster, Phase, row
from tests.lab.fault_makers import sysctl_is
from tests.lab.faults import IP_FORWARD_OFF, Fault
from tests.lab.qemu import Hardware

CONFIG = "/boot/config-$(uname -r)"
IPV6 = Cluster(
    ipv6=True,
    pods="fd00:10::/56",
    services="fd00:20::/112",
    cri_socket="/run/containerd/containerd.sock",
)
IPVS = Cluster(proxy_mode="ipvs", cri_socket=CONTAINERD.cri_socket)
OWN = frozenset({"KS423"})
"""The checks of kscan's own that these tables name where they must find something."""
NO_IPVS = frozenset({("WARNING", "KS423")})
FORWARD6 = sysctl_is("net.ipv6.conf.default.forwarding", "1", "0")


def swap_file(path: str) -> Fault:
    """Real swap on a file."""
    return Fault(
        f"swap on {path}",
        f"fallocate -l 32M {path} && chmod 600 {path} && mkswap -q {path} && swapon {path}",
        f"if grep -q '^{path} ' /proc/swaps; then swapoff {path}; fi; rm -f {path}",
        f"grep -q '^{path} ' /proc/swaps",
    )


def config_is(what: str, command: str) -> Fault:
    """The kernel's configuration, which is read from a plain file here, holds something else."""
    saved = "/root/config.saved"
    return Fault(
        f"kernel configuration {what}",
        f"cp {CONFIG} {saved}\n{command}",
        f"if test -e {saved}; then mv {saved} {CONFIG}; fi",
        f"test -e {saved}",
    )


NO_BR_NETFILTER = Fault(
    "br_netfilter not loaded",
    "rmmod br_netfilter",
    "modprobe br_netfilter",
    "test ! -e /proc/sys/net/bridge",
)
IPVS_MODULES = ("ip_vs_sh", "ip_vs_wrr", "ip_vs_rr", "ip_vs")


def unloaded(*modules: str) -> Fault:
    """Modules of the ipvs mode that are there to be loaded, and are not; a good host has all."""
    names = " ".join(modules)
    return Fault(
        f"{names} not loaded",
        f"modprobe -r {names}",
        f"modprobe -a {names}",
        f"! grep -q '^{modules[0]} ' /proc/modules",
    )


SWAP = swap_file("/swap-one")
SECOND_SWAP = swap_file("/swap-two")
NO_CONFIG = config_is("nowhere", f"rm {CONFIG}")
CONFIG_MOVED = Fault(
    "kernel configuration beside the modules",
    f"mv {CONFIG} /usr/lib/modules/$(uname -r)/config",
    f"if test -e /usr/lib/modules/$(uname -r)/config; then"
    f" mv /usr/lib/modules/$(uname -r)/config {CONFIG}; fi",
    "test -e /usr/lib/modules/$(uname -r)/config",
)
CONFIG_EMPTY = config_is("empty", f": >{CONFIG}")
NO_INET = config_is("without CONFIG_INET", f"sed -i /^CONFIG_INET=/d {CONFIG}")
NO_SCHED = config_is(
    "with CONFIG_CGROUP_SCHED=n", f"sed -i s/^CONFIG_CGROUP_SCHED=y/CONFIG_CGROUP_SCHED=n/ {CONFIG}"
)

CGROUP_V2 = (
    Case("good machine", cluster=CONTAINERD),
    Case("good machine with docker"),
    Case("good machine, worker", phase=Phase.WORKER),
    Case("good machine, control plane that joins", phase=Phase.CONTROL_PLANE),
    row(NO_BR_NETFILTER, cluster=CONTAINERD),
    row(NO_BR_NETFILTER, phase=Phase.WORKER),
    row(NO_BR_NETFILTER, cluster=IPV6),
    row(FORWARD6, cluster=IPV6),
    row(IP_FORWARD_OFF, cluster=CONTAINERD),
    row(SWAP, cluster=CONTAINERD),
    row(SWAP, phase=Phase.WORKER),
    row(SWAP, SECOND_SWAP, phase=Phase.WORKER),
    row(NO_CONFIG, cluster=CONTAINERD),
    row(NO_CONFIG, phase=Phase.WORKER),
    row(CONFIG_MOVED, cluster=CONTAINERD),
    row(CONFIG_EMPTY, cluster=CONTAINERD),
    row(NO_INET, phase=Phase.WORKER),
    row(NO_INET, cluster=CONTAINERD),
    row(NO_SCHED, cluster=CONTAINERD),
    row(cluster=IPVS),
    row(unloaded(*IPVS_MODULES), cluster=IPVS, own=NO_IPVS),
    row(unloaded("ip_vs_wrr"), cluster=IPVS, own=NO_IPVS),
    row(unloaded("ip_vs_sh"), cluster=IPVS, phase=Phase.WORKER, own=NO_IPVS),
    row(NO_BR_NETFILTER, SWAP, NO_CONFIG, cluster=CONTAINERD),
    row(NO_BR_NETFILTER, IP_FORWARD_OFF, SWAP, phase=Phase.WORKER),
)
"""On the machine as Debian boots it."""

SMALL = Hardware(processors=1, memory_mib=1600, kernel_parameters="cgroup_disable=pids,hugetlb")
SMALL_ROWS = (
    Case("one processor, 1600 MiB, no pids and no hugetlb in cgroup v2", cluster=CONTAINERD),
    Case("the same, worker", phase=Phase.WORKER),
)

CGROUP_V1 = Hardware(kernel_parameters="systemd.unified_cgroup_hierarchy=0 cgroup_disable=hugetlb")
CGROUP_V1_ROWS = (
    Case("cgroup v1 without hugetlb", cluster=CONTAINERD),
    Case("cgroup v1 without hugetlb, worker", phase=Phase.WORKER),
)
