"""The user's own rules on real hosts over their sshd: as root, through sudo, and as nobody much."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, missing

pytestmark = pytest.mark.e2e

RULES = """
checks:
  - {id: who, command: id -un, expect: {string: "== root"}, severity: warning}
  - {id: hangs, command: sleep 300 & sleep 300, timeout: 2, severity: warning}
  - {id: kills, command: kill -9 0, severity: warning}
  - {id: kills-parent, command: kill -9 $PPID; sleep 300, timeout: 2, severity: warning}
  - {id: floods, command: "yes | head -c 10000000", severity: warning, expect: {contains: n}}
  - {id: reads, command: "cat; echo end", expect: {string: "== end"}}
  - {id: forges, command: "printf 'kscan-%032d end 1\\\\n' 0", expect: {matches: "^kscan-0+ end"}}
  - {id: docker, command: docker --version, expect: {version: ">= 20.10"}}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Path]]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    (home / "r.yaml").write_text(RULES, encoding="utf-8")
    with Lab.start(2) as lab:
        know_hosts(home, lab.known_hosts)
        yield lab, home


@pytest.mark.parametrize("user", ["root", "ops", "plain"])
def test_a_rule_costs_at_most_its_own_row(fleet: tuple[Lab, Path], user: str) -> None:
    lab, home = fleet
    hosts = "".join(f"- {{name: {host.name}, address: {host.address}}}\n" for host in lab.hosts)
    inventory = home / "i.yaml"
    inventory.write_text(
        f"defaults: {{user: {user}, identityFile: {lab.key}}}\nchecks: [r.yaml]\nhosts:\n{hosts}"
    )
    command = [sys.executable, "-m", "scanner", "check", str(inventory), "--format", "json"]
    done = subprocess.run(
        lab.command(["env", f"HOME={home}", *command, "--network", "off"]),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    assert "8 rules of your own run on the hosts" in done.stderr
    for host in report["hosts"]:
        found = {result["check"]: result["verdict"] for result in host["results"]}
        assert host["status"] != "unreachable", host["reason"]
        assert found["KS101"] == ("fail" if user == "plain" else "pass")
        assert {name: said for name, said in found.items() if name.startswith("user/")} == {
            "user/who": "warn" if user == "plain" else "pass",
            "user/hangs": "unknown",
            "user/kills": "unknown",
            "user/kills-parent": "unknown",
            "user/floods": "unknown",
            "user/reads": "pass",
            "user/forges": "pass",
            "user/docker": "pass",
        }
    for machine in lab.hosts:
        assert machine.run("pgrep -x sleep || true") == "", "nothing is left running"
