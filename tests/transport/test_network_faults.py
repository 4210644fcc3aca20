"""Every fault of a network or an sshd at once, beside good hosts, under the real command."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from scanner.demo.server import serve
from scanner.probe.capture import answer, load
from scanner.request import HostKeyPolicy
from tests.transport.machine import Machine, make_key, public_line
from tests.transport.openssh import SSHD, sshd
from tests.transport.plain import PlainServer

GOOD = ("node1", "node5", "node9")
TIMEOUT = 8
pytestmark = pytest.mark.e2e  # seconds are asserted, which wants a machine without other work

ROOT = Path(__file__).parents[2]


@dataclass
class Entry:
    """One host of the inventory, and what its row must say."""

    port: int
    says: str
    address: str = "127.0.0.1"
    settings: dict[str, object] = field(default_factory=dict)


@dataclass
class Faults:
    """Starts the faulty hosts, one after the other."""

    stack: AsyncExitStack
    user_key: asyncssh.SSHKey
    home: Path
    capture: bytes
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, name: str, says: str, port: int, address: str = "127.0.0.1", **more: Any) -> None:
        self.entries[name] = Entry(port, says, address, more)

    async def plain(self, name: str, says: str, server: PlainServer) -> None:
        self.add(name, says, (await self.stack.enter_async_context(server.running())).port)

    async def machine(self, name: str, says: str, machine: Machine, **more: Any) -> Machine:
        running = await self.stack.enter_async_context(machine.running())
        self.add(name, says, running.port, **more)
        return running

    def answer(self, script: bytes) -> bytes:
        """A whole answer of a good host."""
        return answer(load(self.capture), script)

    async def start(self) -> None:
        await self._on_the_way()
        await self._host_keys()
        await self._logins()
        await self._commands()

    async def _on_the_way(self) -> None:
        closed = self.stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        self.add("refused", "refuses connections: start sshd", closed.getsockname()[1])
        self.add("unreachable", "no route to 224.0.0.1 port 22: check the address", 22, "224.0.0.1")
        self.add("no-name", "does not resolve", 22, "no-such-host.invalid")
        await self.plain("silent", "connected but silent", PlainServer())
        await self.plain("closed", "before its SSH banner", PlainServer(closes=True))
        full = PlainServer(b"Exceeded MaxStartups\r\n", closes=True)
        await self.plain("full", "too many logins at once", full)
        await self.plain(
            "http", "is not an SSH server", PlainServer(b"HTTP/1.1 400\r\n", closes=True)
        )
        lines = PlainServer(goes_on=b"welcome\r\n" * 100, every=0.01)
        await self.plain("endless-banner", "is not an SSH server", lines)
        trickle = PlainServer(goes_on=b"SSH-2.0-slow_and_slower_and_slower\r\n")
        await self.plain("trickle", "has begun ('SSH-2", trickle)
        await self.plain("smtp", "it says '220 mail'", PlainServer(b"220 mail\r\n"))
        await self.plain("stalled-kex", "the key exchange", PlainServer(b"SSH-2.0-x\r\n"))
        garbage = PlainServer(b"SSH-2.0-x\r\nnot a packet, not a packet, not a packet")
        await self.plain("garbage", "ended the key exchange", garbage)

    async def _host_keys(self) -> None:
        strict: dict[str, Any] = {"hostKeys": HostKeyPolicy.STRICT.value}
        known = []
        pin = make_key().get_fingerprint()
        await self.machine("pin", "none of which is pinned", Machine(self.user_key), hostKeys=[pin])
        await self.machine("unknown-key", "is unknown", Machine(self.user_key), **strict)
        changed = await self.machine("changed-key", "has CHANGED", Machine(self.user_key), **strict)
        known.append(f"{changed.address} {public_line(make_key())}\n")
        authority, key = make_key(), make_key()
        certificate = authority.generate_host_certificate(
            key, "host", principals=["127.0.0.1"], valid_before="20200101"
        )
        expired = Machine(self.user_key, host_keys=((key, certificate),))
        running = await self.machine("old-host-certificate", "is not valid", expired, **strict)
        known.append(f"@cert-authority {running.address} {public_line(authority)}\n")
        (self.home / ".ssh" / "known_hosts").write_text("".join(known))

    async def _logins(self) -> None:
        authority, key = make_key(), make_key()
        certificate = authority.generate_user_certificate(
            key, "user", principals=["ops"], valid_before="20200101"
        )
        path = self.home / "expired"
        path.write_bytes(key.export_private_key())
        path.chmod(0o600)
        (self.home / "expired-cert.pub").write_bytes(certificate.export_certificate())
        trusting = Machine(self.user_key, authority=authority)
        await self.machine(
            "old-user-certificate", "refuses user ops", trusting, identityFile=str(path)
        )
        other = Machine(make_key())
        await self.machine("refused-login", "authorized_keys", other)
        stalled = Machine(self.user_key, stall_at="auth")
        await self.machine("stalled-login", "during the login", stalled)
        for stage, says in (("kex", "during the key exchange"), ("auth", "during the login")):
            await self.machine(f"cut-in-{stage}", says, Machine(self.user_key, drop_at=stage))

    async def _commands(self) -> None:
        key = self.user_key
        await self.machine("cut-at-session", "was lost", Machine(key, drop_at="session"))
        await self.machine("no-exec", "runs no command", Machine(key, exec_refused=True))
        forced = Machine(key, answers=lambda _: b"This account is for backups only.\n")
        await self.machine("forced-command", "ForceCommand", forced)
        await self.machine("endless-kex", "without end", Machine(key, rekeys=True))
        whole = len(load(self.capture).stdout)
        for part in (0, 1, whole // 3, whole // 2, whole - 1):
            cut = Machine(key, answers=self.answer, cut_at=part)
            await self.machine(f"cut-at-{part}", "was lost", cut)


@asynccontextmanager
async def good_hosts(home: Path) -> AsyncIterator[dict[str, dict[str, object]]]:
    """The demo's servers, as entries of an inventory."""
    keys = home / "keys"
    keys.mkdir(mode=0o700)
    with as_file(files("scanner.demo").joinpath("captures")) as captures:
        async with serve(GOOD, captures, keys) as logins:
            yield {
                name: {
                    "address": login.address,
                    "port": login.port,
                    "user": login.user,
                    "identityFile": str(login.identity_file),
                    "hostKeys": list(login.host_keys or ()),
                }
                for name, login in logins.items()
            }


async def check(
    home: Path, hosts: dict[str, dict[str, object]]
) -> tuple[int | None, dict[str, object], dict[str, dict[str, object]]]:
    """Exit status, the report's header, and its hosts by name."""
    entries = [{"name": name, **settings} for name, settings in hosts.items()]
    defaults = {"user": "ops", "hostKeys": "off", "sudo": "off"}
    inventory = home / "inventory.yaml"
    inventory.write_text(json.dumps({"defaults": defaults, "hosts": entries}))  # JSON is YAML
    command = ["-m", "scanner", "check", str(inventory), "--format", "json", "--network", "off"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        "--timeout",
        str(TIMEOUT),
        cwd=ROOT,
        env=os.environ | {"HOME": str(home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert b"Traceback" not in err
    report = json.loads(out)
    return process.returncode, report, {host["name"]: host for host in report["hosts"]}


def judged(host: dict[str, object]) -> dict[str, object]:
    """A row without what time does to it: the demo's hosts tell the clock of now."""
    facts = host["facts"]
    assert isinstance(facts, dict)
    timed = ("seconds", "retries", "captureId")
    rest = {key: value for key, value in host.items() if key not in timed}
    return {**rest, "facts": {name: fact for name, fact in facts.items() if name != "clock"}}


async def test_all_faults_at_once(home: Path, user_key: asyncssh.SSHKey) -> None:
    capture = files("scanner.demo").joinpath("captures", "node1.capture").read_bytes()
    async with good_hosts(home) as good, AsyncExitStack() as stack:
        alone_status, _, alone = await check(home, good)
        faults = Faults(stack, user_key, home, capture)
        await faults.start()
        if SSHD.exists() and os.geteuid() == 0:
            stopped = stack.enter_context(sshd(home / "stopped", user_key))
            faults.add("stopped", "connected but silent", stopped.port)
            os.kill(stopped.pid, signal.SIGSTOP)
            stack.callback(os.kill, stopped.pid, signal.SIGCONT)
        bad = {
            name: {"address": entry.address, "port": entry.port, **entry.settings}
            for name, entry in faults.entries.items()
        }
        # the good hosts last: whatever goes before them must not hold them up
        status, report, rows = await check(home, {**bad, **good})
    assert alone_status == 3
    assert status == 3
    assert {name: judged(rows[name]) for name in GOOD} == {
        name: judged(alone[name]) for name in GOOD
    }
    said = {name: str(rows[name]["reason"]) for name in faults.entries}
    assert {rows[name]["status"] for name in faults.entries} == {"unreachable"}
    wrong = {name: said[name] for name, e in faults.entries.items() if e.says not in said[name]}
    assert wrong == {}
    assert not [text for text in said.values() if "\n" in text or len(text) > 500]
    run = report["run"]
    assert isinstance(run, dict)
    assert run["seconds"] < TIMEOUT + 2, said
    assert rows["full"]["retries"]
    for name in ("refused", "no-name", "pin", "unknown-key", "changed-key", "refused-login"):
        assert rows[name]["retries"] == 0


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
async def test_an_answer_that_is_cut_is_no_answer(
    home: Path, user_key: asyncssh.SSHKey, part: float
) -> None:
    """At any byte: never a row that looks judged."""
    capture = files("scanner.demo").joinpath("captures", "node1.capture").read_bytes()
    stdout = load(capture).stdout
    machine = Machine(
        user_key,
        answers=lambda script: answer(load(capture), script),
        cut_at=int(len(stdout) * part),
    )
    async with machine.running():
        entry: dict[str, object] = {"address": "127.0.0.1", "port": machine.port}
        status, _, rows = await check(home, {"n": entry})
    assert status == 4
    assert rows["n"]["status"] == "unreachable"
    assert "was lost" in str(rows["n"]["reason"])
