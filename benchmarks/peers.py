"""The clients that are compared: how each is started, and how one sees that it did the work."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fleet import Fleet, whole_answers

CLIENTS = Path(__file__).parent / "clients"
PINS = Path(__file__).parent / "peers.txt"
FORKS = 50
"""ansible's processes at once."""
SSHS = 32
"""`ssh` processes at once, as many as kscan shakes hands at once."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One client."""

    name: str
    command: Callable[[Fleet], list[str]]
    hosts_done: Callable[[Fleet, str], int]
    """From what it printed: for how many hosts the work was done."""
    environment: Callable[[Fleet], Mapping[str, str]] = field(default=lambda _: {})


def _kscan(fleet: Fleet) -> list[str]:
    report = ("--format", "json", "--output", str(fleet.path("report.json")), "--quiet")
    # no peer lets the hosts dial each other
    only = ("--network", "off")
    return [sys.executable, "-m", "scanner", "check", str(fleet.inventory), *only, *report]


def _judged(fleet: Fleet, _: str) -> int:
    """Hosts with facts and results in the report that this run wrote."""
    path = fleet.path("report.json")
    hosts = json.loads(path.read_text(encoding="utf-8"))["hosts"]
    path.unlink()
    done = [host for host in hosts if host["facts"] and host["results"]]
    for host in hosts:
        if host not in done:
            print(f"{host['name']}: {host['status']}, {host['reason']}", file=sys.stderr)
    return len(done)


def _client(python: Callable[[], str], name: str) -> Callable[[Fleet], list[str]]:
    def command(fleet: Fleet) -> list[str]:
        list_ = fleet.path("addresses")
        list_.write_text("\n".join(fleet.addresses) + "\n", encoding="ascii")
        where = fleet.where
        login = (str(where.port), str(where.key), str(fleet.probe), fleet.last_line, str(list_))
        return [python(), str(CLIENTS / name), *login]

    return command


def _answers(fleet: Fleet, printed: str) -> int:
    return whole_answers(printed, fleet.last_line)


def _pyinfra(fleet: Fleet) -> list[str]:
    inventory = fleet.path("pyinfra_hosts.py")
    data = {"ssh_user": "root", "ssh_port": fleet.where.port, "ssh_key": str(fleet.where.key)}
    inventory.write_text(f"hosts = ({list(fleet.addresses)!r}, {data!r})\n", encoding="ascii")
    fact = ("fact", "kscan_probe.Probe")
    return [str(_venv() / "pyinfra"), "-y", "--parallel", "100", str(inventory), *fact]


def _openssh(fleet: Fleet) -> list[str]:
    where = fleet.where
    options = ("-F", "none", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={fleet.known_hosts}")
    ssh = ("ssh", *options, "-p", str(where.port), "-i", str(where.key))
    one = f"{shlex.join(ssh)} root@{{}} sh -s <{fleet.probe}"
    words = shlex.join(("xargs", "-P", str(SSHS), "-I{}", "sh", "-c", one))
    return ["sh", "-c", f"printf '%s\\n' {' '.join(fleet.addresses)} | {words}"]


def _ansible(*module: str) -> Callable[[Fleet], list[str]]:
    def command(fleet: Fleet) -> list[str]:
        hosts = fleet.path("ansible_hosts")
        hosts.write_text("\n".join(fleet.addresses) + "\n", encoding="ascii")
        words = [word.format(probe=fleet.probe) for word in module]
        login = ("-i", str(hosts), "-u", "root", "--private-key", str(fleet.where.key))
        return [str(_venv() / "ansible"), "all", *login, "-f", str(FORKS), *words]

    return command


def _ansible_environment(fleet: Fleet) -> Mapping[str, str]:
    options = f"-F none -o UserKnownHostsFile={fleet.known_hosts} -p {fleet.where.port}"
    return {
        "ANSIBLE_PIPELINING": "1",
        # no process stays behind, whose CPU and memory nobody would count
        "ANSIBLE_SSH_ARGS": f"{options} -o ControlMaster=no -o ControlPersist=no",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_HOME": str(fleet.path("ansible")),
        "LC_ALL": "C.UTF-8",
    }


def _answer_lines(fleet: Fleet, printed: str) -> int:
    """ansible prints the answer twice: as one text, and line by line."""
    return printed.count(f'"{fleet.last_line}"')


def _facts(_: Fleet, printed: str) -> int:
    return printed.count('"ansible_machine": ')


KSCAN = Peer("kscan check", _kscan, _judged)
BARE = Peer("bare asyncssh loop", _client(lambda: sys.executable, "bare_loop.py"), _answers)
PEERS = {
    "kscan": KSCAN,
    "bare": BARE,
    "parallel-ssh": Peer(
        "parallel-ssh",
        _client(lambda: str(_venv() / "python"), "parallel_ssh.py"),
        _answers,
    ),
    "pyinfra": Peer(
        "pyinfra",
        _pyinfra,
        _answers,
        lambda fleet: {"PROBE": str(fleet.probe), "PYTHONPATH": str(CLIENTS)},
    ),
    "openssh": Peer(f"OpenSSH, xargs -P {SSHS}", _openssh, _answers),
    "ansible-script": Peer(
        "ansible -m script",
        _ansible("-m", "script", "-a", "{probe}"),
        _answer_lines,
        _ansible_environment,
    ),
    "ansible-setup": Peer(
        "ansible -m setup", _ansible("-m", "setup"), _facts, _ansible_environment
    ),
}
"""By the names of `--peers`."""


def _venv() -> Path:
    """The bin directory of the peers' own environment, made when it is first needed."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(cache).expanduser() / "kscan-bench" / "venv"
    pins = PINS.read_text(encoding="ascii")
    ready = folder / "peers.txt"
    if not ready.exists() or ready.read_text(encoding="ascii") != pins:
        print(f"installing {', '.join(pins.split())} in {folder}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip = (folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run([*pip, "--requirement", PINS], check=True)
        ready.write_text(pins, encoding="ascii")
    return folder / "bin"
