"""The text of a file on this machine that goes to the hosts, or in one line why there is none."""

from __future__ import annotations

from pathlib import Path

_MOST_BYTES = 8 << 20


def read_text(path: Path, complaints: list[str]) -> str | None:
    """Read a file.

    Args:
        path: it may be anything: a directory, a FIFO, /dev/zero.
        complaints: where what is wrong goes.
    """
    try:
        if path.is_fifo() or path.is_socket():  # `open` would wait for somebody who writes
            complaints.append(f"{path}: no regular file")
            return None
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            complaints.append(f"{path}: larger than {_MOST_BYTES >> 20} MiB")
            return None
        return data.decode("utf-8-sig")
    except OSError as error:
        complaints.append(f"{path}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        complaints.append(f"{path}: not UTF-8")
    return None
