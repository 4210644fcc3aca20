"""`kscan fix`: a script for each host, and with --apply its run and a second check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import path


def fix(
    inventory: opt.Inventory = None,
    inventory_option: opt.InventoryOption = None,
    host: opt.Hosts = None,
    captures: Annotated[
        Path | None,
        typer.Option(
            parser=path("--captures"),
            metavar="DIR",
            help="Judge these saved captures; no host is asked.",
        ),
    ] = None,
    limit: opt.Limit = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    master: opt.Master = None,
    user: opt.User = None,
    port: opt.Port = None,
    identity_file: opt.IdentityFile = None,
    jump: opt.Jump = None,
    sudo: opt.SudoOption = None,
    ask_pass: opt.AskPass = False,
    ask_sudo_pass: opt.AskSudoPass = False,
    host_keys: opt.HostKeysOption = None,
    timeout: opt.Timeout = 60.0,
    concurrency: opt.Concurrency = 256,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            parser=path("--output"),
            metavar="DIR",
            help="Write the scripts here; else one is shown, and several go to reports/RUN/fix.",
        ),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Ask, run the scripts on the hosts, and check again.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Answer yes to the question of --apply.")
    ] = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Check, and write a script for each host that mends what can be mended; read it first.

    Swap, kernel switches and modules, packages, services, the container runtime's cgroup driver,
    the host's own name. Everything else stands in the script as comments. Nothing is changed on a
    host unless you run it there, or say --apply.

    Exit status: 0 the scripts are written, 2 usage or inventory error, 4 a host was not reached,
    130 interrupted; with --apply that of the second check, as `kscan check` has it.
    """
    from scanner.cli.asked import Asked, asked_captures, asked_request, asked_selection
    from scanner.cli.fixing import Fixing, may_ask, run_fix
    from scanner.cli.log import logs
    from scanner.cli.machines import replayed, ssh_or_local
    from scanner.cli.secrets import Secrets
    from scanner.inventory.overrides import Loaded, Overrides
    from scanner.rules.note import running
    from scanner.scan_options import ScanOptions
    from scanner.secrets.redact import Redactor, redacting

    may_ask(apply=apply, yes=yes, offline=captures is not None)
    overrides = Overrides(
        kubernetes_version=kubernetes_version,
        user=user,
        port=port,
        identity_file=identity_file,
        jump=jump,
        sudo=sudo,
        host_keys=opt.host_keys(host_keys),
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(
        opt.one_inventory(inventory, inventory_option),
        tuple(host or ()),
        limit,
        master,
        tuple(ignore_preflight_errors or ()),
    )
    secrets = Secrets()
    if captures is None:
        loaded = asked_request(asked, overrides)
        request = secrets.read(loaded.request)
    else:
        loaded = asked_captures(captures, asked, overrides)
        request = loaded.request
    selection = asked_selection(request, only, skip)
    told = () if captures is not None else (*running(request, selection), *secrets.notes())
    with redacting(Redactor(secrets.all)), logs(verbose, log_file):
        status = run_fix(
            Loaded(request, (*loaded.notes, *told)),
            ssh_or_local(request.hosts) if captures is None else replayed(captures),
            ScanOptions(selection, concurrency, timeout),
            Fixing(output, apply=apply, yes=yes, quiet=quiet, bar=not verbose),
        )
    raise typer.Exit(status)
