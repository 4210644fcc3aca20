"""Three machines with kernels, clocks and UUIDs of their own: what containers cannot show."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import qemu
from tests.lab.qemu import Hardware
from tests.lab.vm import VirtualMachine

LACKS = qemu.missing()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(LACKS is not None, reason=LACKS or "nothing is missing"),
]
TWIN = "0123abcd-0000-4000-8000-0123456789ab"
OWN = "0123abcd-0000-4000-8000-000000000003"


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[VirtualMachine, ...]]:
    """The first two have one UUID; each boots with this machine's time."""
    with contextlib.ExitStack() as stack:
        yield tuple(
            stack.enter_context(
                VirtualMachine.start(Hardware(processors=1, memory_mib=768, uuid=uuid))
            )
            for uuid in (TWIN, TWIN, OWN)
        )


def check(machines: tuple[VirtualMachine, ...], home: Path) -> dict[str, dict[str, Any]]:
    """The results between them, by check."""
    hosts = "\n".join(
        f"  - {{name: vm{number}, address: 127.0.0.1, port: {machine.port},"
        f" identityFile: {machine.key}}}"
        for number, machine in enumerate(machines, start=1)
    )
    path = home / "inventory.yaml"
    path.write_text(f"defaults: {{user: root, hostKeys: 'off'}}\nhosts:\n{hosts}\n")
    words = ["check", str(path), "--format", "json", "--only", "KS7*", "--timeout", "300"]
    done = subprocess.run(
        ["env", f"HOME={home}", sys.executable, "-m", "scanner", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout, done.stderr
    return {result["check"]: result for result in json.loads(done.stdout)["fleet"]}


def test_a_twin_uuid_and_a_clock_90_s_off(
    machines: tuple[VirtualMachine, ...], tmp_path: Path
) -> None:
    good = check(machines, tmp_path)
    assert good["KS711"]["verdict"] != "fail"
    assert (good["KS703"]["verdict"], good["KS703"]["hosts"]) == ("warn", ["vm1", "vm2"])
    assert len(good["KS703"]["findings"]) == 1
    machines[2].run("date -s '90 seconds ago'")
    late = check(machines, tmp_path)
    assert (late["KS711"]["verdict"], late["KS711"]["hosts"]) == ("fail", ["vm3"]), late["KS711"]
    assert "behind the fleet's median" in late["KS711"]["message"]
    machines[2].run("date -s '90 seconds'")
    assert check(machines, tmp_path)["KS711"]["verdict"] != "fail"
