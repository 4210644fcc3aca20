"""The sections that a run must ask for: a disk that is written to, a registry that is asked."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from scanner.facts import measured, parse_facts
from scanner.facts.fsync import Fsync, parse_fsync
from scanner.facts.registry import Registry, Trouble, parse_registry
from scanner.measure import Measure
from scanner.probe.frames import parse_frames
from scanner.probe.script import DEADLINES, QUICK, build
from scanner.request import Cluster, Host, LocalEtcd, Login, NodeRole
from scanner.versions import parse_version
from tests.probe.sections import SHELLS

FSYNC_TOOLS = ("python3", "perl", "dd")
REGISTRY_TOOLS = ("python3", "curl", "wget")
CONTROL_PLANE = Host("a", Login("192.0.2.1"), frozenset({NodeRole.CONTROL_PLANE}))


def run(shell: str, section: str, tools: tuple[str, ...], tool: str, **variables: str) -> str:
    """Run one section on a machine that has one of its tools only; a small file, and no proxy."""
    program = shell.split(maxsplit=1)[0]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian package)")
    folder = files("scanner.probe")
    text = folder.joinpath("measure.sh").read_text() + folder.joinpath("sections.sh").read_text()
    functions = text.partition("# A section's whole answer")[0].replace("11 << 20", "1 << 20")
    for absent in {*tools} - {tool}:
        functions = functions.replace(f"have {absent}", "false")
    done = subprocess.run(
        [*shell.split(), "-c", f"{functions}\nsection_{section}"],
        capture_output=True,
        check=True,
        text=True,
        env={"PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C", "KSCAN_RUN": "ab" * 8, **variables},
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("tool", FSYNC_TOOLS)
def test_writes_are_timed_and_nothing_is_left(shell: str, tool: str, tmp_path: Path) -> None:
    directory = f"{tmp_path}/not/there/yet"
    found = parse_fsync(run(shell, "fsync", FSYNC_TOOLS, tool, KSCAN_FSYNC_DIR=directory))
    assert (found.tool, found.place, found.refused) == (tool, str(tmp_path), "")
    assert found.writes >= 200
    assert (found.p99_us is None) is (tool == "dd")
    assert (found.p99_us or found.mean_us or 0) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_written_where_etcd_is(shell: str, tmp_path: Path) -> None:
    (tmp_path / "member").mkdir()
    before = tmp_path.stat().st_mtime_ns
    found = parse_fsync(run(shell, "fsync", FSYNC_TOOLS, "dd", KSCAN_FSYNC_DIR=str(tmp_path)))
    assert "etcd's data is there" in found.refused
    assert tmp_path.stat().st_mtime_ns == before


def test_a_worker_writes_nothing() -> None:
    found = parse_fsync(run("dash", "fsync", FSYNC_TOOLS, "dd", KSCAN_FSYNC_DIR=""))
    assert found == Fsync("", "", refused="it runs no etcd of its own")


def test_a_directory_that_cannot_be_written_to() -> None:
    for tool in FSYNC_TOOLS:
        found = parse_fsync(run("dash", "fsync", FSYNC_TOOLS, tool, KSCAN_FSYNC_DIR="/sys/x"))
        assert found.refused
        assert found.writes == 0


def test_a_full_disk_is_left_alone(tmp_path: Path) -> None:
    program = tmp_path / "df"
    program.write_text("#!/bin/sh\necho h\necho /dev/vda 1000 900 100000 90% /\n")
    program.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    text = run("dash", "fsync", FSYNC_TOOLS, "dd", KSCAN_FSYNC_DIR=f"{tmp_path}/x", PATH=path)
    assert parse_fsync(text).refused == "only 97 MiB are free there, and 256 must be"


def test_the_file_has_no_name_while_it_is_written(tmp_path: Path) -> None:
    """So that a host that dies in the middle has nothing to be cleaned up."""
    text = files("scanner.probe").joinpath("measure.sh").read_text()
    python = text.partition("fsync_python='")[2].partition("\n'\n")[0]
    paused = python.replace("began = ", "print(flush=True); sys.stdin.read(1)\nbegan = ", 1)
    argv = ["python3", "-I", "-c", paused, str(tmp_path), "name"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert list(tmp_path.iterdir()) == []
        process.kill()


@contextmanager
def answering(reply: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that gives one answer to each connection, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    taken = server.accept()[0]
                except OSError:
                    return
                with taken:
                    asked.append(taken.recv(4096))
                    taken.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize("tool", REGISTRY_TOOLS)
@pytest.mark.parametrize("shell", SHELLS)
def test_why_a_registry_does_not_answer(shell: str, tool: str) -> None:
    if shutil.which(tool, path="/usr/bin:/bin") is None:
        pytest.skip(f"needs {tool}")
    for url, trouble in (
        (f"https://127.0.0.1:{closed_port()}/v2/", Trouble.REFUSED),
        ("https://no-such-name.invalid/v2/", Trouble.NO_NAME),
    ):
        found = parse_registry(run(shell, "registry", REGISTRY_TOOLS, tool, KSCAN_REGISTRY=url))
        if (tool, trouble) == ("curl", Trouble.REFUSED):
            assert found.trouble in {Trouble.REFUSED, Trouble.UNCONNECTED}, found  # by its version
            continue
        assert (found.tool, found.code, found.trouble) == (tool, None, trouble), found
        assert found.said
    with answering(b"HTTP/1.1 400 no TLS here\r\n\r\n") as (port, _):
        url = f"https://127.0.0.1:{port}/v2/"
        found = parse_registry(run(shell, "registry", REGISTRY_TOOLS, tool, KSCAN_REGISTRY=url))
    assert found.trouble is Trouble.TLS, found


@pytest.mark.parametrize("tool", REGISTRY_TOOLS)
def test_the_runtimes_proxy_is_used_and_no_other(tool: str, tmp_path: Path) -> None:
    if shutil.which(tool, path="/usr/bin:/bin") is None:
        pytest.skip(f"needs {tool}")
    with answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (port, asked):
        proxy = f"http://me:secret@127.0.0.1:{port}"
        runtime = subprocess.Popen(["sleep", "60"], env={"HTTPS_PROXY": proxy, "NO_PROXY": "x.lan"})
        try:
            program = tmp_path / "systemctl"
            program.write_text(
                f"#!/bin/sh\ncase $4 in containerd.*) echo MainPID={runtime.pid} ;; "
                "*) echo MainPID=0 ;; esac\n"
            )
            program.chmod(0o755)
            text = run(
                "dash",
                "registry",
                REGISTRY_TOOLS,
                tool,
                KSCAN_REGISTRY="https://registry.invalid/v2/",
                PATH=f"{tmp_path}:/usr/bin:/bin",
                https_proxy="http://192.0.2.1:1",
            )
        finally:
            runtime.kill()
            runtime.wait()
    found = parse_registry(text)
    assert (found.runtime, found.proxy) == ("containerd", f"127.0.0.1:{port}")
    assert found.trouble is Trouble.PROXY, found
    assert asked[0].startswith(b"CONNECT registry.invalid:443 ")
    assert "secret" not in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", Registry("")),
        ("tool=curl\nout=code=200\nrc=0", Registry("curl", 200)),
        ("tool=curl\nout=code=401\nrc=0", Registry("curl", 401)),
        (
            "tool=curl\nout=code=000\nerr=curl: (28) Connection timed out\nrc=28",
            Registry("curl", None, Trouble.DROPPED, "curl: (28) Connection timed out"),
        ),
        (
            "tool=curl\nout=code=000\nerr=curl: (7) No route to host\nrc=7",
            Registry("curl", None, Trouble.UNROUTABLE, "curl: (7) No route to host"),
        ),
        ("tool=curl\nout=code=9x9\nrc=0", Registry("curl", None, Trouble.OTHER)),
        ("tool=python3\nout=code=404\nrc=0", Registry("python3", 404)),
        (
            "tool=python3\nout=failure=dropped\nerr=timed out\nrc=0",
            Registry("python3", None, Trouble.DROPPED, "timed out"),
        ),
        (
            "tool=wget\nerr=  HTTP/1.1 307 Moved\nerr=  HTTP/1.1 200 OK\nrc=0",
            Registry("wget", 200),
        ),
        ("tool=wget\nrc=1", Registry("wget", None, Trouble.OTHER)),
    ],
)
def test_what_the_tools_say(text: str, found: Registry) -> None:
    assert parse_registry(text) == found


def test_without_an_option_nothing_of_it_is_sent() -> None:
    plain = build(Cluster(), CONTROL_PLANE)
    assert b"fsync" not in plain.text.replace(b"KSCAN_FSYNC", b"")
    asked = build(
        Cluster(kubernetes_version=parse_version("v1.31.0"), etcd=LocalEtcd("/data/etcd")),
        CONTROL_PLANE,
        measures=frozenset(Measure),
    )
    assert b"section_fsync" in asked.text
    assert b"KSCAN_FSYNC_DIR=/data/etcd\n" in asked.text
    url = b"https://registry.k8s.io/v2/kube-proxy/manifests/v1.31.0\n"
    assert b"KSCAN_REGISTRY=" + url in asked.text
    assert asked.sections == len(QUICK) + len(DEADLINES) + 2
    worker = build(Cluster(), Host("b", Login("x")), measures=frozenset({Measure.FSYNC}))
    assert b"KSCAN_FSYNC_DIR=''\n" in worker.text
    assert b"KSCAN_REGISTRY" not in worker.text.replace(b"$KSCAN_REGISTRY", b"")


def test_a_whole_probe_with_both(tmp_path: Path) -> None:
    """Through the driver, as a host runs it."""
    repository = f"127.0.0.1:{closed_port()}"
    script = build(
        Cluster(etcd=LocalEtcd(f"{tmp_path}/etcd"), image_repository=repository),
        CONTROL_PLANE,
        measures=frozenset(Measure),
    )
    text = script.text.replace(b"11 << 20", b"1 << 20")
    done = subprocess.run(["sh", "-s"], input=text, capture_output=True, check=True)
    assert script.last_line in done.stdout
    facts = parse_facts(parse_frames(done.stdout, script.boundary))
    assert measured(facts) == set(Measure)
    assert facts[Fsync].writes > 100
    assert facts[Registry].trouble is Trouble.REFUSED
