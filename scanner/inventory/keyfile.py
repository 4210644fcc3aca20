"""Private key files: found, readable and plausible; what they hold is the transport's business."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scanner.inventory.document import Document
from scanner.inventory.layout import sections, text_at
from scanner.inventory.problems import Problem, quoted

_HEAD_BYTES = 4096
"""Enough for the first line, and for comments before it."""


def locate(text: str, folder: Path) -> Path:
    """Expand `~` and start a relative path at the inventory's folder.

    Raises:
        ValueError: there is no such home directory.
    """
    try:
        return folder / Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"no home directory for {quoted(text)}") from None


def why_not(path: Path, shown: str) -> str:
    """Say why a file cannot serve as a private key; empty if it can.

    Args:
        path: the file.
        shown: what to call it.
    """
    try:
        if path.exists() and not path.is_file():  # a FIFO would keep `open` waiting
            return f"not a file: {quoted(shown)}"
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return f"no such file: {quoted(shown)}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        return f"cannot be read: {quoted(shown)}: {reason}"
    return "" if b"PRIVATE KEY" in head else f"{_kind(head)}: {quoted(shown)}"


def _kind(head: bytes) -> str:
    if head.startswith(b"PuTTY-User-Key-File"):
        return "a key in PuTTY's format, convert it to OpenSSH's"
    if head.startswith((b"ssh-", b"ecdsa-", b"sk-")):
        return "the public key, not the private one"
    return "not a private key"


def unusable(document: Document, folder: Path, *, overridden: bool) -> Iterator[Problem]:
    """Report every `identityFile` of an inventory that cannot be used.

    Args:
        document: the inventory.
        folder: where relative paths start.
        overridden: whether the command line names a key, so that the hosts' own are not used.
    """
    for loc, section in sections(document.data):
        text = text_at(section, "identityFile")
        if not text or (overridden and loc[0] != "jumpHosts"):
            continue
        try:
            message = why_not(locate(text, folder), text)
        except ValueError as error:
            message = str(error)
        if message:
            yield document.problem((*loc, "identityFile"), message)
