"""The programs for hosts, Python's and Perl's, against sockets of this machine."""

from __future__ import annotations

import ast
import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from scanner.edges.plan import Dial
from scanner.edges.questions import program
from tests.edges.on_host import (
    BOUNDARY,
    LOOPBACK,
    PROGRAMS,
    TOKEN,
    OnHost,
    free,
    listening,
    processes,
)

pytestmark = pytest.mark.parametrize("kind", PROGRAMS)


@contextmanager
def accepting() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_open_and_refused(kind: str) -> None:
    closed, silent = free(), free(socket.SOCK_DGRAM)
    with accepting() as port, OnHost(kind) as host:
        host.ask(
            f"peer 7 - 22 {LOOPBACK}",
            f"dial 7 {port}/tcp {closed}/tcp {silent}/udp",
        )
        host.go()
        answer = host.end(Dial(7, (0, 1, 2)))
    assert answer.dials == "orr"
    assert answer.names == {}
    assert answer.paths[7].rtt_us is not None
    assert answer.paths[7].mtu


def test_the_endpoint_is_dialled_at_what_it_stands_for(kind: str) -> None:
    with accepting() as port, OnHost(kind) as host:
        host.ask(f"endpoint {LOOPBACK} {port}")
        host.go()
        answer = host.end(endpoint=True)
    assert answer.endpoint == {LOOPBACK: "o"}
    with OnHost(kind) as host:
        host.ask(f"endpoint localhost {free()}", f"peer 0 localhost 22 {LOOPBACK}", "dial 0 9/tcp")
        host.go()
        answer = host.end(Dial(0, (0,)), endpoint=True)
    assert answer.endpoint is not None
    assert set(answer.endpoint.values()) <= {"r", "u"}
    assert answer.endpoint[LOOPBACK] == "r"
    assert LOOPBACK in answer.names[0]


def test_an_endpoint_that_stands_for_nothing(kind: str) -> None:
    with OnHost(kind) as host:
        host.ask("endpoint no-such-name.invalid 6443")
        host.go()
        answer = host.end(endpoint=True)
    assert answer.endpoint == {}


@pytest.mark.parametrize("other", PROGRAMS)
def test_two_of_them_meet(kind: str, other: str) -> None:
    tcp, udp = free(), free(socket.SOCK_DGRAM)
    with listening(kind, f"{tcp}/tcp", f"{udp}/udp") as there, OnHost(other) as here:
        here.ask(f"peer 0 - 22 {LOOPBACK}", f"dial 0 {tcp}/tcp {udp}/udp", "count 0")
        there.lines("go")
        assert there.hears() == "done"
        here.go()
        answer = here.end(Dial(0, (0, 1)))
        heard = there.end()
    assert answer.dials == "oo"
    assert (answer.paths[0].sent, answer.paths[0].got) == (20, 20)
    assert answer.paths[0].largest == answer.paths[0].mtu == 9000
    assert answer.paths[0].rtt_us is not None
    assert answer.paths[0].echo_us is not None
    assert heard.listening == {f"{tcp}/tcp", f"{udp}/udp"}


@pytest.mark.parametrize("other", PROGRAMS)
def test_where_only_udp_is_echoed_the_echo_is_timed(kind: str, other: str) -> None:
    udp = free(socket.SOCK_DGRAM)
    with listening(kind, f"{udp}/udp"), OnHost(other) as here:
        here.ask(f"peer 0 - 22 {LOOPBACK}", f"dial 0 {udp}/udp")
        here.go()
        path = here.end(Dial(0, (0,))).paths[0]
    assert (path.rtt_us, path.sent) == (None, None)
    assert path.echo_us is not None


@contextmanager
def echoing() -> Iterator[tuple[int, list[int]]]:
    """A port, and the numbers of the datagrams that came there; an empty one ends it."""
    numbers: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((LOOPBACK, 0))

        def answer() -> None:
            data, sender = one.recvfrom(65535)
            while data:
                numbers.append(int.from_bytes(data[30:32], "big"))
                one.sendto(data[:32], sender)
                data, sender = one.recvfrom(65535)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield one.getsockname()[1], numbers
        one.sendto(b"", one.getsockname())
        thread.join()


@pytest.mark.parametrize(("limit", "dials"), [(b"-1", 4), (b"999999999", 1)])
def test_a_slow_echo_is_asked_for_three_times_more(kind: str, limit: bytes, dials: int) -> None:
    beside = {
        "python": {b"SLOW = 5000": b"SLOW = " + limit},
        "perl": {b"{echo} // 0) > 5000": b"{echo} // 0) > " + limit},
    }
    with echoing() as (port, numbers), OnHost(kind, beside=beside[kind]) as here:
        here.ask(f"peer 0 - 22 {LOOPBACK}", f"dial 0 {port}/udp")
        here.go()
        path = here.end(Dial(0, (0,))).paths[0]
    assert numbers.count(0) == dials  # each dial begins with it, and sends it once
    assert path.echo_us is not None


def test_ipv6(kind: str) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("this machine has no IPv6")
    tcp, udp = free(), free(socket.SOCK_DGRAM)
    with listening(kind, f"{tcp}/tcp", f"{udp}/udp", own="::1") as there, OnHost(kind) as here:
        here.ask("peer 0 - 22 ::1", f"dial 0 {tcp}/tcp {udp}/udp {free()}/tcp", "count 0")
        there.lines("go")
        here.go()
        answer = here.end(Dial(0, (0, 1, 2)))
    assert answer.dials == "oor"
    assert (answer.paths[0].got, answer.paths[0].largest) == (20, 9000)


def test_only_its_own_run_is_echoed_and_never_more(kind: str) -> None:
    udp = free(socket.SOCK_DGRAM)
    with listening(kind, f"{udp}/udp"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(20)
        one.sendto(b"\0" * 8 + b"x" * 24, (LOOPBACK, udp))
        one.sendto(b"\0" * 8 + bytes.fromhex(TOKEN) + b"y" * 400, (LOOPBACK, udp))
        assert one.recv(1000) == b"\0" * 8 + bytes.fromhex(TOKEN) + b"y" * 8


@pytest.mark.parametrize("proto", ["tcp", "udp"])
def test_a_port_that_something_holds_is_left_to_it(kind: str, proto: str) -> None:
    what = socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, what) as held:
        held.bind((LOOPBACK, 0))
        if proto == "tcp":
            held.listen()
        port = held.getsockname()[1]
        with listening(kind, f"{port}/{proto}") as host:
            host.go()
            assert host.end().listening == set()


def test_it_lets_go_when_nobody_is_there_any_more(kind: str) -> None:
    port = free()
    with listening(kind, f"{port}/tcp") as host:
        with socket.create_connection((LOOPBACK, port)):
            pass
        host.stdin.close()
        host.process.wait()
        with socket.create_server((LOOPBACK, port)):
            pass


def test_nothing_stays_on_a_port_that_was_dialled(kind: str) -> None:
    """Not even for a program that does without SO_REUSEADDR."""
    port = free()
    with listening(kind, f"{port}/tcp") as there:
        with OnHost(kind) as here:
            here.ask(f"peer 0 - 22 {LOOPBACK}", f"dial 0 {port}/tcp")
            here.go()
            assert here.end(Dial(0, (0,))).dials == "o"
        there.go()
        there.end()
    with socket.socket() as component:
        component.bind(("0.0.0.0", port))


def test_its_own_timer_ends_it_whatever_happens(kind: str) -> None:
    with OnHost(kind, listens=True, seconds=1) as host:
        host.ask(f"listen {free()}/tcp")
        assert host.process.wait() != 0


def test_only_a_listener_has_the_mark(kind: str) -> None:
    for listens in (True, False):
        with OnHost(kind, listens=listens) as host:
            host.ask()
            texts = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes(host)]
            words = b"\0".join(texts).split(b"\0")
            assert (b"kscan-listen" in words) is listens
            assert any(b"kscan-listen" in word for word in words) is listens


def test_names_as_the_host_looks_them_up(kind: str) -> None:
    closed = free()
    with OnHost(kind) as host:
        host.ask(
            f"peer 1 localhost 22 {LOOPBACK}",
            f"dial 1 {closed}/tcp",
            "peer 2 no-such-name.invalid 22 127.0.0.2",
            f"dial 2 {closed}/tcp",
            f"peer 3 localhost 22 127.0.0.3 {LOOPBACK} ::1",
            f"dial 3 {closed}/tcp",
        )
        host.go()
        answer = host.end(Dial(1, (0,)), Dial(2, (0,)), Dial(3, (0,)))
    assert answer.dials == "rrr"
    assert LOOPBACK in answer.names[1] or "::1" in answer.names[1]
    assert answer.names[2] == ()
    assert answer.named[3][1] == "r"


def test_more_dials_than_files(kind: str) -> None:
    ports = [free() for _ in range(40)]
    with accepting() as port, OnHost(kind) as host:
        words = " ".join(f"{one}/tcp" for one in [*ports, port] * 20)
        host.ask(f"peer 0 - 22 {LOOPBACK}", f"dial 0 {words}")
        host.go()
        answer = host.end(Dial(0, tuple(range(820))))
    assert answer.dials == ("r" * 40 + "o") * 20


def test_a_host_with_neither_says_so(kind: str) -> None:
    del kind
    with OnHost("none") as host:
        assert host.hears() == "up none"


def test_the_python_text_is_python_3_6(kind: str) -> None:
    if kind == "perl":
        return
    text = b"".join(program(BOUNDARY, listens=True)).decode()
    assert "from listen import" not in text
    folder = files("scanner.edges").joinpath("on_host")
    for name in ("listen", "dial", "run"):
        ast.parse(folder.joinpath(f"{name}.py").read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_every_shell_starts_it(kind: str, shell: str) -> None:
    text = b"".join(program(BOUNDARY, listens=False))
    if kind == "perl":
        text = text.replace(
            b"in python3 /usr/bin/python3 /usr/libexec/platform-python", b"in no-such-python"
        )
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell} (Debian package)")
    done = subprocess.run(started_by(shell), input=text, capture_output=True, check=False)
    assert done.stderr.decode() == f"{BOUNDARY} up {kind}\n"
    assert done.returncode == 3  # nobody is there: the end of its input


def started_by(shell: str) -> list[str]:
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell} (Debian package)")
    return [*shell.split(), "-s"]


NO_TIMEOUT = {b"timeout -s KILL 5 true": b"false"}


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
@pytest.mark.parametrize("guard", ["timeout", "shell"])
def test_one_that_hangs_is_ended(kind: str, shell: str, guard: str, tmp_path: Path) -> None:
    """Before it has set its own timer, and whether or not anybody is there any more."""
    if kind == "perl":
        return
    words = started_by(shell)
    hangs = tmp_path / "python3"
    hangs.write_text("#!/bin/sh\necho here >&2\nexec sleep 1000\n")
    hangs.chmod(0o755)
    beside = {
        b"in python3 /usr/bin/python3": f"in {hangs}".encode(),
        **(NO_TIMEOUT if guard == "shell" else {}),
    }
    with OnHost("python", seconds=0, listens=True, beside=beside, shell=words) as host:
        assert host.hears() == "here"
        left = set(processes(host)[1:])
        assert host.process.wait() >= 128
        assert not [pid for pid in left if command(pid) == b"sleep\01000\0"]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_without_timeout_it_works_as_well(kind: str, shell: str) -> None:
    words = started_by(shell)
    with accepting() as port, OnHost(kind, beside=NO_TIMEOUT, shell=words) as host:
        host.ask(f"peer 7 - 22 {LOOPBACK}", f"dial 7 {port}/tcp")
        host.go()
        assert host.end(Dial(7, (0,))).dials == "o"


@pytest.mark.parametrize("script", ["exit 127", "exit 1", "exit 126"])
def test_a_python_that_does_not_run_is_none(kind: str, script: str, tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(0o755)
    beside = {b"in python3 /usr/bin/python3 /usr/libexec/platform-python": f"in {broken}".encode()}
    if kind == "perl":
        with OnHost("python", beside=beside) as host:
            host.ask()
            host.go()
            assert host.end().dials == ""
    else:
        with OnHost("python", beside={**beside, b"tried perl": b"tried no-such-perl"}) as host:
            assert host.hears() == "up none"
            with contextlib.suppress(BrokenPipeError):  # it may have ended already
                host.lines("exit 7")
            assert host.process.wait() == 0
