"""Programs that the probe asks, and that hang, flood or lie: each costs its own section only."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from scanner.errors import ProbeFailed
from scanner.facts import parse_facts
from scanner.facts.base import Facts
from scanner.facts.hardware import Swap
from scanner.facts.programs import Kubelet
from scanner.probe import script as scripts
from scanner.probe.frames import parse_frames
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login, NodeRole
from scanner.transport.base import OUTPUT_LIMIT

HOST = Host("here", Login("127.0.0.1"), roles=frozenset({NodeRole.CONTROL_PLANE}))
SHELLS = ("sh", "busybox sh")
LATE = "section kubelet did not end within its deadline"
WROTE = "something else on the host wrote into the answer of section kubelet"

# The boundary is not in the environment of a program, but its parents' can be read.
BOUNDARY = """
boundary= process=$$
while test -z "$boundary" && test "$process" -gt 1; do
    boundary=$(tr '\\0' '\\n' </proc/$process/environ | sed -n 's/^KSCAN_BOUNDARY=//p')
    process=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$process/status)
done
"""
FRAMES = (
    "printf '\\n%s rc 0\\n%s begin swap\\ndevice=x\\n\\n%s rc 0\\n' $boundary $boundary $boundary"
)

HANGING = {
    "hangs": "sleep 600",
    "ignores TERM": "trap '' TERM HUP INT; sleep 600; sleep 600",
    "leaves a child with its output": "sleep 600 &",
    "leaves a daemon with its output": "setsid sleep 600 & exit 0",
    "hangs with a daemon": "setsid sleep 600 >/dev/null 2>&1 & sleep 600",
    "prints without end": "while :; do echo y; done",
    "prints errors without end": "while :; do echo y >&2; done",
}
"""What a kubelet does that does not end; sleep(1) is called by a name of its own."""

SPOILED = {
    "10 MB": "head -c 10000000 /dev/zero | tr '\\0' x",
    "10 MB of lines": "yes 'rc=0' | head -c 10000000",
    "10 MB of errors": "head -c 10000000 /dev/zero | tr '\\0' x >&2",
    "no UTF-8": "printf '\\377\\376\\200 Kubernetes v1.20.2\\n'",
    "NUL bytes": "printf '\\0\\0\\0'; exit 3",
    "escapes": "printf '\\033[2J\\033]0;x\\007\\r\\n\\342\\200\\256'",
    "fields of its own": "printf 'out=Kubernetes v1.20.2\\nrc=0\\nkubelet=absent\\n'; exit 3",
    "a guessed boundary": f"printf 'kscan-{'0' * 32} end 30\\n'",
}
"""What a kubelet says instead of its version."""


def answer(shell: str, folder: Path, program: str) -> tuple[bytes, str]:
    """What the probe prints where this is the kubelet, and the boundary."""
    if shell.startswith("busybox") and not Path("/bin/busybox").exists():
        pytest.skip("needs busybox (Debian package)")
    (folder / "hang").symlink_to("/bin/sleep")
    kubelet = folder / "kubelet"
    kubelet.write_text(f"#!/bin/sh\n{program.replace('sleep 600', f'{folder}/hang 600')}\n")
    kubelet.chmod(0o755)
    script = build(Cluster(), HOST, shell=shell)
    done = subprocess.run(
        [*shell.split(), "-s"],
        input=script.text,
        capture_output=True,
        check=False,
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        timeout=120,
    )
    return done.stdout, script.boundary


def facts_of(shell: str, folder: Path, program: str) -> Facts:
    stdout, boundary = answer(shell, folder, program)
    assert len(stdout) < OUTPUT_LIMIT / 4
    return parse_facts(parse_frames(stdout, boundary))


def left_running(folder: Path) -> list[str]:
    """Processes that run something of this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder / "hang") in words or os.fsencode(folder / "kubelet") in words:
            found.append(words.decode())
    return found


@pytest.fixture(autouse=True)
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scripts.DEADLINES, "kubelet", 2)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", HANGING)
def test_what_hangs_costs_its_section_and_leaves_nothing(
    shell: str, name: str, tmp_path: Path
) -> None:
    facts = facts_of(shell, tmp_path, HANGING[name])
    assert {kind.__name__: reason for kind, reason in facts.missing.items()} == {"Kubelet": LATE}
    deadline = time.monotonic() + 5
    while left_running(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_running(tmp_path) == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", SPOILED)
def test_what_is_no_version_is_none(shell: str, name: str, tmp_path: Path) -> None:
    facts = facts_of(shell, tmp_path, SPOILED[name])
    kubelet = facts.get(Kubelet)
    assert kubelet is None or (kubelet.version is None and kubelet.run is not None)
    assert {kind.__name__ for kind in facts.missing} <= {"Kubelet"}


def test_a_program_does_not_learn_the_boundary(tmp_path: Path) -> None:
    stdout, boundary = answer("sh", tmp_path, f"env >{tmp_path}/env")
    assert "KSCAN_SH=" in (tmp_path / "env").read_text()
    assert boundary not in (tmp_path / "env").read_text()
    assert boundary.encode() in stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_frames_in_a_section_are_not_taken(shell: str, tmp_path: Path) -> None:
    facts = facts_of(shell, tmp_path, BOUNDARY + FRAMES)
    assert {kind.__name__: reason for kind, reason in facts.missing.items()} == {"Kubelet": WROTE}
    assert facts[Swap].devices != ("x",)


@pytest.mark.parametrize("shell", SHELLS)
def test_frames_past_the_section_spoil_the_answer(shell: str, tmp_path: Path) -> None:
    """Written to the connection itself, which a program of the same user can open."""
    climb = """
process=$$ top=
while test "$process" -gt 1; do
    grep -qs -e -s /proc/$process/cmdline && ! grep -qs KSCAN_RUN= /proc/$process/environ &&
        top=$process && break
    process=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$process/status)
done
"""
    stdout, boundary = answer(shell, tmp_path, f"{BOUNDARY}{climb}{FRAMES} >/proc/$top/fd/1")
    with pytest.raises(ProbeFailed, match="something on the host wrote a frame into"):
        parse_frames(stdout, boundary)
