"""`kscan checks` and `kscan explain`: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.errors import UsageError


def checks() -> None:
    """List every check: our id, kubeadm's name, and what it is about."""
    from tabulate import tabulate

    from scanner.catalogue import EVERYTHING

    rows = [
        (check.id, (check.kubeadm or "-").replace("{subject}", "*"), check.title)
        for check in EVERYTHING
    ]
    typer.echo(tabulate(rows, headers=("id", "kubeadm", "about")))


def explain(
    name: Annotated[
        str, typer.Argument(metavar="CHECK", help="kubeadm's name, such as Port-6443, or our id.")
    ],
) -> None:
    """Say what a check reads, when it passes, how severe it is in which version, and the fix."""
    from scanner.catalogue import EVERYTHING
    from scanner.checks.names import find, nearest
    from scanner.checks.page import page
    from scanner.checks.rule import Check
    from scanner.fleet.page import page as fleet_page

    found = find(EVERYTHING, name)
    if not found:
        near = ", ".join(nearest(EVERYTHING, name))
        hint = f"; did you mean {near}? `kscan checks` lists them all" if near else ""
        raise UsageError(f"no check is called {name!r}{hint or '; see `kscan checks`'}")
    pages = (page(one) if isinstance(one, Check) else fleet_page(one) for one in found)
    typer.echo("\n".join(line for lines in pages for line in lines).rstrip())
