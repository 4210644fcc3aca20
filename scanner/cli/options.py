"""Options of several commands, each said once; those that go together are in `groups`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scanner.cli.paths import path, word
from scanner.edges.mode import Network
from scanner.errors import UsageError
from scanner.render.base import Format
from scanner.request import CniProfile

InventoryOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "-i",
        "--inventory",
        parser=word("--inventory"),
        metavar="FILE",
        help="The same as the argument INVENTORY.",
    ),
]
Limit: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="PATTERN", help="Only these hosts: names, ranges, globs, groups, roles."),
]
KubernetesVersion: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="VERSION", help="A full version such as v1.31.0; wins over the file."),
]
IgnoreErrors: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore-preflight-errors",
        metavar="NAMES",
        help="kubeadm's option: errors of these names become warnings; `all` for every one.",
    ),
]
Master: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The host for `kubeadm init`; else the first control plane."),
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(min=1, help="Seconds for one host, from its start.")
]
NetworkOption: TypeAlias = Annotated[
    Network | None,
    typer.Option(
        "--network",
        help="What the hosts dial of each other: nothing, what is there (the default), or with "
        "listeners that tell a firewall's refusal: from each host to some, or to all.",
    ),
]
CniProfileOption: TypeAlias = Annotated[
    CniProfile | None,
    typer.Option("--cni-profile", help="Whose ports the hosts must reach each other on."),
]
Strict: TypeAlias = Annotated[bool, typer.Option(help="Exit 5 if there are warnings.")]
All: TypeAlias = Annotated[
    bool | None,
    typer.Option("--all/--only-failing", help="Show every check, or only those that did not pass."),
]
Wide: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--wide/--compact",
        help="On the terminal: one matrix with every column and no name cut, or no matrix and two "
        "lines for each problem. Else what the width has room for.",
    ),
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        parser=path("--output"),
        metavar="FILE",
        help="Write the document here, not to stdout.",
    ),
]
FormatOption: TypeAlias = Annotated[
    Format | None,
    typer.Option("--format", help="Write only this document; no report directory is made."),
]


def one_inventory(argument: str | None, option: str | None) -> str | None:
    """What INVENTORY and --inventory name, of which only one can be given.

    Raises:
        UsageError: both were.
    """
    if argument is not None and option is not None:
        raise UsageError(f"two inventories, {argument!r} and --inventory {option!r}: give one")
    return argument if option is None else option
