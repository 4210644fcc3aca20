"""`kscan checks` and `kscan explain`: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli import options as opt
from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.checks.rule import Check
    from scanner.edges.checks import EdgeCheck
    from scanner.fleet.rule import FleetCheck


def checks(inventory_option: opt.InventoryOption = None) -> None:
    """List every check: our id, kubeadm's name, and what it is about.

    With an inventory also your own rules, which it names in `checks`.
    """
    from tabulate import tabulate

    from scanner.verify.catalogue import VERIFY_CATALOGUE

    rows = [
        (check.id, (check.kubeadm or "-").replace("{subject}", "*"), check.title)
        for check in (*_catalogue(inventory_option), *VERIFY_CATALOGUE)
    ]
    typer.echo(tabulate(rows, headers=("id", "kubeadm", "about")))


def explain(
    name: Annotated[
        str, typer.Argument(metavar="CHECK", help="kubeadm's name, such as Port-6443, or our id.")
    ],
    inventory_option: opt.InventoryOption = None,
) -> None:
    """Say what a check reads, when it passes, how severe it is in which version, and the fix."""
    from scanner.checks.names import find, nearest
    from scanner.checks.page import page
    from scanner.checks.rule import Check
    from scanner.fleet.page import page as fleet_page
    from scanner.verify.catalogue import VERIFY_CATALOGUE
    from scanner.verify.page import page as verify_page
    from scanner.verify.step import Step

    every = (*_catalogue(inventory_option), *VERIFY_CATALOGUE)
    found = find(every, name)
    if not found:
        near = ", ".join(nearest(every, name))
        hint = f"; did you mean {near}? `kscan checks` lists them all" if near else ""
        raise UsageError(f"no check is called {name!r}{hint or '; see `kscan checks`'}")
    lines: list[str] = []
    for one in found:
        if isinstance(one, Step):
            lines.extend(verify_page(one))
        else:
            lines.extend(page(one) if isinstance(one, Check) else fleet_page(one))
    typer.echo("\n".join(lines).rstrip())


def _catalogue(inventory: str | None) -> tuple[Check | FleetCheck | EdgeCheck, ...]:
    """Everything of hosts and between them that has a name: ours, and the rules of an inventory."""
    from scanner.catalogue import EVERYTHING
    from scanner.inventory.load import load
    from scanner.rules.check import checks_of

    if inventory is None:
        return EVERYTHING
    return (
        *EVERYTHING,
        *checks_of(load(Path(inventory), named=True, connects=False).request.rules),
    )
