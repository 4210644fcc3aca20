"""A YAML file's text, or in one line why there is none."""

from __future__ import annotations

from pathlib import Path

from scanner.inventory.problems import Problem, failure

_MAX_BYTES = 16 << 20
"""No inventory is as large; /dev/zero is."""


def read_text(path: Path, source: str) -> str:
    """Read a file.

    Args:
        path: where it is.
        source: as the user named it.

    Raises:
        InventoryError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise failure([Problem(source, "no such file")]) from None
    except IsADirectoryError:
        raise failure([Problem(source, "a directory; expected a YAML file")]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise failure([Problem(source, f"cannot be read: {reason}")]) from None
    if len(data) > _MAX_BYTES:
        raise failure([Problem(source, f"larger than {_MAX_BYTES >> 20} MiB")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: byte 0x{data[error.start]:02x}"
        raise failure([Problem(source, message, line=line)]) from None
