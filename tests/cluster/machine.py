"""Hosts of folders on this machine: kscan's scripts run in a real shell, with programs of the test.

What the scripts have below /run and /etc/kubernetes is below the host's folder; `kubeadm` and
`kubectl` are shell scripts that note how they were called.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scanner.cluster.credentials import Credentials
from scanner.cluster.folder import Folder
from scanner.cluster.journal import Journal
from scanner.cluster.place import Place
from scanner.cluster.plan import Member, Plan
from scanner.cluster.same_machine import Machine as Seen
from scanner.errors import HostUnreachable
from scanner.request import Cluster, ContainerRuntime, Host, Login, NodeRole
from scanner.target import Role, Target
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue
from scanner.transport.local import LocalSession
from scanner.versions import Version
from tests.sessions import FakeSession

TOKEN = "abcdef.0123456789abcdef"  # noqa: S105 - of no cluster
CA_HASH = f"sha256:{'a' * 64}"
KUBECONFIG = "apiVersion: v1\nkind: Config\n"

_PROGRAMS = {
    "id": "echo ${KSCAN_TEST_UID:-0}",
    "kubeadm": f"""
[ "$1 $2" != "reset --help" ] || {{ cat $HOST/reset.help 2>/dev/null; exit 0; }}
echo "$@" >>$HOST/kubeadm.calls
case "$1 $2" in
"token create") echo 'kubeadm join 192.0.2.1:6443 --token {TOKEN} \
--discovery-token-ca-cert-hash {CA_HASH} '; exit ;;
esac
[ ! -e kubeadm.yaml ] || cp kubeadm.yaml $HOST/given.yaml
while [ -e $HOST/slow ]; do sleep 0.05; done
[ "$1" != reset ] || rm -rf $HOST/etc/manifests $HOST/etc/pki $HOST/etc/kubelet.conf
if [ -e $HOST/fails ] && [ "$1" != reset ]; then cat $HOST/fails; exit 1; fi
echo "[kubeadm] $1 is done"
""",
    **dict.fromkeys(("iptables-save", "ip6tables-save"), "echo -A KUBE-X; echo -A MINE"),
    **dict.fromkeys(("iptables-restore", "ip6tables-restore"), "cat >>$HOST/restored"),
    **dict.fromkeys(("ip", "ipvsadm"), 'echo "$@" >>$HOST/ip.calls'),
    "curl": "echo curl >>$HOST/curl.calls; echo ok",
    "kubectl": """
shift 2 # --kubeconfig FILE
[ "$1" != --server ] || { echo "$2 $NO_PROXY" >>$HOST/server.calls; shift 2; }
printf '%s\n' "$*" >>$HOST/kubectl.calls
grep -qs -x -F -e "$1 $2" -e "$*" $HOST/kubectl.fails && { echo "error: no $1" >&2; exit 1; }
[ "$1 $2 $4" != "get node --ignore-not-found" ] || cat $HOST/node 2>/dev/null
[ "$1" != apply ] || cat manifest.yaml >>$HOST/applied
[ "$1 $2" != "get nodes" ] || cat $HOST/nodes 2>/dev/null
:
""",
}


_ELSEWHERE = (
    "/etc/cni/net.d",
    "/var/lib/cni",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/sys/class/net",
    "/proc/mounts",
)


@dataclass(slots=True)
class Machine:
    """One host."""

    folder: Path
    shell: str = "sh"
    reachable: bool = True
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, shell: str = "sh") -> Machine:
        for name in ("bin", "run", "etc"):
            (folder / name).mkdir(parents=True)
        for name, text in _PROGRAMS.items():
            path = folder / "bin" / name
            path.write_text(f"#!/bin/sh\nHOST={folder}\n{text}", encoding="utf-8")
            path.chmod(0o755)
        (folder / "none" / "proc").mkdir(parents=True)
        (folder / "none" / "proc" / "mounts").touch()
        (folder / "etc" / "admin.conf").write_text(KUBECONFIG, encoding="utf-8")
        return cls(folder, shell)

    def calls(self, program: str) -> list[str]:
        path = self.folder / f"{program}.calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def left(self) -> list[str]:
        """What is left below /run."""
        return sorted(path.name for path in (self.folder / "run").glob("kscan[-.]*"))

    def here(self, text: bytes) -> bytes:
        """A script as it is for this folder."""
        run = str(self.folder / "run").encode()
        text = text.replace(b"RUN=/run ", b"RUN=%s " % run).replace(b"/run/kscan", run + b"/kscan")
        for real in _ELSEWHERE:  # a script that resets a host must not reset this machine
            text = text.replace(real.encode(), str(self.folder / "none").encode() + real.encode())
        return text.replace(b"/etc/kubernetes/", str(self.folder / "etc").encode() + b"/")


class MachineSession(FakeSession):
    """Runs what `sh -s` is given in the machine's own shell."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        machine = self._machine
        if not machine.reachable:
            raise HostUnreachable("the connection to it was lost (a test): see sshd's log there")
        path = f"{machine.folder / 'bin'}:{os.environ['PATH']}"
        words = [f"PATH='{path}'", *(f"{name}='{value}'" for name, value in machine.env.items())]
        return await LocalSession().run(
            f"exec env {' '.join(words)} {machine.shell} -s",
            stdin=machine.here(given),
            timeout=timeout,
            dialogue=dialogue,
        )


class Machines:
    """The transport to them."""

    def __init__(self, **machines: Machine) -> None:
        self.machines = machines
        self.connections = 0

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        machine = self.machines[host.name]
        if not machine.reachable:
            raise HostUnreachable("it does not answer (a test)")
        self.connections += 1
        yield MachineSession(machine)


def host(name: str, *roles: NodeRole, labels: tuple[tuple[str, str], ...] = ()) -> Host:
    login = Login(f"{name}.example", user="root")
    return Host(name, login, frozenset(roles or (NodeRole.WORKER,)), labels=labels)


def member(
    name: str, role: Role, *, joined: bool = False, ignored: tuple[str, ...] = (), minor: int = 20
) -> Member:
    is_worker = role is Role.JOIN_WORKER
    roles = (NodeRole.WORKER if is_worker else NodeRole.CONTROL_PLANE,)
    version = Version(1, minor, 2)
    target = Target(
        name,
        role,
        Cluster(),
        version,
        version,
        name,
        ContainerRuntime.DOCKER,
        "/var/run/dockershim.sock",
        advertise_address="192.0.2.1",
        endpoint="192.0.2.1",
    )
    number = int("".join(filter(str.isdigit, name)) or 0)
    return Member(host(name, *roles), target, joined, True, ignored, seen(number))


def seen(number: int) -> Seen:
    """What node2 tells of itself, for the number 2."""
    return Seen(
        f"{number:032x}", f"{number:08x}-0000-4000-8000-000000000000", (f"192.0.2.{number}",)
    )


def node(machine: Seen, name: str = "node2") -> str:
    """What kubectl prints of the Node of that machine."""
    lines = [f"node {name}", f"machineID {machine.machine_id}"]
    lines += [f"systemUUID {machine.product_uuid}", *(f"address {at}" for at in machine.addresses)]
    return "\n".join(lines) + "\n"


def plan(*members: Member, **fields: object) -> Plan:
    """node1 is the master."""
    return Plan(Cluster(), "node1", members, **fields)  # type: ignore[arg-type]


def place(path: Path, run: str = "run1") -> Place:
    path.mkdir(exist_ok=True)
    return Place(Folder(path, f"somebody, {run}"), Journal.below(path), run)


class Free:
    """Nobody else is at work."""

    def check(self) -> None:
        pass


def credentials() -> Credentials:
    return Credentials("ffffff.ffffffffffffffff", "0" * 64)
