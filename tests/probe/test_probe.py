"""The real script, run on this machine by every shell that a host may have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from scanner.facts import PARSERS, parse_facts
from scanner.facts.base import Facts
from scanner.facts.clock import Clock
from scanner.facts.environment import Binaries, Environment
from scanner.facts.hardware import Cpu, Memory
from scanner.facts.identity import Identity
from scanner.facts.kernel import Sysctls
from scanner.facts.node import Node
from scanner.facts.paths import Listeners, Paths, PathState
from scanner.facts.storage import Storage
from scanner.measure import Measure
from scanner.probe.frames import parse_frames
from scanner.probe.script import DEADLINES, MEASURES, QUICK, build
from scanner.request import Cluster, Host, LocalEtcd, Login, NodeRole

HOST = Host("here", Login("127.0.0.1"), roles=frozenset({NodeRole.CONTROL_PLANE}))
SHELLS = ("dash", "bash", "bash --posix", "busybox sh")
CHANGING = (Clock, Listeners, Node, Storage)
"""Facts that are others a moment later."""


def run(shell: str, cluster: Cluster | None = None, env: Mapping[str, str] | None = None) -> Facts:
    """Run the probe in a shell and parse its answer."""
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell.split(maxsplit=1)[0]} (Debian: dash, bash, busybox)")
    script = build(cluster or Cluster(), HOST, shell=shell)
    done = subprocess.run(
        [*shell.split(), "-s"], input=script.text, capture_output=True, check=False, env=env
    )
    assert done.stdout.rstrip(b"\n").endswith(script.last_line)
    return parse_facts(parse_frames(done.stdout, script.boundary))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_probe_gives_every_fact(shell: str, tmp_path: Path) -> None:
    (tmp_path / "etcd" / ".hidden").mkdir(parents=True)
    facts = run(shell, Cluster(etcd=LocalEtcd(str(tmp_path / "etcd"))))
    assert facts.missing == {}
    assert facts[Cpu].online == len(os.sched_getaffinity(0))
    page = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert facts[Memory].total_kib == page // 1024
    assert facts[Identity].uid == os.getuid()
    assert facts[Environment].path == os.environ["PATH"]
    assert facts[Paths].state(str(tmp_path / "etcd")) is PathState.DIR_NOT_EMPTY
    assert abs(facts[Clock].seconds - time.time()) < 600
    volume, asked = facts[Storage].under(str(tmp_path / "etcd")), os.statvfs(tmp_path)
    assert volume.place == str((tmp_path / "etcd").resolve())
    assert volume.total_bytes == asked.f_blocks * asked.f_frsize
    assert volume.inodes == asked.f_files
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    assert facts[Sysctls].values[str(forward)] == forward.read_text().strip()


def test_all_shells_tell_the_same() -> None:
    """The facts that cannot change between two runs are equal whatever shell ran the probe.

    Sockets come and go, and so does a kubelet that a lab beside this test starts and stops.
    """
    answers = [run(shell) for shell in SHELLS]
    for _name, kind, _parse in PARSERS:
        if kind not in CHANGING:
            assert [facts.get(kind) for facts in answers[1:]] == [answers[0].get(kind)] * 3, kind


def test_a_listener_on_one_address_is_seen() -> None:
    import socket  # noqa: PLC0415 - only this test listens

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        facts = run("dash", Cluster(bind_port=port))
    assert facts[Listeners].on(port) == ("127.0.0.1",)


def test_what_kubeadm_would_inherit_is_recorded(tmp_path: Path) -> None:
    program = tmp_path / "crictl"
    program.write_text("#!/bin/sh\n")
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "https_proxy": "http://user:p@ss@proxy:3128"}
    facts = run("dash", env=env)
    assert facts[Environment].path == env["PATH"]
    assert facts[Environment].proxies == {"https_proxy": "http://proxy:3128"}
    assert "crictl" not in facts[Binaries].found, "a file without the executable bit is no program"
    program.chmod(0o755)
    assert run("dash", env=env)[Binaries].found["crictl"] == str(program)


def test_an_empty_path_breaks_nothing() -> None:
    """The shell itself must be found; everything after that uses the probe's own PATH."""
    script = build(Cluster(), HOST)
    done = subprocess.run(
        ["/bin/sh", "-s"], input=script.text, capture_output=True, check=False, env={"PATH": ""}
    )
    facts = parse_facts(parse_frames(done.stdout, script.boundary))
    assert facts[Environment].path == ""
    assert facts.missing == {}


ODD = {
    "LANG": "tr_TR.UTF-8",
    "LC_ALL": "ja_JP.SJIS",
    "LANGUAGE": "tr",
    "CDPATH": "/:/tmp",
    "IFS": "aeiou/=",
    "ENV": "/nonexistent",
    "BASH_ENV": "/nonexistent",
    "TMOUT": "1",
    "POSIXLY_CORRECT": "1",
    "GREP_OPTIONS": "-v",
    "GLOBIGNORE": "*",
    "SHELLOPTS": "noglob:errexit",
    **{f"BASH_FUNC_{name}%%": "() { echo 0; }" for name in ("grep", "awk", "read", "printf")},
}
"""What may stand in a login's environment; bash takes some of it only where it is called sh."""


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox", "mksh", "ksh93"])
def test_what_stands_in_the_environment_changes_nothing(shell: str, tmp_path: Path) -> None:
    if (program := shutil.which(shell)) is None:
        pytest.skip(f"needs {shell} (Debian: dash, bash, busybox, mksh, ksh93u+m)")
    (tmp_path / "sh").symlink_to(program)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/file").touch()
    sh = str(tmp_path / "sh")
    cluster = Cluster(etcd=LocalEtcd(str(tmp_path / "data")))
    path = {"PATH": os.environ["PATH"]}
    plain, odd = run(sh, cluster, path), run(sh, cluster, {**path, **ODD})
    assert odd.missing == {}
    for _name, kind, _parse in PARSERS:
        if kind not in CHANGING:
            assert odd.get(kind) == plain.get(kind), kind
    assert odd[Paths].state(str(tmp_path / "data")) is PathState.DIR_NOT_EMPTY


def test_a_program_that_hangs_costs_its_own_section_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "kubelet"
    hanging.write_text("#!/bin/sh\nsleep 600 & wait\n")
    hanging.chmod(0o755)
    monkeypatch.setitem(DEADLINES, "kubelet", 1)
    began = time.monotonic()
    facts = run("dash", env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert list(facts.missing.values()) == ["section kubelet did not end within its deadline"]
    assert time.monotonic() - began < 60


def test_a_cut_upload_runs_nothing() -> None:
    text = build(Cluster(), HOST).text
    done = subprocess.run(
        ["/bin/sh", "-s"], input=text[: text.rindex(b"\nmain\n")], capture_output=True, check=False
    )
    assert done.stdout == b""


def test_two_scripts_never_share_a_boundary() -> None:
    assert build(Cluster(), HOST).boundary != build(Cluster(), HOST).boundary


@pytest.mark.parametrize("name", ["driver.sh", "measure.sh", "privilege.sh", "sections.sh"])
def test_shellcheck(name: str) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("needs shellcheck (Debian package shellcheck)")
    path = files("scanner.probe").joinpath(name)
    subprocess.run(["shellcheck", "-s", "sh", str(path)], check=True)


def test_every_section_has_a_function_a_deadline_and_a_parser() -> None:
    text = files("scanner.probe").joinpath("sections.sh").read_text()
    functions = re.findall(r"^section_(\w+)\(\)", text, re.MULTILINE)
    assert functions == sorted(functions)
    assert set(functions) == {*QUICK, *DEADLINES}
    more = files("scanner.probe").joinpath("measure.sh").read_text()
    measures = re.findall(r"^section_(\w+)\(\)", more, re.MULTILINE)
    assert set(measures) == set(MEASURES) == set(Measure)
    assert {*functions, *measures} == {name for name, _, _ in PARSERS}


def test_the_probe_only_reads() -> None:
    """No redirection but to descriptors, /dev/null and from files; no word that changes a host."""
    text = files("scanner.probe").joinpath("sections.sh").read_text()
    code = "\n".join(line.partition("# ")[0] for line in text.splitlines())
    targets = re.findall(r"(?<![-=])\d?>{1,2}\s*([^\s;)|]+)", code)
    assert set(targets) <= {"/dev/null", "&1", "&2", "&3", "&4"}
    words = set(re.findall(r"[a-z][a-z0-9-]+", code))
    assert not words & {
        "rm",
        "mkdir",
        "tee",
        "chmod",
        "chown",
        "insmod",
        "kill",
        "sysctl",
        "mktemp",
    }
    assert re.findall(r"(?<!have )modprobe [^;]*", code) == ["modprobe -n -q configs 2>/dev/null"]
