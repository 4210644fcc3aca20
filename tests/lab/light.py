"""Light hosts: a network namespace with an sshd and files of its own, and nothing else.

What a host's network alone decides can be shown with forty of them in a second. They share this
machine's processes, programs and files but for /etc/hosts, /etc/hostname, /etc/machine-id,
/etc/passwd and /etc/resolv.conf.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.targets import SSHD, keygen

from . import network
from .state import Process, Started, State, held, new_tag, reap

TOOLS = ("ip", "unshare", "tc", "iptables")


@dataclass(frozen=True, slots=True)
class LightHost:
    """One of them."""

    name: str
    address: str
    netns: str
    folder: Path
    pid: int
    """Its sshd, whose files the logins see."""
    address6: str

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv` as a command in its network."""
        return ["ip", "netns", "exec", self.netns, *argv]

    def run(self, command: str) -> str:
        """Run a shell command in its network; what it printed."""
        done = subprocess.run(
            self.command(["sh", "-c", command]), capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = f"{self.name}: {command}: {done.stderr.strip()}"
            raise RuntimeError(message)
        return done.stdout

    @contextlib.contextmanager
    def changed(self, command: str, back: str) -> Iterator[None]:
        """Run a command for the length of the block, then the one that undoes it."""
        self.run(command)
        try:
            yield
        finally:
            self.run(back)

    @contextlib.contextmanager
    def slow(self, delay_ms: int, loss_percent: int) -> Iterator[None]:
        """What leaves it comes later, or not at all: by netem where the kernel has it."""
        netem = f"netem delay {delay_ms}ms loss {loss_percent}%"
        tried = self.command(["tc", "qdisc", "add", "dev", "eth0", "root", *netem.split()])
        if subprocess.run(tried, check=False, capture_output=True).returncode == 0:
            try:
                yield
            finally:
                self.run("tc qdisc del dev eth0 root")
            return
        mac = self.run("cat /sys/class/net/eth0/address").strip()
        program = Path(__file__).with_name("slow_link.py")
        words = [f"{self.address}/16", mac, str(delay_ms), str(loss_percent)]
        link = subprocess.Popen(
            self.command([sys.executable, str(program), *words]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert link.stdout is not None
            assert link.stdout.readline() == "ready\n"
            yield
        finally:
            link.communicate()

    @contextlib.contextmanager
    def without_name(self, other: str) -> Iterator[None]:
        """Take another host out of its /etc/hosts for the length of the block."""
        path = self.folder / "hosts"
        text = path.read_text(encoding="ascii")
        kept = [line for line in text.splitlines() if not line.endswith(f" {other}")]
        path.write_text("\n".join(kept) + "\n", encoding="ascii")
        try:
            yield
        finally:
            path.write_text(text, encoding="ascii")

    @contextlib.contextmanager
    def without_programs(self, *names: str, put: str = "/dev/null") -> Iterator[None]:
        """Take programs away from its logins for the length of the block.

        Args:
            names: of the programs.
            put: a file of this machine that stands in their places.
        """
        paths = [
            str(path)
            for name in names
            for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin")
            if (path := Path(folder) / name).exists() and not Path(folder).is_symlink()
        ]
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--"]
        for covered in paths:
            subprocess.run([*enter, "mount", "--bind", put, covered], check=True)
        try:
            yield
        finally:
            for covered in paths:
                subprocess.run([*enter, "umount", covered], check=True)

    @property
    def execs(self) -> int:
        """Commands that its sshd has started so far."""
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return log.count("Starting session: command")


@dataclass(frozen=True, slots=True)
class LightLab:
    """Hosts on one bridge, and the namespace that kscan runs in."""

    hosts: tuple[LightHost, ...]
    netns: str
    key: Path

    @classmethod
    @contextlib.contextmanager
    def start(cls, count: int) -> Iterator[LightLab]:
        """Start `count` hosts and remove every trace of them at the end."""
        reap()
        files = Path(tempfile.mkdtemp(prefix="kscan-light-"))
        with held(new_tag(), files, ()) as (state, servers):
            lab = cls._build(state, servers, count)
            lab._wait()
            yield lab

    @classmethod
    def _build(cls, state: State, servers: Started, count: int) -> LightLab:
        control = f"kscan-{state.tag}"
        ports = network.ports(control, count)
        state.netns = [*(port.netns for port in ports), control]
        state.save()
        network.build(control, ports)
        _know_each_other(ports)
        keygen(state.files / "client")
        keygen(state.files / "host")
        table = "".join(f"{port.address} {port.name}\n" for port in ports)
        hosts = []
        for port in ports:
            folder = state.files / port.name
            _furnish(folder, state.files, port, f"127.0.0.1 localhost\n{table}")
            start = ["ip", "netns", "exec", port.netns, "unshare", "--mount", "--uts"]
            server = subprocess.Popen([*start, "sh", "-ec", _start(folder, port.name)])
            servers.append(server)
            process = Process.of(server.pid)
            assert process is not None
            state.machines.append(process)
            hosts.append(
                LightHost(port.name, port.address, port.netns, folder, server.pid, port.address6)
            )
        state.save()
        return cls(tuple(hosts), control, state.files / "client")

    def _wait(self) -> None:
        for host in self.hosts:
            for _ in range(200):
                if "Server listening" in (host.folder / "log").read_text(encoding="utf-8"):
                    break
                time.sleep(0.05)
            else:
                message = f"{host.name}: its sshd does not listen"
                raise RuntimeError(message)

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv` as a command on the machine that scans."""
        return ["ip", "netns", "exec", self.netns, *argv]


def _know_each_other(ports: Sequence[network.Port]) -> None:
    """Enter the hosts' neighbours: they share one kernel, whose table of those it has learnt is
    full at 1,024 (gc_thresh3), which 40 hosts with a table each do not come to.
    """
    places = [
        (port.address, f"02:00:00:00:{n // 256:02x}:{n % 256:02x}") for n, port in enumerate(ports)
    ]
    for port in ports:
        own = dict(places)[port.address]
        others = (place for place in places if place[0] != port.address)
        network.batch(
            port.netns,
            f"link set eth0 address {own}",
            *(f"neigh replace {a} lladdr {mac} dev eth0 nud permanent" for a, mac in others),
        )


def _furnish(folder: Path, shared: Path, port: network.Port, table: str) -> None:
    folder.mkdir()
    shutil.copy(shared / "client.pub", folder / "authorized_keys")
    (folder / "hosts").write_text(table, encoding="ascii")
    (folder / "hostname").write_text(f"{port.name}\n", encoding="ascii")
    # nobody listens there, and says so at once: a name server that is silent would cost 5 s
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="ascii")
    (folder / "machine-id").write_text(f"{secrets.token_hex(16)}\n", encoding="ascii")
    (folder / "passwd").write_text(
        f"root:x:0:0:root:{folder}:/bin/dash\nsshd:x:101:65534::/run/sshd:/bin/false\n"
    )
    (folder / "log").touch()
    (folder / "sshd_config").write_text(
        f"Port 22\nListenAddress {port.address}\nHostKey {shared}/host\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nUseDNS no\n"
        "MaxStartups 100\nLogLevel VERBOSE\nPidFile none\n",
        encoding="ascii",
    )


def _start(folder: Path, name: str) -> str:
    binds = "".join(
        f"mount --bind {shlex.quote(str(folder / file))} /etc/{file}\n"
        for file in ("hosts", "hostname", "machine-id", "passwd", "resolv.conf")
    )
    return (
        f"mount --make-rprivate /\n{binds}hostname {name}\nmkdir -p /run/sshd\n"
        f"exec {SSHD} -D -E {folder}/log -f {folder}/sshd_config"
    )


def missing() -> str | None:
    """What this machine lacks to run light hosts, as one line; None when nothing is known to."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return "light hosts need root"
    if absent or not Path(SSHD).exists():
        return f"light hosts need {', '.join([*absent, 'sshd'])}"
    return None
