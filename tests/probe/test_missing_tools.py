"""The real script on a host that lacks a tool, or has nothing but busybox: UNKNOWN, never green."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from scanner.facts import parse_facts
from scanner.facts.base import Facts
from scanner.facts.environment import Binaries
from scanner.facts.hardware import Cpu, Memory
from scanner.probe.frames import parse_frames
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login, NodeRole

HOST = Host("here", Login("127.0.0.1"), roles=frozenset({NodeRole.CONTROL_PLANE}))
DIRECTORIES = b"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = (
    *(
        "awk",
        "cat",
        "curl",
        "date",
        "getent",
        "grep",
        "gzip",
        "head",
        "id",
        "ip",
        "ls",
        "nproc",
        "od",
    ),
    *("sed", "sha256sum", "stat", "tail", "timeout", "tr", "uname", "wget"),
)
"""All that the probe calls, but for kubeadm, docker and others that it asks."""
LESS = {
    "getent": {"NameLookup"},
    "head": {"Identity"},
    "id": {"Identity"},
    "ip": {"Binaries"},
    "stat": {"Cgroups"},
    "uname": {"Kernel"},
}
"""Tool -> facts that are still there without it, with an empty field."""
CHANGING = {"Clock", "Listeners", "Node", "Storage"}
"""Time goes on, and sockets, processes and free space come and go between two runs."""
NEEDED = {
    "awk": {"Certificates", "Listeners", "Node", "Routes", "Storage"},
    "cat": {"Kubeadm", "Kubelet"},
    "grep": {"Addresses", "Cgroups", "Modules", "NameLookup", "Node", "OsRelease", "Sysctls"},
    "head": {"Addresses", "Kubeadm", "Kubelet", "NameLookup", "OsRelease"},
    "ip": {"Addresses"},
    "date": {"Clock"},
    "sed": {"Kubeadm", "Kubelet", "NameLookup"},
    "stat": {"Storage"},
    "tr": {"NameLookup"},
}
"""Tool -> facts that are missing without it on every host, and more on some."""


def run(directory: Path, shell: str = "/bin/sh") -> Facts:
    """Run the probe where the usual directories are this one."""
    script = build(Cluster(), HOST, shell=shell)
    assert script.text.count(DIRECTORIES) == 1
    done = subprocess.run(
        [*shell.split(), "-s"],
        input=script.text.replace(DIRECTORIES, b"PATH=" + os.fsencode(directory)),
        capture_output=True,
        check=False,
        env={"PATH": str(directory)},
    )
    assert done.stderr.strip(b"\n") == b"", "nothing but the signs of life of a slow run"
    return parse_facts(parse_frames(done.stdout, script.boundary))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every tool of this machine, as a link."""
    found = tmp_path_factory.mktemp("bin")
    for tool in TOOLS:
        if (path := shutil.which(tool)) is not None:
            (found / tool).symlink_to(path)
    return found


@pytest.fixture(scope="module")
def whole(directory: Path) -> Facts:
    return run(directory)


@pytest.mark.parametrize("tool", TOOLS)
def test_without_a_tool_only_what_needs_it_is_missing(
    tool: str, directory: Path, whole: Facts
) -> None:
    if not (directory / tool).exists():
        pytest.skip(f"needs {tool} on this machine")
    away = directory / f"{tool}.away"
    (directory / tool).rename(away)
    try:
        facts = run(directory)
    finally:
        away.rename(directory / tool)
    lost = {kind.__name__: reason for kind, reason in facts.missing.items()}
    assert all(reason.startswith(f"the host has no {tool},") for reason in lost.values()), lost
    needed = {name for name in NEEDED.get(tool, set()) if name != "Addresses"}
    assert needed <= set(lost)
    for kind, value in facts.groups.items():
        if kind.__name__ not in CHANGING and value != whole.groups.get(kind):
            assert kind.__name__ in LESS.get(tool, set())
            assert _says_less(value, whole.groups[kind])


def _says_less(value: object, whole: object) -> bool:
    """Each field is as it was, or empty."""
    assert is_dataclass(value)
    names = [field.name for field in fields(value)]
    return all(not getattr(value, n) or getattr(value, n) == getattr(whole, n) for n in names)


def test_busybox_alone_is_enough(tmp_path: Path, whole: Facts) -> None:
    """No coreutils, procps, GNU awk or grep, and a busybox ash that prefers its own applets."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("needs busybox (Debian package)")
    subprocess.run([busybox, "--install", "-s", tmp_path], check=True)
    facts = run(tmp_path, f"{busybox} sh")
    assert facts.missing == {}
    assert (facts[Cpu], facts[Memory]) == (whole[Cpu], whole[Memory])
    assert facts[Binaries].found["mount"] == str(tmp_path / "mount")


def test_no_tool_at_all(tmp_path: Path, whole: Facts) -> None:
    """What the shell reads itself is known, and nothing else is."""
    facts = run(tmp_path)
    assert facts[Memory] == whole[Memory]
    reasons = [reason for reason in facts.missing.values() if "the host has no " not in reason]
    assert reasons == []
    assert {"Listeners", "Cgroups", "Sysctls"} <= {kind.__name__ for kind in facts.missing}
