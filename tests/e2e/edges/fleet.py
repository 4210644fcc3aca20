"""`kscan check` in the place of the machine that scans light hosts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.light import LightLab


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run has found."""

    status: int
    edges: dict[str, Any]
    fleet: list[dict[str, Any]]
    hosts: list[dict[str, Any]]
    seconds: float
    """Wall, of the whole command."""

    @property
    def rows(self) -> list[tuple[str, str, int, str, str]]:
        """(from, to, port, by, state) of what is not as it should be."""
        names = ("from", "to", "port", "by", "state")
        return [tuple(row[name] for name in names) for row in self.edges["rows"]]

    @property
    def results(self) -> dict[tuple[str, str], str]:
        """(check, subject) -> message of what did not pass."""
        return {
            (result["check"], result["subject"]): result["message"]
            for result in self.fleet
            if result["verdict"] != "pass"
        }


@dataclass(frozen=True, slots=True)
class Fleet:
    """A lab, and what kscan is told of it."""

    lab: LightLab
    home: Path
    profile: str = "flannel"
    control_planes: int = 1
    endpoint: str = ""
    """Empty = the first host's address."""
    ipv6: bool = False
    """The hosts are to use their IPv6 addresses between them."""

    def words(self, *options: str) -> list[str]:
        """The command in the scanning machine's network."""
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, "
            + (f"internalAddress: '{host.address6}', " if self.ipv6 else "")
            + f"roles: [{'control-plane' if number < self.control_planes else 'worker'}]}}"
            for number, host in enumerate(self.lab.hosts)
        )
        first = self.lab.hosts[0]
        endpoint = self.endpoint or (f"[{first.address6}]:6443" if self.ipv6 else first.address)
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{controlPlaneEndpoint: '{endpoint}', cni: {{profile: {self.profile}}}}}\n"
            f"defaults: {{user: root, identityFile: {self.lab.key}, hostKeys: off}}\n"
            f"hosts:\n{hosts}\n",
            encoding="utf-8",
        )
        kscan = [sys.executable, "-m", "scanner", "check", str(path), "--format", "json"]
        return self.lab.command(["env", f"HOME={self.home}", *kscan, *options])

    def check(self, network: str, only: str = "KS79*", *more: str) -> Seen:
        """Run it to its end, and let only some checks speak; the exit status is theirs."""
        began = time.monotonic()
        done = subprocess.run(
            self.words("--network", network, "--only", only, *more),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[3],
        )
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        return Seen(
            done.returncode,
            report["edges"] or {},
            report["fleet"],
            report["hosts"],
            time.monotonic() - began,
        )

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Run it in the background."""
        null = subprocess.DEVNULL
        return subprocess.Popen(
            self.words(*options),
            stdin=null,
            stdout=null,
            stderr=null,
            cwd=Path(__file__).parents[3],
        )


def marked(folder: Path) -> Sequence[int]:
    """kscan's programs on this machine's hosts that were started after `folder` was made."""
    born = folder.stat().st_mtime
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            if {b"kscan-listen", b"kscan-dial"} & {*words} and path.stat().st_mtime >= born:
                found.append(int(path.name))
        except OSError:
            continue
    return found
