"""`kscan checks` and `kscan explain`: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.errors import UsageError


def checks() -> None:
    """List every check: our id, kubeadm's name, and what it is about."""
    from tabulate import tabulate

    from scanner.checks import CATALOGUE

    rows = [
        (check.id, (check.kubeadm or "-").replace("{subject}", "*"), check.title)
        for check in CATALOGUE
    ]
    typer.echo(tabulate(rows, headers=("id", "kubeadm", "about")))


def explain(
    name: Annotated[
        str, typer.Argument(metavar="CHECK", help="kubeadm's name, such as Port-6443, or our id.")
    ],
) -> None:
    """Say what a check reads, when it passes, how severe it is in which version, and the fix."""
    from scanner.checks import CATALOGUE
    from scanner.checks.names import find, nearest
    from scanner.checks.page import page

    found = find(CATALOGUE, name)
    if not found:
        near = ", ".join(nearest(CATALOGUE, name))
        hint = f"; did you mean {near}? `kscan checks` lists them all" if near else ""
        raise UsageError(f"no check is called {name!r}{hint or '; see `kscan checks`'}")
    typer.echo("\n".join(line for check in found for line in page(check)).rstrip())
