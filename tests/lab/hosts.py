"""A lab of real Debian 12 hosts on this machine, each with systemd, sshd and a network namespace
of its own: `with Lab.start(count=3) as lab: ...`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import cgroups, images, network
from .host import CommandFailed, LabHost
from .machine import Blueprint, furnish, keypair
from .state import Process, Started, State, held, new_tag, reap

__all__ = ["CommandFailed", "Lab", "LabHost", "missing", "reap"]

TOOLS = ("apt-get", "dpkg-query", "ip", "nsenter", "unshare", "flock", "sysctl", "ssh-keygen")


@dataclass(frozen=True, slots=True)
class Lab:
    """Running hosts, and the namespace and key with which to reach them."""

    tag: str
    hosts: tuple[LabHost, ...]
    netns: str
    """Network namespace of the machine that scans."""
    key: Path
    """Client key that every account of every host accepts."""
    known_hosts: Path

    @classmethod
    @contextlib.contextmanager
    def start(
        cls, count: int = 3, *, kube: bool = True, binaries: Sequence[str] = images.NODE_BINARIES
    ) -> Iterator[Lab]:
        """Start `count` hosts, wait until they answer, and remove every trace of them at the end.

        With `kube` they are good Kubernetes hosts with these `binaries`; without, they are bare.
        """
        reap()
        tag = new_tag()
        files = images.cache() / "labs" / tag
        with held(tag, files, cgroups.planned(tag)) as (state, started):
            lab = cls._build(state, started, count, binaries if kube else None)
            for host in lab.hosts:
                host.boot_wait()
            yield lab

    @classmethod
    def _build(
        cls,
        state: State,
        started: Started,
        count: int,
        binaries: Sequence[str] | None,
    ) -> Lab:
        base = images.rootfs()
        control = f"kscan-{state.tag}"
        ports = network.ports(control, count)
        state.netns = [*(port.netns for port in ports), control]
        state.save()
        state.files.mkdir(parents=True)
        layers = [base]
        if binaries is not None:
            images.kube_layer(state.files / "kube", binaries)
            layers.insert(0, state.files / "kube")
        key = keypair(state.files / "client_key")
        network.build(control, ports)
        hosts, known = [], []
        for port in ports:
            groups = tuple(cgroups.make(group, port.name) for group in state.groups)
            folder = state.files / port.name
            plan = Blueprint(port.netns, port.name, port.netns, folder, tuple(layers), groups)
            host_key = furnish(plan.upper, port.name, ports, key)
            known.append(f"{port.name},{port.address},{port.address6} {host_key}")
            process = plan.start()
            started.append(process)
            machine = Process.of(process.pid)
            assert machine is not None
            state.machines.append(machine)
            state.save()
            hosts.append(
                LabHost(
                    port.name,
                    port.address,
                    port.address6,
                    binaries is not None,
                    machine,
                    plan.console,
                )
            )
        known_hosts = state.files / "known_hosts"
        known_hosts.write_text("\n".join(known) + "\n", encoding="ascii")
        return cls(state.tag, tuple(hosts), control, key, known_hosts)

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv` as a command that runs on the machine that scans."""
        return ["ip", "netns", "exec", self.netns, *argv]


def missing() -> str | None:
    """What this machine lacks to run a lab, as one line; None when nothing is known to."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return "a lab needs root"
    if absent:
        return f"a lab needs {', '.join(absent)}"
    probe = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    return "a lab needs to be allowed to mount" if probe.returncode != 0 else None


def _description(lab: Lab) -> str:
    ssh = ["ssh", "-i", str(lab.key), "-o", f"UserKnownHostsFile={lab.known_hosts}"]
    lines = [f"{host.name} {host.address} {host.address6}" for host in lab.hosts]
    lines += [f"key {lab.key}", f"known_hosts {lab.known_hosts}"]
    lines += [" ".join(lab.command([*ssh, f"root@{lab.hosts[0].address}"]))]
    return "\n".join(lines) + "\n"


def _end(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Keep a lab running until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.hosts", description=main.__doc__)
    parser.add_argument("--count", type=int, default=3, help="how many hosts (default 3)")
    parser.add_argument("--bare", action="store_true", help="hosts without Kubernetes")
    parser.add_argument("--reap", action="store_true", help="only remove what dead labs left")
    options = parser.parse_args()
    if reason := missing():
        parser.error(reason)
    if options.reap:
        sys.stdout.write(f"removed: {' '.join(reap()) or 'nothing'}\n")
        return
    signal.signal(signal.SIGTERM, _end)
    with (
        contextlib.suppress(KeyboardInterrupt),
        Lab.start(options.count, kube=not options.bare) as lab,
    ):
        sys.stdout.write(_description(lab))
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
