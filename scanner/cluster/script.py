"""Scripts for hosts: the texts of on_host/ with values and files, and how answers are read."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from scanner.cluster.action import File
from scanner.transport.base import Completed

OUTPUT = 256 << 10
"""Bytes of a command's output that are kept."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
"""What a file on a host may be called: nothing in it means anything to a shell."""
_STATUS = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Script:
    """One script, for `sh -s`."""

    text: bytes
    boundary: str

    @property
    def last_line(self) -> bytes:
        """After which nothing more is of interest."""
        return f"{self.boundary} end".encode()


def build(
    name: str, values: Mapping[str, str], command: str = "", given: Sequence[File] = ()
) -> Script:
    """Put a script together.

    Args:
        name: of a file in on_host/, without its ending.
        values: variables; no secret may be among them that is longer-lived than the script.
        command: shell text that it runs.
        given: files for the command; secrets may be in them. They are here-documents, because a
            here-document is in no command line.

    Raises:
        ValueError: a file's name is not one that is safe to write.
    """
    boundary = f"kscan-{secrets.token_hex(16)}"
    lines = [
        f"{key}={shlex.quote(value)}" for key, value in {"BOUNDARY": boundary, **values}.items()
    ]
    lines += [_text("prolog"), "files() {", "umask 077"]
    for file in (*given, File("command", command)):
        if not NAME.fullmatch(file.name):
            raise ValueError(f"{file.name!r} cannot be the name of a file on a host")
        if "/" in file.name:
            lines.append(f"mkdir -p {file.name.rpartition('/')[0]}")
        content = file.text if file.text.endswith("\n") else f"{file.text}\n"
        lines.append(f"cat >{file.name} <<'{boundary}'\n{content}{boundary}")
    lines += ["}", _text(name)]
    return Script("\n".join(lines).encode(), boundary)


def _text(name: str) -> str:
    return files("scanner.cluster").joinpath("on_host", f"{name}.sh").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script has said, in words of its own and in those of the command."""

    words: Mapping[str, str]
    """Frame -> what stands behind it; `status` -> `0`, `started` -> ``."""
    output: str
    """stdout and stderr of the command; empty if it was not run."""
    ended: str
    """Why the answer is not whole; empty if it is."""
    stderr: str

    @property
    def status(self) -> int | None:
        """The command's exit status; None if it did not end."""
        found = self.words.get("status", "")
        return int(found) if _STATUS.fullmatch(found) else None


_FRAMES = "begin|plain|log|status|started|nowhere|busy|failed|absent|lost|without|held|end"


def read(done: Completed, boundary: str) -> Answer:
    """Read the frames; what is between the first one and the next is the command's output."""
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    frames = [*re.finditer(rf"^{boundary} ({_FRAMES})(?: (.*))?$", text, re.MULTILINE)]
    words = {frame[1]: (frame[2] or "").strip() for frame in frames}
    output = ""
    for frame, following in zip(frames, [*frames[1:], None], strict=False):
        if frame[1] in {"begin", "log"}:
            stop = len(text) if following is None else following.start()
            output = text[frame.end() : stop].strip("\n") or output
    stderr = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
    ended = "" if "end" in words else done.ended or "the answer stops"
    return Answer(words, output[-OUTPUT:], ended, stderr)
