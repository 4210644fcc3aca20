"""From an inventory file to a Request, or to every error in it at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from scanner.errors import InventoryError
from scanner.inventory import collisions, complaints, consistency, keyfile, references, rule_files
from scanner.inventory.build import Origin, build
from scanner.inventory.model import Inventory
from scanner.inventory.nodes import compose
from scanner.inventory.overrides import Loaded, Overrides
from scanner.inventory.problems import Problem, failure
from scanner.inventory.read import read_text


def load(
    path: Path,
    *,
    named: bool,
    connects: bool = True,
    overrides: Overrides | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Loaded:
    """Read an inventory.

    Args:
        path: the file, as the user gave it.
        named: the user named it; see `find.Found`.
        connects: hosts are logged in to, so that passwords and keys must be there.
        overrides: the command line's options.
        environ: where `env:` references are looked up.

    Raises:
        InventoryError: with one line for each thing that is wrong.
    """
    overrides = overrides or Overrides()
    source = str(path)
    wrong = list(overrides.problems())
    try:
        document = compose(read_text(path, source), source)
    except InventoryError as error:
        raise InventoryError("\n".join((*map(str, wrong), str(error)))) from None
    wrong += document.problems
    wrong += consistency.problems(document)
    wrong += collisions.problems(document, other_version=overrides.kubernetes_version is not None)
    if connects:
        wrong += references.unusable(document, named=named, folder=path.parent, environ=environ)
        own_key = overrides.identity_file is not None
        wrong += keyfile.unusable(document, path.parent, overridden=own_key)
    rules = rule_files.read(document, named=named, folder=path.parent)
    wrong += rules.problems
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
    return replace(loaded, request=replace(loaded.request, rules=rules.rules))
