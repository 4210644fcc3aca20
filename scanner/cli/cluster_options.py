"""Options of the commands that change a cluster, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scanner.cli.paths import path, word

PlanOnly: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--plan", help="Print every command and file for each host, as text, and change nothing."
    ),
]
Captures: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        parser=path("--captures"),
        metavar="DIR",
        help="With --plan: the hosts as they were saved by --save-captures; no connection is made.",
    ),
]
YesToAll: TypeAlias = Annotated[
    bool, typer.Option("-y", "--yes", help="Do not ask before hosts are changed.")
]
HostNames: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="HOST...", help="Names of the inventory, ranges, globs, groups."),
]
_WITHOUT = "The hosts and the cluster. Without it: $KSCAN_INVENTORY, else ./inventory.yaml."
InventoryArgument: TypeAlias = Annotated[
    str | None, typer.Argument(parser=word("INVENTORY"), metavar="[INVENTORY]", help=_WITHOUT)
]
"""Unlike the one of `check` it never means this machine."""
NeededInventory: TypeAlias = Annotated[
    str | None,
    typer.Option("-i", "--inventory", parser=word("--inventory"), metavar="FILE", help=_WITHOUT),
]
