"""The hosts as each client wants to be told of them, and the one probe that all of them send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from benchmarks.targets import Targets
from scanner.probe.script import build
from scanner.request import Cluster, Host, Login

DELAYED = 'sleep 1; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
"""A login whose every command begins a second late."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Files in the private folder of the targets, which is every client's HOME."""

    where: Targets
    addresses: tuple[str, ...]
    inventory: Path
    """kscan's."""
    probe: Path
    """The script as kscan sends it, with one boundary for all."""
    last_line: str
    """Of a whole answer."""

    def path(self, name: str) -> Path:
        """A file of one client."""
        return self.where.folder / name

    @property
    def known_hosts(self) -> Path:
        """~/.ssh/known_hosts."""
        return self.where.folder / ".ssh" / "known_hosts"


def fleet(where: Targets, count: int) -> Fleet:
    """Write the files for the first `count` targets."""
    addresses = where.addresses[:count]
    hosts = "\n".join(f"  - {{name: n{n}, address: {a}}}" for n, a in enumerate(addresses, 1))
    inventory = where.folder / f"inventory-{count}.yaml"
    inventory.write_text(
        "cluster: {kubernetesVersion: v1.31.0}\n"
        f"defaults: {{user: root, port: {where.port}, identityFile: {where.key}}}\n"
        f"hosts:\n{hosts}\n",
        encoding="ascii",
    )
    script = build(Cluster(), Host("h", Login("127.0.1.1")))
    probe = where.folder / "probe.sh"
    # a client that cannot end its input must not wait for a shell that waits for more
    probe.write_bytes(script.text + b"\nexit 0\n")
    return Fleet(where, addresses, inventory, probe, script.last_line.decode())


def write_known_hosts(where: Targets, strangers: int = 0) -> None:
    """Write known_hosts: hashed entries of others, then the targets in plain text.

    Plain, because all targets have one host key, and ssh itself would then have to compare each
    hashed entry with each host.
    """
    lines = [f"{_hashed(f'other{n}.example')} {_other_key()}" for n in range(strangers)]
    lines += [f"[{address}]:{where.port} {where.host_key}" for address in where.addresses]
    folder = where.folder / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "known_hosts").write_text("\n".join(lines) + "\n", encoding="ascii")


def recorded(capture: bytes, boundary: str, folder: Path) -> str:
    """A ForceCommand that answers the probe at once with what a real host once answered.

    The client's work is the same to the byte, and five thousand hosts on the client's own machine
    do not take its CPU for their probes.
    """
    answer = folder / "answer"
    answer.write_bytes(capture.replace(boundary.encode(), b"@BOUNDARY@"))
    script = folder / "answer.sh"
    script.write_text(
        "read -r first\n"
        "cat >/dev/null\n"
        f'exec sed "s/@BOUNDARY@/${{first#KSCAN_BOUNDARY=}}/" {answer}\n',
        encoding="ascii",
    )
    return f"/bin/sh {script}"


def whole_answers(text: str, last_line: str) -> int:
    """How many whole answers of the probe stand in a client's output."""
    return len(re.findall(rf"{re.escape(last_line)}(?![0-9])", text))


def _hashed(name: str) -> str:
    salt = secrets.token_bytes(20)
    digest = hmac.digest(salt, name.encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _other_key() -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + secrets.token_bytes(32)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"
