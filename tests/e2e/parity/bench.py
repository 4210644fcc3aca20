"""The lab of the parity tests: the host under test, its peer, and both sides' commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.parity import etcd, kscan, kubeadm
from tests.e2e.parity.case import Case
from tests.lab.hosts import Lab
from tests.lab.kubernetes import NAME
from tests.lab.node import Node, Peer
from tests.lab.qemu import Hardware
from tests.lab.vm import PEER, VirtualMachine

WITHIN_S = 240
"""A virtual machine under software emulation is slow."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One host that is made faulty, and one that stands for the rest of the cluster."""

    host: Node
    """The host under test."""
    peer: Peer
    """Where a join would find the API server, and where external etcd runs."""
    key: Path
    known_hosts: Path
    place: Callable[[list[str]], list[str]]
    """Puts a command line where it reaches the host."""
    home: Path
    at_once: int = 2
    """How many of kubeadm and kscan ask at the same time; both only read."""

    @classmethod
    @contextmanager
    def start(cls, home: Path) -> Iterator[Bench]:
        """Start two hosts of the lab, with a real etcd on the peer."""
        with Lab.start(2) as lab:
            host, peer = lab.hosts
            bench = cls(host, peer, lab.key, lab.known_hosts, lab.command, home)
            bench._furnish()
            etcd.start(peer, host)
            yield bench

    @classmethod
    @contextmanager
    def machine(cls, home: Path, hardware: Hardware | None = None) -> Iterator[Bench]:
        """Start a virtual machine, with a kernel of its own and nobody beside it."""
        with VirtualMachine.start(hardware) as host:
            bench = cls(host, PEER, host.key, host.known_hosts, list, home, at_once=1)
            bench._furnish()
            yield bench

    def _furnish(self) -> None:
        (self.home / ".ssh").mkdir(mode=0o700)
        shutil.copy(self.known_hosts, self.home / ".ssh" / "known_hosts")
        load_images(self.host)

    def ask(self, case: Case) -> tuple[kubeadm.Said, kscan.Report]:
        """What kubeadm and kscan say about the host as it is now."""
        self.host.write(kubeadm.path(case), kubeadm.config(case, self.host, self.peer))
        with ThreadPoolExecutor(self.at_once) as pool:
            said = pool.submit(self._kubeadm, case)
            report = pool.submit(self._kscan, case)
            return said.result(), report.result()

    def ask_at_once(self, cases: Sequence[Case]) -> dict[Case, tuple[kubeadm.Said, kscan.Report]]:
        """Several cases without faults: kubeadm tries an etcd that fails for 15 s."""
        # Ten connections that have not logged in yet are too many for an sshd.
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(cases, pool.map(self.ask, cases), strict=True))

    def ask_with_faults(self, case: Case) -> tuple[kubeadm.Said, kscan.Report]:
        """As `ask`, with the case's faults put in before and taken out after."""
        with ExitStack() as stack:
            for fault in case.faults:
                stack.enter_context(fault.on(self.host))
            return self.ask(case)

    def _kubeadm(self, case: Case) -> kubeadm.Said:
        """Through sshd, as kscan does, so that PATH and proxies are those of the login."""
        options = ("-i", str(self.key), "-o", f"UserKnownHostsFile={self.known_hosts}")
        login = ("-p", str(self.host.port), f"{case.user}@{self.host.login}")
        argv = ["ssh", "-n", "-o", "BatchMode=yes", *options, *login, kubeadm.command(case)]
        return kubeadm.parse(self._run(argv).stdout)

    def _kscan(self, case: Case) -> kscan.Report:
        path = self.home / Path(kubeadm.path(case)).name
        path.write_text(kscan.inventory(case, self.host, self.peer, self.key), encoding="utf-8")
        done = self._run(kscan.command(case, path, self.home, self.host, self.peer))
        assert done.returncode in {0, 3, 4}, f"{done.stderr}\n{path.read_text()}"
        return kscan.parse(done.stdout, self.host)

    def _run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.place(argv), capture_output=True, text=True, check=False, timeout=WITHIN_S
        )


def load_images(host: Node) -> None:
    """Give docker empty images of the right names, so that no case waits for a registry."""
    host.run(
        "set -e\n"
        "tar -cf - -T /dev/null | docker import - lab-empty:1\n"
        f"kubeadm config images list --kubernetes-version {NAME} |"
        " while read -r image; do docker tag lab-empty:1 $image; done"
    )
