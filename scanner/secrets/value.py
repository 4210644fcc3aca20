"""What may stand in a variable or a file that holds a secret: one line of text, in UTF-8."""

from __future__ import annotations

from pathlib import Path

_MAX_BYTES = 4096
"""No password is longer; /dev/zero is."""
_NOT_UTF8 = "is not UTF-8, and must be"


def of_file(path: Path) -> str:
    """The file's only line.

    Raises:
        ValueError: it cannot be read or cannot be a secret; the message says why, as a predicate.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise ValueError(f"is larger than {_MAX_BYTES} bytes")
    try:
        return of_text(data.decode("utf-8").removesuffix("\n").removesuffix("\r"))
    except UnicodeDecodeError:
        raise ValueError(_NOT_UTF8) from None


def of_text(value: str) -> str:
    """A secret from the environment or the terminal.

    Raises:
        ValueError: it is empty, or not one line of printable text.
    """
    if not value:
        raise ValueError("is empty")
    try:
        value.encode("utf-8")  # Python keeps other bytes as lone surrogates (PEP 383)
    except UnicodeEncodeError:
        raise ValueError(_NOT_UTF8) from None
    if not value.isprintable():
        raise ValueError("has several lines or control characters")
    return value
