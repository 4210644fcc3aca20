"""Which inventory to use when the command line may not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "KSCAN_INVENTORY"
DEFAULT = "inventory.yaml"


@dataclass(frozen=True, slots=True)
class Found:
    """An inventory file; whether it can be read is seen later."""

    path: Path
    named: bool
    """The user named it, by an argument or the variable; it did not merely lie there."""


def find(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Found | None:
    """Take the argument, else $KSCAN_INVENTORY, else ./inventory.yaml, else None.

    Args:
        explicit: the argument or `-i`.
        environ: the environment; an empty variable counts as not set.
        cwd: the working directory; `Path()` keeps the names in messages as the user gave them.
    """
    if name := explicit or environ.get(VARIABLE):
        return Found(cwd / name, named=True)
    path = cwd / DEFAULT
    if path.exists() or path.is_symlink():
        return Found(path, named=False)
    return None
