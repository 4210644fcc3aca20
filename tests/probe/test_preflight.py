"""The second exec, with the shells and setsid of this machine. kubeadm is a stand-in here, because
only a stand-in hangs on demand; the real one runs in tests/e2e/test_with_kubeadm.py."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from scanner.errors import HostUnreachable
from scanner.probe.preflight import Preflight, run
from scanner.request import Host, Login, Sudo
from scanner.transport.base import Completed
from scanner.transport.dialogue import Dialogue
from scanner.transport.local import LocalSession
from tests.sessions import FakeSession

HOST = Host("a", Login("a", local=True, sudo=Sudo.OFF))
CONFIG = "it's {}\n---\nÄ\n"
SLOW = """
echo '[preflight] Running pre-flight checks'
printf '\\t[WARNING Swap]: on\\n' >&2
sleep 3456 &
sleep 3456
"""


def kubeadm(folder: Path, body: str) -> str:
    path = folder / "kubeadm"
    path.write_text(f"#!/bin/sh\necho $$ >{folder}/pid\n{body}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


async def asked(path: str, seconds: int = 20) -> Preflight:
    return await run(
        LocalSession(), HOST, "init", kubeadm=path, verb="init", config=CONFIG, seconds=seconds
    )


def group(folder: Path) -> set[int]:
    """The stand-in and what it has started, without those that are dead and not yet waited for."""
    pid = int((folder / "pid").read_text())
    listed = subprocess.run(
        ["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    return {
        int(line.split()[0])
        for line in listed.stdout.splitlines()
        if ("sleep 3456" in line or line.split()[0] == str(pid)) and line.split()[1][0] != "Z"
    }


async def gone(folder: Path) -> None:
    """Return when nothing of it is left: a second until the guard has noticed, and the killing."""
    end = time.monotonic() + 5
    while left := group(folder):
        assert time.monotonic() < end, left
        await asyncio.sleep(0.1)


async def test_kubeadm_gets_its_configuration_and_the_logins_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}/odd:/usr/bin:/bin")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    body = 'cat "$5"\necho "$1 $2 $3 $4|$PATH|$HTTPS_PROXY|$LC_ALL"\nenv | grep -c KSCAN\nexit 3\n'
    found = await asked(kubeadm(tmp_path, body))
    words = "init phase preflight --config"
    assert found.said == f"{CONFIG}{words}|{tmp_path}/odd:/usr/bin:/bin|http://proxy:3128|C\n0"
    assert (found.role, found.config, found.exit_status, found.ended) == ("init", CONFIG, 3, "")


async def test_stdout_and_stderr_keep_their_order(tmp_path: Path) -> None:
    body = "echo one\necho two >&2\necho three\nexit 0\n"
    found = await asked(kubeadm(tmp_path, body))
    assert (found.said, found.exit_status) == ("one\ntwo\nthree", 0)


async def test_passwords_of_urls_are_not_kept(tmp_path: Path) -> None:
    found = await asked(kubeadm(tmp_path, "echo 'uses proxy \"http://me:secret@proxy:3128\"'\n"))
    assert found.said == 'uses proxy "http://proxy:3128"'


async def test_one_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    found = await asked(kubeadm(tmp_path, SLOW), seconds=2)
    assert found.said.splitlines() == [
        "[preflight] Running pre-flight checks",
        "\t[WARNING Swap]: on",
    ]
    assert found.exit_status is None
    assert found.ended == "did not end within 2 s; see --timeout"
    await gone(tmp_path)


async def test_when_nobody_listens_any_more_it_is_ended_too(tmp_path: Path) -> None:
    task = asyncio.create_task(asked(kubeadm(tmp_path, SLOW), seconds=60))
    end = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or len(group(tmp_path)) < 3:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(tmp_path)


async def test_a_program_that_is_gone_says_so(tmp_path: Path) -> None:
    found = await asked(f"{tmp_path}/kubeadm")
    assert found.exit_status == 127
    assert "not found" in found.said


def test_without_setsid_kubeadm_is_not_run(tmp_path: Path) -> None:
    """The script looks in the system's directories, so that these have to be taken away."""
    text = (Path(__file__).parents[2] / "scanner/probe/preflight.sh").read_text()
    system = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(
        ["/bin/sh"],
        input=f"BOUNDARY=b KUBEADM={kubeadm(tmp_path, 'true')} VERB=init LIMIT=5 CONFIG=x\n"
        + text.replace(system, "PATH=/nowhere"),
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "\nb preflight 1\nb without setsid\nb end\n"
    assert not (tmp_path / "pid").exists()


class Answers(FakeSession):
    """A session that answers as it is told, with the boundary that it was sent."""

    def __init__(self, text: str, stderr: str = "", ended: str = "") -> None:
        self._answer = (text, stderr, ended)

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        del timeout, dialogue
        boundary = given.decode().partition("BOUNDARY=")[2].split()[0]
        text, stderr, ended = self._answer
        return Completed(text.replace("@", boundary).encode(), stderr.encode(), None, 1.0, ended)


class Refuses(FakeSession):
    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        del given, timeout, dialogue
        raise HostUnreachable("no more sessions")


CUT = [
    (Answers("", "sudo: sorry"), "was not run: sudo: sorry", ""),
    (Answers("motd"), "was not run: the host's shell printed nothing of it", ""),
    (
        Answers("@ preflight 1\nhalf", ended="connection lost"),
        "did not end: connection lost",
        "half",
    ),
    (Answers("@ without setsid\n@ preflight 1\n"), "did not end: the answer stops", ""),
    (Answers("@ preflight 1\n@ without setsid\n@ end\n"), "was not run: without setsid(1)", ""),
    (Answers("noise\r\n@ preflight 1\r\na\r\n@ late\r\n@ end\r\n"), "did not end within 5 s", "a"),
    (Refuses(), "was not run: no more sessions", ""),
]


@pytest.mark.parametrize(("session", "ended", "said"), CUT)
async def test_an_answer_that_is_not_whole(
    session: Answers | Refuses, ended: str, said: str
) -> None:
    found = await run(session, HOST, "init", kubeadm="/k", verb="init", config="", seconds=5)
    assert found.ended.startswith(ended)
    assert (found.said, found.exit_status) == (said, None)


def test_the_shell_script_is_read_by_every_shell() -> None:
    script = Path(__file__).parents[2] / "scanner/probe/preflight.sh"
    for shell in (["dash"], ["bash"], ["busybox", "sh"]):
        if not any(os.access(f"{d}/{shell[0]}", os.X_OK) for d in ("/bin", "/usr/bin")):
            continue
        subprocess.run([*shell, "-n", str(script)], check=True)
