"""A virtual machine under software emulation, for what hosts with a shared kernel cannot show:
`with VirtualMachine.start(Hardware(processors=1)) as machine: ...`.
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import cgroups, images, network, qemu
from .host import CommandFailed
from .machine import furnish, keypair
from .node import writing
from .qemu import Emulator, Hardware
from .state import Process, Started, State, held, new_tag, reap

BOOTS_WITHIN_S = 400.0
"""On two idle cores it is a small part of this; others may use them too."""
COMMAND_WITHIN_S = 240.0
UNITS = "ssh.service docker.service containerd.service"
OWN = network.Port("node1", "", "10.0.2.15", network.address6(15))
"""Where the emulator's own router looks for the machine."""
PEER = network.Port("node2", "", network.address(12), network.address6(12))
"""A host that is not there: any connection to it is answered "unreachable" at once."""
NETWORK = f"""\
[Match]
Name=eth0

[Network]
Address={OWN.address}/24
Address={OWN.address6}/64
LinkLocalAddressing=no
IPv6AcceptRA=no
IPv6DuplicateAddressDetection=0

[Route]
Destination={PEER.address}/16
Type=unreachable
"""


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """One running machine; its commands go through its sshd, over one connection."""

    name: str
    address: str
    address6: str
    port: int
    key: Path
    """Client key that root accepts; there is no other account and no password."""
    known_hosts: Path
    control: Path
    """Socket of the ssh client that holds the connection."""
    process: Process
    console: Path

    @property
    def login(self) -> str:
        """Address of its sshd for this machine."""
        return "127.0.0.1"

    @classmethod
    @contextlib.contextmanager
    def start(cls, hardware: Hardware | None = None) -> Iterator[VirtualMachine]:
        """Boot a machine that is a good Kubernetes host, and leave no trace of it at the end."""
        reap()
        tag = new_tag()
        files = images.cache() / "labs" / tag
        with held(tag, files, cgroups.planned(tag)) as (state, started):
            yield cls._boot(state, started, hardware or Hardware())

    @classmethod
    def _boot(cls, state: State, started: Started, hardware: Hardware) -> VirtualMachine:
        state.save()
        state.files.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=state.files) as layer:
            image = images.machine(Path(layer) / "kube")
        groups = tuple(cgroups.make(group, OWN.name) for group in state.groups)
        port = qemu.free_port()
        plan = Emulator(image, state.files / OWN.name, hardware, port, groups)
        key = keypair(state.files / "client_key")
        host_key = furnish(plan.seed, OWN.name, (OWN, PEER), key)
        folder = plan.seed / "etc" / "systemd" / "network"
        folder.mkdir(parents=True)
        (folder / "eth0.network").write_text(NETWORK, encoding="ascii")
        known_hosts = state.files / "known_hosts"
        known_hosts.write_text(f"[127.0.0.1]:{port} {host_key}\n", encoding="ascii")
        began = time.monotonic()
        started.append(plan.start())
        process = Process.of(started[-1].pid)
        assert process is not None
        state.machines.append(process)
        state.save()
        machine = cls(
            name=OWN.name,
            address=OWN.address,
            address6=OWN.address6,
            port=port,
            key=key,
            known_hosts=known_hosts,
            # The path of a socket has little room, and this folder's name is short.
            control=state.folder / "ssh",
            process=process,
            console=plan.console,
        )
        machine.wait(began)
        return machine

    def wait(self, began: float) -> None:
        """Return when sshd answers and the runtimes are up.

        Raises:
            RuntimeError: that took too long after `began`, or the emulator has ended.
        """
        said = ""
        while time.monotonic() < began + BOOTS_WITHIN_S and self.process.alive:
            try:
                self.run(f"systemctl is-active {UNITS} && test ! -e /run/nologin")
            except CommandFailed as failure:
                said = str(failure)
                time.sleep(0.5)
            else:
                return
        log = self.console.read_text(encoding="utf-8", errors="replace")
        message = f"{self.name} did not boot: {said}\n{log[-2000:]}"
        raise RuntimeError(message)

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command as root in the machine; what it printed on standard output."""
        return self._ssh(command, "", check=check)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file in the machine, with its folder where that is missing."""
        self._ssh(writing(path, mode), text, check=True)

    def _ssh(self, command: str, stdin: str, *, check: bool) -> str:
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "10",
            "ControlMaster": "auto",
            "ControlPath": self.control,
            "ControlPersist": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": self.known_hosts,
        }
        argv = ["ssh", "-F", "none", "-i", str(self.key), "-p", str(self.port)]
        for name, value in options.items():
            argv += ["-o", f"{name}={value}"]
        done = subprocess.run(
            [*argv, f"root@{self.login}", f"sh -c {shlex.quote(command)}"],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_WITHIN_S,
        )
        if check and done.returncode != 0:
            message = f"{self.name}: {command}: status {done.returncode}: {done.stderr.strip()}"
            raise CommandFailed(message)
        return done.stdout
