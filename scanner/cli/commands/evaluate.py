"""`kscan evaluate`: judge saved captures offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.groups import Choice, Shown, Told
from scanner.cli.paths import path


def evaluate(
    captures: Annotated[
        Path,
        typer.Argument(
            parser=path("CAPTURES"), metavar="CAPTURES", help="A directory of --save-captures."
        ),
    ],
    inventory_option: opt.InventoryOption = None,
    *,
    choice: Choice,
    shown: Shown,
    strict: opt.Strict = False,
    told: Told,
) -> None:
    """Judge the answers that `kscan check --save-captures` has kept; no host is asked anything.

    What they found when they dialled each other is judged again too, where it was saved with them.

    Without an inventory the hosts and their roles are those of the captures; your own rules are
    judged by the answers that were given then, with -i and the inventory that names them.
    """
    from scanner.cli.asked import Asked, asked_captures, asked_selection
    from scanner.cli.document import output_of
    from scanner.cli.log import logs
    from scanner.cli.machines import replayed
    from scanner.cli.run import run_scan
    from scanner.inventory.overrides import Overrides
    from scanner.runs import saved_edges
    from scanner.scan_options import EdgesThere, ScanOptions
    from scanner.transport.replay import saved_preflight

    asked = Asked.of(choice, inventory_option)
    said = Overrides(kubernetes_version=choice.kubernetes_version)
    loaded = asked_captures(captures, asked, said)
    selection = asked_selection(loaded.request, choice)
    with logs(told.verbose, told.log_file):
        status = run_scan(
            loaded,
            replayed(captures),
            ScanOptions(
                selection,
                ask_kubeadm=saved_preflight,
                edges_then=EdgesThere(saved_edges.read(captures)),
            ),
            output_of(shown, told, strict=strict),
        )
    raise typer.Exit(status)
