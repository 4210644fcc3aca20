"""From an inventory file to a Request, or to every error in it at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from scanner.errors import InventoryError
from scanner.inventory import complaints, consistency, keyfile, references
from scanner.inventory.build import Origin, build
from scanner.inventory.document import Document
from scanner.inventory.model import Inventory
from scanner.inventory.nodes import compose
from scanner.inventory.overrides import Loaded, Overrides
from scanner.inventory.problems import Problem, failure, printable

_MAX_BYTES = 16 << 20
"""No inventory is as large; /dev/zero is."""


def load(
    path: Path,
    *,
    named: bool,
    overrides: Overrides | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Loaded:
    """Read an inventory.

    Args:
        path: the file, as the user gave it.
        named: the user named it; see `find.Found`.
        overrides: the command line's options.
        environ: where `env:` references are looked up.

    Raises:
        InventoryError: with one line for each thing that is wrong.
    """
    overrides = overrides or Overrides()
    source = str(path)
    wrong = list(overrides.problems())
    try:
        document = compose(_read(path, source), source)
    except InventoryError as error:
        raise InventoryError("\n".join((*map(str, wrong), str(error)))) from None
    wrong += document.problems
    wrong += consistency.problems(document)
    wrong += references.unusable(document, named=named, folder=path.parent, environ=environ)
    wrong += keyfile.unusable(document, path.parent, overridden=overrides.identity_file is not None)
    try:
        inventory = Inventory.model_validate(document.data)
    except ValidationError as error:
        wrong += complaints.problems(error, document, Inventory)
        raise failure(wrong) from None
    if wrong:
        raise failure(wrong)
    try:
        loaded = build(inventory, Origin(source, path.parent, path.stem), overrides)
    except ValueError as error:
        raise failure([Problem(source, str(error))]) from None
    return Loaded(loaded.request, (*_notes(document), *loaded.notes))


def _read(path: Path, source: str) -> str:
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


def _notes(document: Document) -> Iterator[str]:
    """Tell which keys are understood but without effect in this version."""
    if document.data.get("checks"):
        yield printable(f"{document.source}: checks: user rules are not run by this version")
