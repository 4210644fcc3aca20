"""`kscan evaluate`: judge saved captures offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import path


def evaluate(
    captures: Annotated[
        Path,
        typer.Argument(
            parser=path("CAPTURES"), metavar="CAPTURES", help="A directory of --save-captures."
        ),
    ],
    inventory_option: opt.InventoryOption = None,
    limit: opt.Limit = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    master: opt.Master = None,
    format_: opt.FormatOption = None,
    output: opt.Output = None,
    show_all: opt.All = None,
    wide: opt.Wide = None,
    keep: opt.Keep = None,
    strict: opt.Strict = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Judge the answers that `kscan check --save-captures` has kept; no host is asked anything.

    What they found when they dialled each other is judged again too, where it was saved with them.

    Without an inventory the hosts and their roles are those of the captures; your own rules are
    judged by the answers that were given then, with -i and the inventory that names them.
    """
    from scanner.cli.asked import Asked, asked_captures, asked_selection
    from scanner.cli.document import Output
    from scanner.cli.log import logs
    from scanner.cli.machines import replayed
    from scanner.cli.run import run_scan
    from scanner.inventory.overrides import Overrides
    from scanner.runs import saved_edges
    from scanner.scan_options import EdgesThere, ScanOptions
    from scanner.transport.replay import saved_preflight

    asked = Asked(inventory_option, (), limit, master, tuple(ignore_preflight_errors or ()))
    loaded = asked_captures(captures, asked, Overrides(kubernetes_version=kubernetes_version))
    selection = asked_selection(loaded.request, only, skip)
    with logs(verbose, log_file):
        status = run_scan(
            loaded,
            replayed(captures),
            ScanOptions(
                selection,
                ask_kubeadm=saved_preflight,
                edges_then=EdgesThere(saved_edges.read(captures)),
            ),
            Output(
                format_,
                output,
                show_all,
                strict=strict,
                quiet=quiet,
                bar=not verbose,
                wide=wide,
                keep=keep,
            ),
        )
    raise typer.Exit(status)
