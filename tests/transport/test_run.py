# ruff: noqa: ASYNC240 # small files of the test itself, read and written at once
"""The contract of a session, the same over SSH and on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.errors import HostUnreachable
from scanner.request import Host, Login
from scanner.transport.base import OUTPUT_LIMIT, Session
from scanner.transport.local import LocalTransport
from scanner.transport.ssh import SshTransport
from scanner.transport.timing import unix_now
from tests.transport.conftest import settings
from tests.transport.machine import Machine


@pytest.fixture
async def session(machine: Machine, transport: SshTransport) -> AsyncIterator[Session]:
    async with transport.connect(machine.host()) as session:
        yield session


@pytest.fixture
async def local() -> AsyncIterator[Session]:
    async with LocalTransport().connect(Host("me", Login("", local=True))) as session:
        yield session


async def test_a_command_gets_its_input_and_gives_its_output(
    session: Session, machine: Machine
) -> None:
    done = await session.run("cat", stdin=b"caf\xc3\xa9\n\x00\xff", timeout=5)
    assert done.stdout == b"caf\xc3\xa9\n\x00\xff"
    assert done.stderr == b"to stderr"
    assert (done.exit_status, done.ended) == (0, "")
    assert machine.commands == ["cat"]
    assert machine.environment == []  # no terminal and no variables of the user


async def test_local_command(local: Session) -> None:
    done = await local.run("cat; echo err >&2; exit 3", stdin=b"a\x00b", timeout=5)
    assert (done.stdout, done.stderr) == (b"a\x00b", b"err\n")
    assert (done.exit_status, done.ended) == (3, "")


async def test_a_large_input_arrives(session: Session, local: Session) -> None:
    data = os.urandom(3 << 18)
    for where in (session, local):
        done = await where.run("cat", stdin=data, timeout=10)
        assert done.stdout == data


async def test_what_came_is_noted_with_its_time_and_never_before_the_input(
    session: Session, local: Session
) -> None:
    for where in (session, local):
        before = unix_now()
        done = await where.run("cat", stdin=(b"first\n", b"last\n"), timeout=10)
        assert done.timing is not None
        arrived = done.timing.arrived(len(done.stdout))
        assert arrived is not None
        assert before <= done.timing.sent <= arrived <= unix_now()
        assert done.timing.arrived(len(done.stdout) + 1) is None
        sizes = [size for size, _ in done.timing.arrivals]
        assert sizes == sorted(sizes)


async def test_a_host_that_falls_silent_is_missed(machine: Machine) -> None:
    """Its network is gone: nothing comes, not even the end of the connection."""
    silent = asyncio.Event()
    ends: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        while data := await reader.read(65536):
            if not silent.is_set():
                writer.write(data)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", machine.port)
        pumps = asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
        with contextlib.suppress(ConnectionError):
            await pumps

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    host = machine.host()
    host = replace(host, login=replace(host.login, port=port))
    try:
        async with (
            SshTransport(replace(settings(), keepalive=0.1)) as transport,
            transport.connect(host) as session,
        ):
            running = asyncio.create_task(session.run("hang", timeout=60))
            await asyncio.sleep(0.5)
            assert not running.done(), "it answers the signs of life"
            silent.set()
            done = await running
        assert done.exit_status is None
        assert done.ended.startswith("the connection to")
    finally:
        for end in ends:
            end.close()
        server.close()


async def test_a_host_that_answers_byte_by_byte_fills_no_memory(local: Session) -> None:
    words = "i=0; while [ $i -lt 2000 ]; do echo x; i=$((i+1)); done"
    done = await local.run(words, timeout=30)
    assert done.timing is not None
    assert len(done.timing.arrivals) <= 256


async def test_too_much_output_is_cut(session: Session, local: Session) -> None:
    for where, command in ((session, "flood"), (local, "head -c 10000000 /dev/zero")):
        done = await where.run(command, timeout=10)
        assert len(done.stdout) == OUTPUT_LIMIT
        assert done.exit_status is None
        assert done.ended == f"output cut at {OUTPUT_LIMIT} bytes"


async def test_the_limit_counts_both_streams(local: Session) -> None:
    done = await local.run("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2", timeout=10)
    assert len(done.stdout) + len(done.stderr) == OUTPUT_LIMIT


async def test_a_timeout_keeps_what_was_read(session: Session, local: Session) -> None:
    for where, command in ((session, "hang"), (local, "echo begin; sleep 60")):
        start = time.monotonic()
        done = await where.run(command, timeout=0.3)
        assert time.monotonic() - start < 2
        assert done.stdout == b"begin\n"
        assert (done.exit_status, done.ended) == (None, "not finished within 0.3 s")


async def test_the_whole_local_process_group_is_killed(local: Session, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    await local.run(f"sleep 600 & echo $! > {pid_file}; wait", timeout=0.3)
    child = int(pid_file.read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        await asyncio.sleep(0.02)
    pytest.fail("the child still runs")


async def test_a_cancelled_local_command_is_killed(local: Session, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    task = asyncio.create_task(local.run(f"echo $$ > {pid_file}; exec sleep 600", timeout=60))
    while not pid_file.exists() or not pid_file.read_text():  # noqa: ASYNC110 # set by a child
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{int(pid_file.read_text())}").exists()


async def test_the_last_line_ends_the_wait(session: Session) -> None:
    start = time.monotonic()
    done = await session.run("last-held", timeout=30, last_line=b"the end")
    assert time.monotonic() - start < 3
    assert done.stdout == b"one\nthe end\n"
    assert done.exit_status is None
    assert done.ended == "its last line was read, but the command has not ended"


async def test_the_exit_status_is_waited_for_after_the_last_line(session: Session) -> None:
    done = await session.run("last", timeout=30, last_line=b"the end")
    assert (done.stdout, done.exit_status, done.ended) == (b"one\nthe end\n", 7, "")


async def test_the_last_line_counts_only_as_a_whole_line(session: Session) -> None:
    done = await session.run("split", timeout=30, last_line=b"the end")
    assert done.stdout == b"not the end\nthe end\n"


async def test_a_hung_local_child_does_not_hold_the_result(local: Session) -> None:
    start = time.monotonic()
    done = await local.run("sleep 60 & echo done", timeout=30, last_line=b"done")
    assert time.monotonic() - start < 3
    assert (done.stdout, done.exit_status) == (b"done\n", 0)


async def test_without_a_last_line_a_hung_local_child_holds_it_until_the_timeout(
    local: Session,
) -> None:
    done = await local.run("sleep 60 & echo done; exit 5", timeout=0.5)
    assert (done.stdout, done.exit_status) == (b"done\n", 5)


async def test_a_signal_is_named(session: Session, local: Session) -> None:
    done = await session.run("kill", timeout=5)
    assert (done.stdout, done.exit_status, done.ended) == (b"dying\n", None, "killed by SIGKILL")
    done = await local.run("kill -KILL $$", timeout=5)
    assert (done.exit_status, done.ended) == (None, "killed by SIGKILL")


async def test_a_command_that_is_left_gets_a_signal(session: Session, machine: Machine) -> None:
    await session.run("hang", timeout=0.1)
    await session.run("flood", timeout=5)
    await session.run("exit 0", timeout=5)
    assert machine.signals == ["TERM", "TERM"]


async def test_a_server_that_stops_reading(session: Session, local: Session) -> None:
    done = await session.run("deaf", stdin=b"x" * (5 << 20), timeout=0.5)
    assert done.ended == "not finished within 0.5 s"
    done = await local.run("sleep 60", stdin=b"x" * (5 << 20), timeout=0.5)
    assert done.ended == "not finished within 0.5 s"


async def test_a_local_command_may_leave_its_input_unread(local: Session) -> None:
    done = await local.run("exit 4", stdin=b"x" * (5 << 20), timeout=5)
    assert (done.exit_status, done.ended) == (4, "")


async def test_a_connection_that_breaks_in_the_output(session: Session) -> None:
    done = await session.run("drop", timeout=5)
    assert done.stdout == b"half an ans"
    assert done.exit_status is None
    assert "was lost" in done.ended


async def test_after_the_connection_broke_nothing_can_be_run(session: Session) -> None:
    await session.run("drop", timeout=5)
    with pytest.raises(HostUnreachable, match="was lost"):
        await session.run("cat", timeout=5)


async def test_several_commands_at_once(session: Session, machine: Machine) -> None:
    done = await asyncio.gather(
        *(session.run("cat", stdin=b"%d" % n, timeout=5) for n in range(20))
    )
    assert [one.stdout for one in done] == [b"%d" % n for n in range(20)]
    assert machine.connections == 1


async def test_exec_refused(machine: Machine, transport: SshTransport) -> None:
    machine.exec_refused = True
    async with transport.connect(machine.host()) as session:
        with pytest.raises(HostUnreachable, match="runs no command"):
            await session.run("cat", timeout=5)


async def test_a_server_that_never_starts_the_command(
    machine: Machine, transport: SshTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transport.connect(machine.host()) as session:
        (server,) = machine.open
        monkeypatch.setattr(server, "_recv_handler", lambda: False)
        done = await session.run("cat", timeout=0.3)
        assert done.ended == "not finished within 0.3 s"


async def test_closing_is_bounded_when_the_server_is_deaf(
    machine: Machine, transport: SshTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = time.monotonic()
    async with transport.connect(machine.host()) as session:
        (server,) = machine.open
        await session.run("deaf", stdin=b"x" * (5 << 20), timeout=0.2)
        monkeypatch.setattr(server, "_recv_handler", lambda: False)
    assert time.monotonic() - start < 4
