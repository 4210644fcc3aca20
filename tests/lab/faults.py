"""Faults that a test puts into a running lab host for real and takes out again:
`with SWAP_SHOWN.on(host): ...`. Each says by which ordinary command it is seen, and by which check
kubeadm reports it.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from .node import Node
from .state import SWAP_FILE

PROXY = "http://proxy.example:3128"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a host; taking it out makes the host good again, however often."""

    name: str
    putting: str
    taking: str
    seen: str
    """Shell command for a root login on the host that succeeds just while the fault is there."""
    kubeadm: str = ""
    """Name of the check with which kubeadm v1.20.2 reports it; empty where it does not."""

    def put(self, host: Node) -> None:
        """Make the host faulty."""
        host.run(f"set -e\n{self.putting}")

    def take(self, host: Node) -> None:
        """Make it good again; harmless where the fault is not there."""
        host.run(f"set -e\n{self.taking}")

    @contextlib.contextmanager
    def on(self, host: Node) -> Iterator[None]:
        """Keep the host faulty for the length of a block."""
        try:
            self.put(host)
            yield
        finally:
            self.take(host)


def port_held(port: int, address: str) -> Fault:
    """A program listens on `port` of this one address (IPv6 in brackets) of the host."""
    unit = f"lab-port-{port}.service"
    family = "TCP6" if address.startswith("[") else "TCP4"
    listening = f"ss -Hltn 'sport = :{port}' | grep -qF '{address}:{port} '"
    return Fault(
        f"port {port} held on {address}",
        f"systemd-run -q --collect --unit={unit} "
        f"socat {family}-LISTEN:{port},bind={address},reuseaddr,fork SYSTEM:true\n"
        f'timeout 5 sh -c "until {listening}; do sleep 0.05; done"',
        f"if systemctl is-active -q {unit}; then systemctl stop {unit}; fi",
        listening,
        f"Port-{port}",
    )


def file_there(path: str, text: str, kubeadm: str = "") -> Fault:
    """A file is there that a fresh host does not have, nor its folder."""
    folder = path.rpartition("/")[0]
    putting = f"mkdir -p {folder}\nprintf %s {shlex.quote(text)} >{path}"
    taking = f"rm -f {path}\nrmdir -p --ignore-fail-on-non-empty {folder} 2>/dev/null || :"
    return Fault(f"file {path}", putting, taking, f"test -s {path}", kubeadm)


def program_missing(path: str, kubeadm: str = "") -> Fault:
    """A program of the host is not there any more: it is renamed."""
    name = path.rpartition("/")[2]
    away = f"{path}.away"
    taking = f"if [ -e {away} ]; then mv {away} {path}; fi"
    return Fault(f"no {name}", f"mv {path} {away}", taking, f"! command -v {name}", kubeadm)


def sysctl_off(setting: str) -> Fault:
    """A kernel parameter of the host's network namespace is 0 instead of 1."""
    put, take = (f"sysctl -q -w {setting}={value}" for value in (0, 1))
    check = f"FileContent--proc-sys-{setting.replace('.', '-')}"
    return Fault(f"{setting} is 0", put, take, f"test $(sysctl -n {setting}) = 0", check)


def stopped(*units: str, kubeadm: str = "") -> Fault:
    """Units do not run; the last one is the service, those before it would start it again."""
    names, service = " ".join(units), units[-1]
    # Without the reset a test that does this often meets the unit's start limit.
    taking = f"systemctl reset-failed {names} 2>/dev/null || :\nsystemctl start {names}"
    seen = f"! systemctl is-active {service}"
    return Fault(f"{service} stopped", f"systemctl stop {names}", taking, seen, kubeadm)


def disabled(unit: str, kubeadm: str = "") -> Fault:
    """A unit does not start with the host."""
    put, take = (f"systemctl -q {verb} {unit}" for verb in ("disable", "enable"))
    return Fault(f"{unit} disabled", put, take, f"! systemctl is-enabled {unit}", kubeadm)


PORT_6443_HELD = port_held(6443, "127.0.0.1")
PORT_10250_HELD = port_held(10250, "[::1]")
MANIFEST_LEFT = file_there(
    "/etc/kubernetes/manifests/kube-apiserver.yaml",
    "kind: Pod\n",
    "FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml",
)
ETCD_DATA_LEFT = file_there(
    "/var/lib/etcd/member/snap/db", "left by an earlier cluster\n", "DirAvailable--var-lib-etcd"
)
DOCKER_STOPPED = stopped("docker.socket", "docker.service", kubeadm="Service-Docker")
DOCKER_DISABLED = disabled("docker.service", "Service-Docker")
CONTAINERD_STOPPED = stopped("containerd.service")
KUBELET_DISABLED = disabled("kubelet.service", "Service-Kubelet")
IP_FORWARD_OFF = sysctl_off("net.ipv4.ip_forward")
BRIDGE_NF_OFF = sysctl_off("net.bridge.bridge-nf-call-iptables")
SOCAT_MISSING = program_missing("/usr/bin/socat", "FileExisting-socat")
CONNTRACK_MISSING = program_missing("/usr/sbin/conntrack", "FileExisting-conntrack")
# With docker as the runtime kubeadm v1.20.2 does not look for crictl.
CRICTL_MISSING = program_missing("/usr/bin/crictl")

SWAP_ON = Fault(
    "swap on",
    # A machine has no such folder before its kubelet has run; a lab host has one of its own.
    "mkdir -p /var/lib/kubelet\n"
    f"dd status=none if=/dev/zero of=/var/lib/kubelet/{SWAP_FILE} bs=1M count=8\n"
    f"chmod 600 /var/lib/kubelet/{SWAP_FILE}\n"
    f"mkswap -q /var/lib/kubelet/{SWAP_FILE}\n"
    f"swapon /var/lib/kubelet/{SWAP_FILE}",
    f"swapoff /var/lib/kubelet/{SWAP_FILE} 2>/dev/null || :\nrm -f /var/lib/kubelet/{SWAP_FILE}",
    "test $(wc -l </proc/swaps) -gt 1",
    "Swap",
)
"""Real swap of 8 MB. The kernel is shared: this machine and every host of every lab on it see it.
For tests that must not disturb others, SWAP_SHOWN.
"""

SWAP_SHOWN = Fault(
    "swap shown",
    "printf 'Filename Type Size Used Priority\\n/swapfile file 8188 0 -2\\n' >/run/lab.swaps\n"
    "mount --bind /run/lab.swaps /proc/swaps",
    "while mountpoint -q /proc/swaps; do umount /proc/swaps; done\nrm -f /run/lab.swaps",
    "test $(wc -l </proc/swaps) -gt 1",
    "Swap",
)
"""No real swap: a file bind-mounted over /proc/swaps, in the mount namespace of this host only, so
that one host alone shows what a host with swap shows.
"""

HOSTNAME_UNRESOLVABLE = Fault(
    "hostname unresolvable",
    # Debian's nss-myhostname would still resolve it.
    "cp -p /etc/nsswitch.conf /etc/nsswitch.conf.away\n"
    "cp -p /etc/hosts /etc/hosts.away\n"
    "sed -i '/^hosts:/s/ myhostname//' /etc/nsswitch.conf\n"
    "awk -v name=$(hostname) '$2 != name' /etc/hosts.away >/etc/hosts",
    "for f in /etc/hosts /etc/nsswitch.conf; do if [ -e $f.away ]; then mv $f.away $f; fi; done",
    "! getent ahosts $(hostname)",
    "Hostname",
)

PROXY_SET = Fault(
    "proxy set",
    f"printf 'https_proxy={PROXY}\\nHTTPS_PROXY={PROXY}\\n' >>/etc/environment",
    "touch /etc/environment\nsed -i '/^https_proxy=/Id' /etc/environment",
    # In the environment of a login, where sshd and PAM put it.
    "env | grep -q ^HTTPS_PROXY=",
    "HTTPProxy",
)

FIREWALLD_ACTIVE = Fault(
    "firewalld active",
    "systemctl start firewalld.service",
    "systemctl stop firewalld.service",
    "systemctl is-active firewalld.service",
    "Firewalld",
)

FAULTS = (
    PORT_6443_HELD,
    PORT_10250_HELD,
    MANIFEST_LEFT,
    ETCD_DATA_LEFT,
    DOCKER_STOPPED,
    DOCKER_DISABLED,
    CONTAINERD_STOPPED,
    KUBELET_DISABLED,
    IP_FORWARD_OFF,
    BRIDGE_NF_OFF,
    SOCAT_MISSING,
    CONNTRACK_MISSING,
    CRICTL_MISSING,
    SWAP_ON,
    SWAP_SHOWN,
    HOSTNAME_UNRESOLVABLE,
    PROXY_SET,
    FIREWALLD_ACTIVE,
)
