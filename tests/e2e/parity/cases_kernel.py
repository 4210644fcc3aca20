"""What the kernel shows: switches, swap, its configuration, control groups, processors.

The hosts share the machine's kernel: swap, configuration and control groups are shown by files
bind-mounted on the one host, the processors by an affinity that logins inherit from sshd.
"""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, Case, Cluster, Phase, row
from tests.lab.fault_makers import shown, sysctl_is
from tests.lab.faults import BRIDGE_NF_OFF, IP_FORWARD_OFF, SWAP_SHOWN, Fault

FORWARD = "net.ipv4.ip_forward"
FORWARD6 = sysctl_is("net.ipv6.conf.default.forwarding", "1", "0")
BRIDGE6_OFF = sysctl_is("net.bridge.bridge-nf-call-ip6tables", "0", "1")
IPV6 = Cluster(ipv6=True, pods="fd00:10::/56", services="fd00:20::/112")
NAMED = Cluster(endpoint="api.example.org")
CONFIG = "/proc/config.gz"

CONFIG_EMPTY = shown("kernel configuration empty", CONFIG, ":")
CONFIG_PLAIN = shown("kernel configuration not compressed", CONFIG, f"zcat {CONFIG}")
WITHOUT_INET = shown(
    "kernel without CONFIG_INET", CONFIG, f"zcat {CONFIG} | grep -v ^CONFIG_INET= | gzip"
)
INET_N = shown(
    "kernel with CONFIG_INET=n",
    CONFIG,
    f"zcat {CONFIG} | sed s/^CONFIG_INET=y/CONFIG_INET=n/ | gzip",
)
WITHOUT_OVERLAY = shown(
    "kernel without CONFIG_OVERLAY_FS",
    CONFIG,
    f"zcat {CONFIG} | grep -v ^CONFIG_OVERLAY_FS= | gzip",
)
PIDS_OFF = shown("cgroup pids disabled", "/proc/cgroups", r"sed '/^pids/s/1$/0/' /proc/cgroups")
HUGETLB_OFF = shown(
    "cgroup hugetlb disabled", "/proc/cgroups", r"sed '/^hugetlb/s/1$/0/' /proc/cgroups"
)
ONE_PROCESSOR = Fault(
    "one processor",
    "taskset -acp 0 $(systemctl show -P MainPID ssh.service)",
    "taskset -acp 0-$(($(nproc --all) - 1)) $(systemctl show -P MainPID ssh.service)",
    "test $(nproc) = 1",
)

CASES = (
    row(IP_FORWARD_OFF),
    row(sysctl_is(FORWARD, "10", "1")),
    row(sysctl_is(FORWARD, "2", "1")),
    row(BRIDGE_NF_OFF),
    row(SWAP_SHOWN),
    row(CONFIG_EMPTY),
    row(CONFIG_PLAIN),
    row(WITHOUT_INET),
    row(INET_N),
    row(WITHOUT_OVERLAY),
    row(PIDS_OFF),
    row(HUGETLB_OFF),
    row(HUGETLB_OFF, cluster=CONTAINERD),
    row(ONE_PROCESSOR),
    row(ONE_PROCESSOR, phase=Phase.WORKER),
    row(IP_FORWARD_OFF, phase=Phase.WORKER),
    row(BRIDGE_NF_OFF, phase=Phase.WORKER),
    row(SWAP_SHOWN, phase=Phase.WORKER),
    Case("IPv6 advertise address", cluster=IPV6),
    Case("IPv6 advertise address, forwarding on", (FORWARD6,), cluster=IPV6),
    Case("IPv6 advertise address, bridge file 0", (FORWARD6, BRIDGE6_OFF), cluster=IPV6),
    Case("IPv4 advertise address, IPv6 bridge file 0", (BRIDGE6_OFF,)),
    Case("IPv6 API endpoint", phase=Phase.WORKER, cluster=IPV6),
    Case("IPv6 API endpoint, forwarding on", (FORWARD6,), Phase.WORKER, IPV6),
    Case("API endpoint is a name", phase=Phase.WORKER, cluster=NAMED),
    Case("IPv6 bridge file 0, API endpoint is a name", (BRIDGE6_OFF,), Phase.WORKER, NAMED),
)
