"""The scripts for hosts, in the shells that hosts have."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from scanner.cluster.action import Command, File
from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.lock import master_lock
from scanner.cluster.quorum import read_members
from scanner.cluster.script import build
from scanner.cluster.steps.etcd import _list
from scanner.errors import ClusterError
from scanner.secrets.guesses import Guesses
from tests.cluster.machine import Free, Machine, Machines, credentials, host

SHELLS = ("dash", "bash", "busybox sh")
pytestmark = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture
def machine(tmp_path: Path, shell: str) -> Machine:
    return Machine.make(tmp_path / "node1", shell)


@pytest.fixture
def execute(machine: Machine) -> Execute:
    return Execute(connections(machine), credentials(), Free())


def connections(machine: Machine) -> Connections:
    return Connections(Machines(node1=machine), {"node1": host("node1")}, Guesses())


def command(text: str, *files: File, detached: bool = False) -> Command:
    return Command("node1", text, files, 20.0, detached)


async def test_a_command_has_its_files_and_leaves_nothing(
    machine: Machine, execute: Execute
) -> None:
    script = 'cat a/one two a/b/c; stat -c %a a/one .; echo bad >&2; sh -c "exit 3"'
    files = (File("a/one", "'$HOME` \\ \n"), File("two", "token <bootstrap-token>\n"))
    ended = await execute.at_once(command(script, *files, File("a/b/c", "three\n")))
    assert ended.output.splitlines() == [
        "'$HOME` \\ ",
        "token ffffff.ffffffffffffffff",
        "three",
        "600",
        "700",
        "bad",
    ]
    assert ended.status == 3
    assert machine.left == []


async def test_a_command_that_reads_its_input_does_not_eat_the_script(execute: Execute) -> None:
    ended = await execute.at_once(command("cat; echo after"))
    assert (ended.status, ended.output) == (0, "after")


async def test_without_root_nothing_is_run(machine: Machine, execute: Execute) -> None:
    machine.env["KSCAN_TEST_UID"] = "1000"
    with pytest.raises(ClusterError, match="node1: root is needed"):
        await execute.at_once(command(f"touch {machine.folder}/was-run"))
    with pytest.raises(ClusterError, match="node1: root is needed"):
        await execute.start(command(f"touch {machine.folder}/was-run"), "job1")
    assert not (machine.folder / "was-run").exists()
    assert machine.left == []


async def test_what_is_detached_is_started_once_and_its_end_is_found(
    machine: Machine, execute: Execute
) -> None:
    text = f"echo $PWD >>{machine.folder}/starts; cat secret; exit 4"
    for _ in range(3):
        await execute.start(command(text, File("secret", "s\n"), detached=True), "job1")
    ended = await execute.attach("node1", "job1", 20.0)
    assert ended is not None
    assert (ended.status, ended.output) == (4, "s")
    assert len((machine.folder / "starts").read_text(encoding="utf-8").splitlines()) == 1
    kept = machine.folder / "run" / "kscan-job1"
    assert kept.stat().st_mode & 0o777 == 0o700
    assert not (kept / "files").exists(), "a secret outlives its command"
    assert not (kept / "env").exists()
    await execute.forget("node1", "job1")
    assert machine.left == []
    assert await execute.attach("node1", "job1", 20.0) is None


async def test_what_is_detached_outlives_the_connection(machine: Machine) -> None:
    (machine.folder / "slow").touch()
    text = f"while [ -e {machine.folder}/slow ]; do sleep 0.05; done; echo end"
    async with connections(machine) as first:
        execute = Execute(first, credentials(), Free())
        await execute.start(command(text, detached=True), "job1")
        waiting = asyncio.create_task(execute.attach("node1", "job1", 20.0))
        await asyncio.sleep(0.3)
        waiting.cancel()
    (machine.folder / "slow").unlink()
    async with connections(machine) as second:
        ended = await Execute(second, credentials(), Free()).attach("node1", "job1", 20.0)
    assert ended is not None
    assert (ended.status, ended.output) == (0, "end")


async def test_one_that_was_killed_is_known_for_it(machine: Machine, execute: Execute) -> None:
    await execute.start(command("echo begun; sleep 60", detached=True), "job1")
    kept = machine.folder / "run" / "kscan-job1"
    group = os.getpgid(int((kept / "pid").read_text(encoding="utf-8")))
    os.killpg(group, signal.SIGKILL)
    ended = await execute.attach("node1", "job1", 20.0)
    assert ended is not None
    assert ended.status is None
    assert "it was killed" in ended.reason
    assert ended.output == "begun"


async def test_a_second_one_waits_for_the_first(machine: Machine, execute: Execute) -> None:
    (machine.folder / "slow").touch()
    text = f"while [ -e {machine.folder}/slow ]; do sleep 0.05; done"
    await execute.start(command(text, detached=True), "job1")
    with pytest.raises(ClusterError, match="another kscan's command runs there"):
        await execute.start(command("true", detached=True), "job2")
    (machine.folder / "slow").unlink()
    await execute.attach("node1", "job1", 20.0)
    await execute.start(command("true", detached=True), "job2")
    assert (await execute.attach("node1", "job2", 20.0)) is not None


async def test_kubeadm_gets_the_logins_proxies_and_path(machine: Machine, execute: Execute) -> None:
    proxy = "http://a:b@proxy/$(touch x)"
    machine.env |= {"https_proxy": proxy, "NO_PROXY": "10.0.0.0/8", "OTHER": "1"}
    text = (
        'echo "$https_proxy|$NO_PROXY|${http_proxy-}|${OTHER-}|$LC_ALL"; command -v kubeadm; umask'
    )
    await execute.start(command(text, detached=True), "job1")
    ended = await execute.attach("node1", "job1", 20.0)
    assert ended is not None
    first, kubeadm, umask = ended.output.splitlines()
    assert first.startswith(f"{proxy}|10.0.0.0/8||")
    assert first.endswith("|C")
    assert kubeadm == str(machine.folder / "bin" / "kubeadm")
    current = os.umask(0o022)
    os.umask(current)
    assert int(umask, 8) == current, "kubeadm's files have the modes that they would have by hand"


async def test_the_lock_is_held_once_and_freed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.lock._TRIES", 1)
    async with connections(machine) as mine, connections(machine) as yours:
        async with master_lock(mine, "node1", "ann@a, run 1"):
            with pytest.raises(ClusterError, match=r"another kscan is at work.*ann@a, run 1"):
                async with master_lock(yours, "node1", "bob@b, run 2"):
                    pytest.fail("two have the lock")
        async with master_lock(yours, "node1", "bob@b, run 2"):
            pass


async def test_one_that_has_just_been_killed_is_waited_for(machine: Machine) -> None:
    """sshd's command hears of the end of its connection a little later."""
    path = machine.folder / "run" / "kscan.lock"
    path.write_text("bob@b, run 1\nan earlier turn\n", encoding="utf-8")
    holding = await asyncio.create_subprocess_exec("flock", "--no-fork", str(path), "sleep", "0.8")
    try:
        await asyncio.sleep(0.2)
        async with connections(machine) as mine, master_lock(mine, "node1", "ann@a") as lock:
            lock.check()
            assert await holding.wait() == 0, "it was not held by both"
            assert path.read_text(encoding="utf-8").splitlines()[0] == "ann@a"
    finally:
        if holding.returncode is None:
            holding.kill()
            await holding.wait()


async def test_what_has_ended_badly_is_evidence_for_its_own_run(
    machine: Machine, execute: Execute
) -> None:
    for job, status in (("job1", 1), ("job2", 0)):
        await execute.start(command(f"exit {status}", detached=True), job)
        await execute.attach("node1", job, 20.0)
    await execute.start(command("true", detached=True), "job3")
    await execute.attach("node1", "job3", 20.0)
    assert machine.left == ["kscan-job1", "kscan-job2", "kscan-job3"]
    await execute.forget("node1", "job1", "job2", "job3")
    assert machine.left == []


_CURL = r"""#!/bin/sh
for url; do :; done
case $url in
*/v3/*) echo '404 page not found' ;;
*/v3beta/cluster/member/list) echo '{{"members":[{{"ID":"5","name":"a*","peerURLs":
["https://[2001:db8::1]:2380"],"clientURLs": [ "https://[2001:db8::1]:2379"]}},{{"ID":"6",
"peerURLs":["https://192.0.2.9:2380"]}}]}}' ;;
https://\[2001:db8::1\]:2379/health) echo '{{"health":"{health}"}}' ;;
*) echo "curl: (7) nobody is at $url" ;;
esac
"""


@pytest.mark.parametrize("health", ["true", "false"])
async def test_the_members_of_etcd_are_listed(
    machine: Machine, execute: Execute, shell: str, health: str
) -> None:
    """Also of an old one, and of one with an address that a shell could take for a pattern."""
    curl = machine.folder / "bin" / "curl"
    curl.write_text(_CURL.format(health=health), encoding="utf-8")
    text = _list("node1", 0).text
    again = f"cat >inner <<'E'\n{text}E\nexec {shell} ./inner"
    ended = await execute.at_once(command(again))
    assert ended.status == 0, ended.output
    members = read_members(ended.output)
    assert members is not None
    assert [(one.id, one.name, one.healthy) for one in members] == [
        ("5", "a*", health == "true"),
        ("6", "", False),
    ]


def test_a_files_name_cannot_lead_elsewhere(shell: str) -> None:
    del shell
    for name in ("../x", "/etc/passwd", "a b", "a;b", "a/../c", "a//c", "a/.b", "", "-x"):
        with pytest.raises(ValueError, match="cannot be the name of a file"):
            build("command", {}, "true", (File(name, ""),))
