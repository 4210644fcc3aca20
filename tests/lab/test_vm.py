"""Virtual machines of the lab: they are what they were asked to be, and leave nothing behind."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import cgroups, qemu
from tests.lab.faults import SWAP_ON
from tests.lab.host import CommandFailed
from tests.lab.qemu import Hardware
from tests.lab.state import STATES, Process, State, reap
from tests.lab.vm import VirtualMachine

LACKS = qemu.missing()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(LACKS is not None, reason=LACKS or "nothing is missing"),
]

WANTED = Hardware(
    processors=1,
    memory_mib=1536,
    kernel_parameters="cgroup_disable=pids",
    uuid="0123abcd-0000-4000-8000-0123456789ab",
    clock="2031-01-31T00:00:00",
)


@pytest.fixture(scope="module")
def machine() -> Iterator[VirtualMachine]:
    with VirtualMachine.start(WANTED) as running:
        yield running


def test_it_has_the_hardware_that_was_asked_for(machine: VirtualMachine) -> None:
    assert machine.run("nproc --all") == "1\n"
    total = int(machine.run("awk '/^MemTotal:/ { print $2 }' /proc/meminfo"))
    assert 1400 < total / 1024 < 1536
    assert machine.run("cat /sys/class/dmi/id/product_uuid").strip() == WANTED.uuid
    assert "pids" not in machine.run("cat /sys/fs/cgroup/cgroup.controllers").split()
    clock = datetime.datetime.fromtimestamp(int(machine.run("date +%s")), tz=datetime.UTC)
    assert clock - datetime.datetime(2031, 1, 31, tzinfo=datetime.UTC) < datetime.timedelta(hours=1)


def test_its_modules_come_and_go(machine: VirtualMachine) -> None:
    for present in ("modprobe br_netfilter", "rmmod br_netfilter", "modprobe br_netfilter"):
        machine.run(present)
        file = machine.run("ls -d /proc/sys/net/bridge 2>&1", check=False)
        assert (file == "/proc/sys/net/bridge\n") == present.startswith("modprobe")


def test_its_swap_is_its_own(machine: VirtualMachine) -> None:
    with SWAP_ON.on(machine):
        assert "lab.swap" in machine.run("cat /proc/swaps")
        assert "lab.swap" not in Path("/proc/swaps").read_text(encoding="ascii")
    assert "lab.swap" not in machine.run("cat /proc/swaps")


def test_nothing_leads_out_and_no_password_in(machine: VirtualMachine) -> None:
    with pytest.raises(CommandFailed, match=r"(?i)unreachable|no route"):
        machine.run("socat -u /dev/null TCP4:10.77.0.12:6443,connect-timeout=5")
    options = machine.run("sshd -T | grep -E '^(password|permitrootlogin)' | sort").splitlines()
    assert "passwordauthentication no" in options
    assert "permitrootlogin without-password" in options


def test_what_is_written_is_read(machine: VirtualMachine) -> None:
    machine.write("/srv/new folder/it's", "text\n", 0o640)
    assert machine.run("""stat -c %a "/srv/new folder/it's"; cat /srv/*/it*""") == "640\ntext\n"


def test_a_killed_machine_is_reaped() -> None:
    program = (
        "from tests.lab.vm import VirtualMachine\n"
        "with VirtualMachine.start():\n    raise SystemExit('it was not killed')\n"
    )
    test = subprocess.Popen([sys.executable, "-c", program], process_group=0)
    deadline = time.monotonic() + 300
    machines: list[Process] = []
    tag = ""
    while not machines and time.monotonic() < deadline and test.poll() is None:
        for record in STATES.glob(f"{test.pid:x}-*/state.json"):
            tag = record.parent.name
            machines = State.load(record.parent).machines
        time.sleep(0.05)
    time.sleep(0.5)
    test.kill()
    test.wait()
    assert machines, "it started"
    files = State.load(STATES / tag).files
    assert all(machine.alive for machine in machines), "they outlive their test"
    assert tag in reap()
    assert not any(machine.alive for machine in machines)
    assert not any(group.exists() for group in cgroups.planned(tag))
    assert not files.exists()
    assert not (STATES / tag).exists()
