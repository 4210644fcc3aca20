"""What one host answered, raw: saved for a bug report, replayed for tests and the demo."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from scanner.errors import CaptureError, Hurdle
from scanner.probe.preflight import Preflight
from scanner.request import NodeRole
from scanner.secrets.redact import redactor

SCHEMA = "kscan.capture/v1"
SUFFIX = ".capture"
MAX_BYTES = 4 << 20
"""A session keeps 1 MiB of an answer; no file must fill the memory."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Capture:
    """One host's answer to the probe, or why there is none."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid"}

    host: str
    address: str
    taken_at: str
    """ISO 8601, UTC."""
    boundary: str = ""
    stdout: bytes = b""
    stderr: str = ""
    """At most 2,000 characters: sudo's own words, or the shell's."""
    ended: str = ""
    """Why the command has no exit status; empty if it has one."""
    connect_seconds: float | None = None
    probe_seconds: float | None = None
    unreachable: str = ""
    """Why there was no session; empty if there was one."""
    retries: int = 0
    """Connections that were tried after the first one."""
    roles: tuple[str, ...] = ()
    """The host's roles in the inventory then, for judging it later without that inventory."""
    obstacle: str = ""
    """Why the login could not become root; empty if it did, or if nothing was said of it."""
    preflight: Preflight | None = None
    """What the host's own kubeadm said; None if it was not asked."""
    asked_at: float | None = None
    """When the script was sent, in seconds since 1970 by the clock of the machine that asked."""
    heard_at: float | None = None
    """When the host's clock in the answer had arrived, by the same clock."""
    retried_for: Mapping[Hurdle, int] = field(default_factory=dict)
    """`retries` by their cause; empty in captures of before."""

    @property
    def id(self) -> str:
        """SHA-256 of the answer without its random boundary, 16 hex digits; empty without one."""
        if not self.stdout:
            return ""
        text = self.stdout.replace(self.boundary.encode(), b"")
        return hashlib.sha256(text).hexdigest()[:16]


@functools.cache
def _capture() -> TypeAdapter[Capture]:
    """Made when a capture is read: most runs read none."""
    return TypeAdapter(Capture)


def dump(capture: Capture) -> bytes:
    """What is kept for others: `encode`, but for the secrets of this run."""
    shown = redactor().value(capture)
    return encode(replace(shown, stdout=redactor().data(capture.stdout)))


def encode(capture: Capture) -> bytes:
    """A header line in JSON, then the answer as it came, secrets and all."""
    header = asdict(capture)
    del header["stdout"]
    return json.dumps({"schema": SCHEMA, **header}).encode() + b"\n" + capture.stdout


def load(data: bytes) -> Capture:
    """Read what `dump` or `encode` wrote.

    Raises:
        CaptureError: it is not such a file.
    """
    head, _, stdout = data.partition(b"\n")
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise CaptureError("not a capture: its first line is not JSON") from error
    if not isinstance(header, dict) or header.pop("schema", None) != SCHEMA:
        raise CaptureError(f"not a capture: its first line does not name {SCHEMA}")
    try:
        capture = _capture().validate_python({**header, "stdout": stdout})
    except ValidationError as error:
        raise CaptureError("not a capture: its header has other fields") from error
    if unknown := {*capture.roles} - {*NodeRole}:
        raise CaptureError(f"not a capture: {min(unknown)[:_SHOWN]!r} is no role")
    return capture


def read(path: Path) -> Capture:
    """Load a file.

    Raises:
        OSError: it cannot be read.
        CaptureError: it is no capture, or larger than any can be.
    """
    if path.exists() and not path.is_file():  # a FIFO would keep `open` waiting
        raise CaptureError("not a capture: no regular file")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise CaptureError(f"not a capture: larger than {MAX_BYTES >> 20} MiB")
    return load(data)


def save(directory: Path, capture: Capture) -> Path:
    """Write one file for the host, 0600 and whole or not at all; host names are file names.

    Raises:
        CaptureError: the directory cannot be written.
    """
    path = directory / (capture.host + SUFFIX)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # nobody else chooses by a link what is written to
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            file.write(dump(capture))
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise CaptureError(f"{path}: cannot be written: {error.strerror}") from error
    return path


_BOUNDARY = re.compile(rb"^KSCAN_BOUNDARY=(kscan-[0-9a-f]{32})$", re.MULTILINE)


def answer(capture: Capture, script: bytes) -> bytes:
    """What the captured host would print for a script: its answer under the script's boundary.

    Raises:
        CaptureError: the script is not kscan's.
    """
    match = _BOUNDARY.search(script)
    if match is None:
        raise CaptureError(
            f"{capture.host}: a capture answers kscan's probe and nothing else, and was sent "
            "another script"
        )
    return capture.stdout.replace(capture.boundary.encode(), match[1])
