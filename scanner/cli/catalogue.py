"""`kscan checks` and `kscan explain`: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.errors import UsageError


def checks() -> None:
    """List every check: our id, kubeadm's name, and what it is about."""
    from tabulate import tabulate

    from scanner.catalogue import EVERYTHING
    from scanner.verify.catalogue import VERIFY_CATALOGUE

    rows = [
        (check.id, (check.kubeadm or "-").replace("{subject}", "*"), check.title)
        for check in (*EVERYTHING, *VERIFY_CATALOGUE)
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
    from scanner.verify.catalogue import VERIFY_CATALOGUE
    from scanner.verify.page import page as verify_page
    from scanner.verify.step import Step

    known = (*EVERYTHING, *VERIFY_CATALOGUE)
    found = find(known, name)
    if not found:
        near = ", ".join(nearest(known, name))
        hint = f"; did you mean {near}? `kscan checks` lists them all" if near else ""
        raise UsageError(f"no check is called {name!r}{hint or '; see `kscan checks`'}")
    lines: list[str] = []
    for one in found:
        if isinstance(one, Step):
            lines.extend(verify_page(one))
        else:
            lines.extend(page(one) if isinstance(one, Check) else fleet_page(one))
    typer.echo("\n".join(lines).rstrip())
