"""A second kscan, whose listeners are no component: left out where its sockets can be told."""

from __future__ import annotations

import shutil
import socket
import subprocess
from importlib.resources import files

import pytest

from scanner.facts.base import FactMissing
from scanner.facts.paths import Listeners, parse_listeners
from tests.edges.on_host import free, listening, processes

SHELLS = ("dash", "bash", "busybox sh")


def listeners(shell: str, *ports: int, meanwhile: str = "") -> Listeners:
    """What the probe sees on this machine.

    Args:
        shell: that runs it.
        ports: asked for.
        meanwhile: run between its first look at the tables and its look for a kscan beside.
    """
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell} (Debian package)")
    text = files("scanner.probe").joinpath("sections.sh").read_text(encoding="utf-8")
    functions = text.partition("# A section's whole answer")[0]
    head, look, rest = functions.partition("kscans_own() {\n")
    functions = f"{head}{look}{meanwhile}\n{rest}"
    digits = "|".join(f"{port:04X}" for port in ports)
    done = subprocess.run(
        [*shell.split(), "-c", f"KSCAN_PORTS_HEX='{digits}'\n{functions}\nsection_listeners"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    return parse_listeners(done.stdout)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("kind", ["python", "perl"])
def test_its_ports_are_not_held(shell: str, kind: str) -> None:
    port, other = free(), free()
    with listening(kind, f"{port}/tcp"):
        found = listeners(shell, port, other)
    assert found.on(port) == ()
    assert found.on(other) == ()
    assert found.kscans == {port}
    assert listeners(shell, port).kscans == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_component_beside_it_is_seen(shell: str) -> None:
    port = free()
    with listening("python", f"{port}/tcp"), socket.create_server(("127.0.0.1", 0)) as component:
        held = component.getsockname()[1]
        found = listeners(shell, port, held)
    assert found.on(held) == ("127.0.0.1",)
    assert found.on(port) == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_one_that_ends_between_two_looks_holds_nothing(shell: str) -> None:
    port = free()
    with listening("python", f"{port}/tcp") as host, socket.create_server(("127.0.0.1", 0)) as held:
        component = held.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            end = f"kill {' '.join(map(str, processes(host)))} 2>/dev/null; sleep 0.3"
            found = listeners(shell, port, component, meanwhile=end)
    assert found.on(port) == ()
    assert found.on(component) == ("127.0.0.1",)


def test_what_is_there_at_the_second_look_only_counts_for_nothing() -> None:
    """It may be another kscan, begun after the look for one."""
    held = TABLES + "asked=0100007F:280A\nstill=0100007F:280A\nstill=00000000:192B\nagain=1\n"
    assert parse_listeners(held).on(6443) == ()
    assert parse_listeners(held).on(10250) == ("127.0.0.1",)


def test_a_second_look_that_failed_frees_nothing() -> None:
    assert parse_listeners(TABLES + "asked=00000000:192B\nagain=\n").on(6443) == ("0.0.0.0",)


TABLES = "tables=1\nread=1\nports=192B|280A\n"


def test_one_socket_of_it_hides_one_socket() -> None:
    text = TABLES + "asked=00000000:192B\nasked=00000000:192B\nkscan=00000000:192B\n"
    assert parse_listeners(text).on(6443) == ("0.0.0.0",)


def test_connections_to_it_use_no_port() -> None:
    text = TABLES + "asked=00000000:192B\nused=0100007F:192B\nkscan=00000000:192B\n"
    assert parse_listeners(text).on(6443) == ()


def test_what_cannot_be_told_is_unknown() -> None:
    found = parse_listeners(TABLES + "asked=00000000:192B\nkscan=unread\n")
    with pytest.raises(FactMissing, match="another kscan"):
        found.on(6443)
    assert found.on(10250) == ()
