"""No secret is in a file that a run leaves, in what it prints, or in a process while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.privilege.machine import PASSWORD, Machine, machine, missing

pytestmark = pytest.mark.e2e

PASSPHRASE = "open sesame, key"  # noqa: S105 - of a key that ends with the test
SECRETS = (PASSWORD.encode(), PASSPHRASE.encode())
# As a host would do it that repeats what it was sent; the last one is a fact that rules show.
ECHO = """cat ~/echoed
sh -c 'cat ~/echoed >&2'
setenv https_proxy "`cat ~/echoed`"
"""


@dataclass
class Watch:
    """Looks for secrets in the command lines and environments of all processes, again and again."""

    found: set[str] = field(default_factory=set)
    saw_sudo: bool = False

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()
        looking = threading.Thread(target=self._look, args=(stop,))
        looking.start()
        try:
            yield
        finally:
            stop.set()
            looking.join()

    def _look(self, stop: threading.Event) -> None:
        while not stop.wait(0.05):
            for folder in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        data = (folder / name).read_bytes()
                        self.saw_sudo |= data.startswith(b"sudo\0-S")
                        if any(secret in data for secret in SECRETS):
                            self.found.add(f"{name} of {data[:60]!r}")


@pytest.fixture
def where() -> Iterator[Machine]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with machine() as made:
        made.sudoers('Defaults env_keep += "https_proxy"')
        key = made.folder / "key"
        subprocess.run(
            ["ssh-keygen", "-q", "-p", "-N", PASSPHRASE, "-f", key], check=True, capture_output=True
        )
        yield made


def inventory(where: Machine, folder: Path, reference: str) -> None:
    """csh logs in with a password, pw with a locked key; both need sudo's."""
    (folder / "inventory.yaml").write_text(
        "defaults:\n"
        f"  port: {where.port}\n  hostKeys: off\n"
        f"  sudoPassword: {reference.format('password')}\n"
        "hosts:\n"
        f"  - {{name: csh, address: 127.0.0.1, user: csh, password: {reference.format('password')},"
        " identityFile: none}\n"
        f"  - {{name: pw, address: 127.0.0.1, user: pw, identityFile: {where.key},"
        f" passphrase: {reference.format('passphrase')}}}\n".replace(", identityFile: none", "")
    )


def leaks(folder: Path) -> tuple[list[str], int]:
    """The files with a secret, and how many were looked at; all are for their owner only."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "given"]
    for path in files:
        if path.name not in {"inventory.yaml", "stdout", "stderr"}:
            assert path.stat().st_mode & 0o777 == 0o600, path
    return [str(path) for path in files if any(s in path.read_bytes() for s in SECRETS)], len(files)


OPTIONS = ["--save-captures", "captures", "--log-file", "log", "-vvv"]


def test_what_a_host_repeats_is_cut_out(where: Machine, tmp_path: Path) -> None:
    (where.home("csh") / ".cshrc").write_text(ECHO)
    (where.home("csh") / "echoed").write_text(f"http://{PASSWORD}/{PASSPHRASE}\n")
    given = tmp_path / "given"
    given.mkdir()
    (given / "password").write_text(PASSWORD + "\n")
    (given / "passphrase").write_text(PASSPHRASE)
    inventory(where, tmp_path, "file:given/{}")
    with (
        (tmp_path / "stdout").open("wb") as out,
        (tmp_path / "stderr").open("wb") as err,
    ):
        subprocess.run(
            [sys.executable, "-m", "scanner", "check", "inventory.yaml", *OPTIONS],
            cwd=tmp_path,
            env={**os.environ, "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            check=False,
            timeout=120,
        )
    found, looked_at = leaks(tmp_path)
    assert found == []
    # two captures and the edges beside them, two reports, the log, stdout, stderr, the inventory
    assert looked_at == 9
    [path] = (tmp_path / "reports").glob("2*/report.json")
    report = json.loads(path.read_text())
    for host in report["hosts"]:
        rows = {row["kubeadm"]: row for row in host["results"]}
        assert rows["IsPrivilegedUser"]["verdict"] == "pass", host
    # what was cut out is seen to have been there
    log = (tmp_path / "log").read_text()
    assert "logged in at 127.0.0.1" in log
    assert "Trying password auth" in log or "Trying keyboard-interactive auth" in log
    assert "***" in (tmp_path / "captures" / "csh.capture").read_text()
    assert "***" in path.read_text()


def test_secrets_that_are_typed(where: Machine, tmp_path: Path) -> None:
    """Each is asked for once, without echo; nothing of it is seen anywhere."""
    inventory(where, tmp_path, "prompt")
    options = [*OPTIONS[:-1], "--format", "json", "-o", "report.json"]
    watch = Watch()
    with watch.running(), contextlib.chdir(tmp_path):
        terminal = Terminal(tmp_path, "check", "inventory.yaml", *options)
        for words, secret in (
            ("SSH password for inventory.yaml: ", PASSWORD),
            ("sudo password for inventory.yaml: ", PASSWORD),
            (f"passphrase of {where.key} for inventory.yaml: ", PASSPHRASE),
        ):
            assert terminal.until(words), terminal.seen
            terminal.type(secret + "\n")
        status = terminal.ended()
    assert status in {0, 3, 4}, terminal.seen
    assert PASSWORD not in terminal.seen
    assert terminal.seen.count("for inventory.yaml: ") == 3
    assert leaks(tmp_path)[0] == []
    assert watch.found == set()
    assert watch.saw_sudo, "as long as it waited for the password and ran the script"
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["hosts"]["unreachable"] == 0, report["hosts"]


def test_without_a_terminal_nothing_is_asked_or_connected(where: Machine, tmp_path: Path) -> None:
    inventory(where, tmp_path, "prompt")
    before = where.sshd_log()
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "check", "inventory.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "there is no terminal: use env: or file:" in done.stderr
    assert where.sshd_log() == before


def test_a_variable_is_not_inherited(where: Machine, tmp_path: Path) -> None:
    """The probe of this machine itself is a child of kscan."""
    (tmp_path / "inventory.yaml").write_text(
        "hosts: [{name: me, local: true, sudoPassword: env:OURS}]\n"
    )
    del where
    program = "import os, sys\nfrom scanner.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "inventory.yaml", "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "OURS": PASSWORD, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {0, 3, 4}, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
