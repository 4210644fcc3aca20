"""`kscan verify`: what the running cluster is, through its API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.groups import Hosts, Login, Told, Trust
from scanner.cli.paths import path
from scanner.cli.smoke_options import Smoke


def verify(
    *,
    hosts: Hosts,
    master: opt.Master = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            parser=path("--kubeconfig"),
            metavar="FILE",
            help="Log in to the API with this, not with admin.conf of a control plane.",
        ),
    ] = None,
    smoke: Smoke,
    login: Login,
    trust: Trust,
    format_: Annotated[
        str, typer.Option("--format", metavar="terminal|json", help="What is written.")
    ] = "terminal",
    output: opt.Output = None,
    strict: opt.Strict = False,
    told: Told,
) -> None:
    """Prove through the Kubernetes API that a cluster is what `kubeadm init` and `join` make.

    The eleven things that init leaves behind, the components, each node, the add-ons of the
    inventory. Also for a cluster that kscan did not make. Nothing is changed, but by --smoke.

    Exit status: 0 verified, 2 usage or inventory error, or no way into the cluster, 3 something
    failed, 4 something could not be known, 5 warnings (with --strict), 130 interrupted.
    """
    # The rest is imported when it really runs, so that --help stays quick.
    from scanner.cli.asked import Asked, overrides_of
    from scanner.cli.cluster import ask_cluster
    from scanner.cli.log import logs
    from scanner.cli.secrets import Secrets
    from scanner.cli.verifying import Options, run_verify
    from scanner.inventory.overrides import Loaded
    from scanner.secrets.redact import Redactor, redacting

    said = overrides_of(trust, login)
    asked = Asked(hosts.named, tuple(hosts.host or ()), None, master)
    cluster = ask_cluster(asked, said, kubeconfig)
    secrets = Secrets()
    request = secrets.read(cluster.loaded.request)
    notes = (*cluster.loaded.notes, *secrets.notes())
    with redacting(Redactor(secrets.all)), logs(told.verbose, told.log_file):
        status = run_verify(
            cluster.with_request(Loaded(request, notes)),
            Options(
                format_,
                output,
                smoke.options(request),
                strict=strict,
                quiet=told.quiet,
            ),
        )
    raise typer.Exit(status)
