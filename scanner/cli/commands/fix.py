"""`kscan fix`: a script for each host, and with --apply its run and a second check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.groups import Choice, Hosts, Login, Pace, Told, Trust
from scanner.cli.paths import path


def fix(
    *,
    hosts: Hosts,
    captures: Annotated[
        Path | None,
        typer.Option(
            parser=path("--captures"),
            metavar="DIR",
            help="Judge these saved captures; no host is asked.",
        ),
    ] = None,
    choice: Choice,
    login: Login,
    trust: Trust,
    pace: Pace,
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
    told: Told,
) -> None:
    """Check, and write a script for each host that mends what can be mended; read it first.

    Swap, kernel switches and modules, packages, services, the container runtime's cgroup driver,
    the host's own name. Everything else stands in the script as comments. Nothing is changed on a
    host unless you run it there, or say --apply.

    Exit status: 0 the scripts are written, 2 usage or inventory error, 4 a host was not reached,
    130 interrupted; with --apply that of the second check, as `kscan check` has it.
    """
    from scanner.cli.asked import (
        Asked,
        asked_captures,
        asked_request,
        asked_selection,
        overrides_of,
    )
    from scanner.cli.fixing import Fixing, may_ask, run_fix
    from scanner.cli.log import logs
    from scanner.cli.machines import replayed, ssh_or_local
    from scanner.cli.secrets import Secrets
    from scanner.inventory.overrides import Loaded
    from scanner.rules.note import running
    from scanner.scan_options import ScanOptions
    from scanner.secrets.redact import Redactor, redacting

    may_ask(apply=apply, yes=yes, offline=captures is not None)
    said = overrides_of(trust, login, kubernetes_version=choice.kubernetes_version)
    asked = Asked.of(choice, hosts.named, hosts.host)
    secrets = Secrets()
    if captures is None:
        loaded = asked_request(asked, said)
        request = secrets.read(loaded.request)
    else:
        loaded = asked_captures(captures, asked, said)
        request = loaded.request
    selection = asked_selection(request, choice)
    notes = () if captures is not None else (*running(request, selection), *secrets.notes())
    with redacting(Redactor(secrets.all)), logs(told.verbose, told.log_file):
        status = run_fix(
            Loaded(request, (*loaded.notes, *notes)),
            ssh_or_local(request.hosts) if captures is None else replayed(captures),
            ScanOptions(selection, pace.concurrency, pace.timeout),
            Fixing(output, apply=apply, yes=yes, quiet=told.quiet, bar=told.bar),
        )
    raise typer.Exit(status)
