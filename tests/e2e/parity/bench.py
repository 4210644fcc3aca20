"""The lab of the parity tests: the host under test, its peer, and both sides' commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.parity import etcd, kscan, kubeadm
from tests.e2e.parity.case import Case
from tests.lab.hosts import Lab, LabHost

WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Bench:
    """One host that is made faulty, and one that stands for the rest of the cluster."""

    lab: Lab
    home: Path

    @classmethod
    @contextmanager
    def start(cls, home: Path) -> Iterator[Bench]:
        """Start the lab with a real etcd on the peer."""
        with Lab.start(2) as lab:
            (home / ".ssh").mkdir(mode=0o700)
            shutil.copy(lab.known_hosts, home / ".ssh" / "known_hosts")
            bench = cls(lab, home)
            _load_images(bench.host)
            etcd.start(bench.peer, bench.host)
            yield bench

    @property
    def host(self) -> LabHost:
        """The host under test."""
        return self.lab.hosts[0]

    @property
    def peer(self) -> LabHost:
        """Where a join would find the API server, and where external etcd runs."""
        return self.lab.hosts[1]

    def ask(self, case: Case) -> tuple[kubeadm.Said, kscan.Report]:
        """What kubeadm and kscan say about the host as it is now; both only read, so at once."""
        self.host.write(kubeadm.path(case), kubeadm.config(case, self.host, self.peer))
        with ThreadPoolExecutor(2) as pool:
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
        options = ("-i", str(self.lab.key), "-o", f"UserKnownHostsFile={self.lab.known_hosts}")
        login = f"{case.user}@{self.host.address}"
        argv = ["ssh", "-n", "-o", "BatchMode=yes", *options, login, kubeadm.command(case)]
        return kubeadm.parse(self._run(argv).stdout)

    def _kscan(self, case: Case) -> kscan.Report:
        path = self.home / Path(kubeadm.path(case)).name
        path.write_text(kscan.inventory(case, self.host, self.peer, self.lab.key), encoding="utf-8")
        done = self._run(kscan.command(case, path, self.home, self.host, self.peer))
        assert done.returncode in {0, 3, 4}, f"{done.stderr}\n{path.read_text()}"
        return kscan.parse(done.stdout, self.host)

    def _run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.lab.command(argv), capture_output=True, text=True, check=False, timeout=WITHIN_S
        )


def _load_images(host: LabHost) -> None:
    """Give docker empty images of the right names, so that no case waits for a registry."""
    host.run(
        "set -e\n"
        "tar -cf - -T /dev/null | docker import - lab-empty:1\n"
        "kubeadm config images list --kubernetes-version v1.20.2 |"
        " while read -r image; do docker tag lab-empty:1 $image; done"
    )
