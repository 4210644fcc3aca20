"""Three control planes: all of them verified; and what is said when one of them has stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab import whole
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, missing

pytestmark = pytest.mark.e2e

ENDPOINT = "cluster-endpoint"
WITHIN_S = 180.0


def _verify(lab: Lab, home: Path) -> dict[tuple[str, str], tuple[str, str]]:
    argv = ["env", f"HOME={home}", sys.executable, "-m", "scanner", "verify"]
    done = subprocess.run(
        lab.command([*argv, str(home / "inventory.yaml"), "--format", "json"]),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in {0, 3, 4}, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return {(r["check"], r["subject"]): (r["verdict"], r["message"]) for r in report["verify"]}


def _bad(found: dict[tuple[str, str], tuple[str, str]]) -> dict[tuple[str, str], str]:
    fine = {"pass", "skip"}
    return {
        key: said
        for key, (verdict, said) in found.items()
        if verdict not in fine and key[0] != "KS830"
    }


def _until(lab: Lab, home: Path, *, good: bool) -> dict[tuple[str, str], str]:
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = _bad(_verify(lab, home))
        if (not found) if good else ("KS826", "node3") in found:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(2)


def test_one_of_three_stops(tmp_path: Path) -> None:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with Lab.start(3, binaries=whole.BINARIES) as lab:
        know_hosts(tmp_path, lab.known_hosts)
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, roles: [control-plane]}}"
            for host in lab.hosts
        )
        (tmp_path / "inventory.yaml").write_text(
            f"cluster: {{controlPlaneEndpoint: {ENDPOINT}}}\n"
            f"defaults: {{identityFile: {lab.key}}}\nhosts:\n{hosts}\n",
            encoding="utf-8",
        )
        first, *others = lab.hosts
        for host in lab.hosts:
            host.run(f"echo {first.address} {ENDPOINT} >>/etc/hosts")
        whole.prepare(lab.hosts)
        command = whole.init(first, ENDPOINT)
        for host in others:
            whole.join_control_plane(host, first, command)
        whole.wait(first)
        # the certificates that were handed over by hand are there for two hours
        assert set(_until(lab, tmp_path, good=True)) == set()
        assert _verify(lab, tmp_path)["KS830", ""][0] == "warn"
        found = _verify(lab, tmp_path)
        for check in ("KS803", "KS821", "KS822", "KS823", "KS824", "KS826"):
            for host in lab.hosts:
                assert found[check, host.name][0] == "pass"
        assert found["KS825", ""][0] == "pass"

        others[-1].run("systemctl stop kubelet && systemctl stop docker containerd")
        stopped = _until(lab, tmp_path, good=False)
        assert "is not Ready" in stopped["KS826", "node3"]
        assert "the member node3 is not healthy" in stopped["KS825", ""]
        assert {subject for _, subject in stopped} <= {"node3", ""}
