"""The lab itself: its hosts answer, its faults are real, and it leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import cgroups, network
from tests.lab.faults import FAULTS, Fault
from tests.lab.hosts import Lab, LabHost, missing, reap
from tests.lab.state import STATES, State

CLUSTER = """\
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
"""
LACKS = missing()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(LACKS is not None, reason=LACKS or "nothing is missing"),
]


def ssh(
    lab: Lab, host: LabHost, command: str, user: str = "root"
) -> subprocess.CompletedProcess[str]:
    options = ("-i", str(lab.key), "-o", f"UserKnownHostsFile={lab.known_hosts}")
    argv = ["ssh", "-n", "-o", "BatchMode=yes", *options, f"{user}@{host.address}", command]
    return subprocess.run(
        lab.command(argv), capture_output=True, text=True, check=False, timeout=60
    )


def traces(tag: str) -> list[str]:
    """All that a lab with this tag still holds of the machine."""
    found = [str(path) for path in (STATES / tag,) if path.exists()]
    found += [name for name in network.names() if tag in name]
    found += [str(group) for group in cgroups.planned(tag) if group.exists()]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            mounts = (process / "mounts").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if tag in command and "pytest" not in command:
            found.append(command)
        if tag in mounts:
            found.append(f"mount seen by {command or process.name}")
    return found


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(2) as running:
        yield running


@pytest.mark.parametrize("user", ["root", "ops", "plain", "pw"])
def test_every_account_logs_in(lab: Lab, user: str) -> None:
    for host in lab.hosts:
        assert ssh(lab, host, "id -un; hostname", user).stdout == f"{user}\n{host.name}\n"


def test_sudo_is_as_promised(lab: Lab) -> None:
    host = lab.hosts[0]
    assert ssh(lab, host, "sudo -n id -u", "ops").stdout == "0\n"
    assert "password is required" in ssh(lab, host, "sudo -n id -u", "pw").stderr
    assert ssh(lab, host, "echo lab-secret | sudo -S id -u", "pw").stdout == "0\n"
    assert ssh(lab, host, "echo lab-secret | sudo -S id -u", "plain").returncode != 0


def test_hosts_reach_each_other_by_name_and_by_ipv6(lab: Lab) -> None:
    first, second = lab.hosts
    for name in (second.name, f"{second.name}-v6"):
        command = f"ssh-keyscan -t ed25519 {name} 2>/dev/null | cut -d' ' -f2,3"
        assert first.run(command).strip() in lab.known_hosts.read_text()
        assert first.run(command).startswith("ssh-ed25519 ")


def test_hosts_are_not_one(lab: Lab) -> None:
    ids = {host.run("cat /etc/machine-id") for host in lab.hosts}
    assert len(ids) == len(lab.hosts)


def test_what_is_written_is_read_and_sshd_logs(lab: Lab) -> None:
    host = lab.hosts[0]
    host.write("/srv/new folder/it's", "text\n", 0o640)
    assert host.run("""stat -c %a "/srv/new folder/it's"; cat /srv/*/it*""") == "640\ntext\n"
    ssh(lab, host, "true", "plain")
    assert "Accepted publickey for plain" in host.sshd_log()


def kubeadm_says(lab: Lab, host: LabHost) -> set[str]:
    """Names of the checks that kubeadm's own preflight complains of, but for image pulls."""
    host.write("/root/kubeadm.yaml", CLUSTER)
    command = "kubeadm init phase preflight --config kubeadm.yaml --ignore-preflight-errors="
    said = ssh(lab, host, f"{command}ImagePull 2>&1").stdout
    assert "[preflight] Running pre-flight checks" in said
    return set(re.findall(r"\[(?:WARNING|ERROR) ([^]]+)\]", said)) - {"ImagePull"}


def test_kubeadm_warns_only_of_a_docker_newer_than_itself(lab: Lab) -> None:
    assert kubeadm_says(lab, lab.hosts[0]) == {"SystemVerification"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_comes_and_goes(lab: Lab, fault: Fault) -> None:
    host = lab.hosts[0]
    assert ssh(lab, host, fault.seen).returncode != 0
    with fault.on(host):
        seen = ssh(lab, host, fault.seen)
        assert seen.returncode == 0, seen
        if fault.kubeadm:
            assert fault.kubeadm in kubeadm_says(lab, host)
    assert ssh(lab, host, fault.seen).returncode != 0
    fault.take(host)


def test_a_host_is_good_again_after_all_faults(lab: Lab) -> None:
    host = lab.hosts[0]
    for fault in FAULTS:
        assert ssh(lab, host, fault.seen).returncode != 0, fault.name
    assert "Cgroup Driver: systemd" in host.run("docker info 2>/dev/null")
    assert kubeadm_says(lab, host) == {"SystemVerification"}


def test_two_labs_at_once_and_nothing_is_left(lab: Lab) -> None:
    with Lab.start(1, kube=False) as other:
        assert ssh(other, other.hosts[0], "hostname").stdout == "node1\n"
        assert ssh(lab, lab.hosts[0], "hostname").stdout == "node1\n"
        assert traces(other.tag)
    assert traces(other.tag) == []
    assert not other.key.parent.exists()
    assert ssh(lab, lab.hosts[0], "hostname").stdout == "node1\n"


def test_an_exception_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError), Lab.start(1, kube=False) as broken:
        raise ZeroDivisionError
    assert traces(broken.tag) == []


def by_hand(count: int) -> subprocess.Popen[str]:
    """A lab started on the command line."""
    command = [sys.executable, "-m", "tests.lab.hosts", "--count", str(count), "--bare"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0)


def tag_once_up(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("key "):
            return Path(line.split()[1]).parent.name
    raise AssertionError("the lab ended before it was up")


def tag_once_machines_start(process: subprocess.Popen[str], machines: int) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for record in STATES.glob(f"{process.pid:x}-*/state.json"):
            if len(State.load(record.parent).machines) >= machines:
                return record.parent.name
        time.sleep(0.005)
    raise AssertionError("no machine started")


def test_ctrl_c_leaves_nothing() -> None:
    process = by_hand(1)
    tag = tag_once_up(process)
    assert traces(tag)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert traces(tag) == []


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1, 0.3])
def test_an_end_during_the_boot_leaves_nothing(after_s: float) -> None:
    process = by_hand(3)
    tag = tag_once_machines_start(process, 2)
    time.sleep(after_s)
    process.terminate()
    process.communicate(timeout=60)
    assert traces(tag) == []


def test_a_killed_lab_is_reaped() -> None:
    process = by_hand(1)
    tag = tag_once_up(process)
    files = State.load(STATES / tag).files
    process.kill()
    process.communicate(timeout=60)
    time.sleep(0.5)
    assert traces(tag)
    assert tag in reap()
    assert traces(tag) == []
    assert not files.exists()
