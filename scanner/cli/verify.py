"""`kscan verify`: what the running cluster is, through its API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import path
from scanner.cli.smoke_options import (
    Smoke,
    SmokeImage,
    SmokeTimeout,
    smoke_options,
)


def verify(
    inventory: opt.Inventory = None,
    inventory_option: opt.InventoryOption = None,
    host: opt.Hosts = None,
    master: opt.Master = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            parser=path("--kubeconfig"),
            metavar="FILE",
            help="Log in to the API with this, not with admin.conf of a control plane.",
        ),
    ] = None,
    smoke: Smoke = False,
    smoke_image: SmokeImage = None,
    smoke_timeout: SmokeTimeout = None,
    user: opt.User = None,
    port: opt.Port = None,
    identity_file: opt.IdentityFile = None,
    jump: opt.Jump = None,
    sudo: opt.SudoOption = None,
    ask_pass: opt.AskPass = False,
    ask_sudo_pass: opt.AskSudoPass = False,
    host_keys: opt.HostKeysOption = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="terminal|json", help="What is written.")
    ] = "terminal",
    output: opt.Output = None,
    strict: opt.Strict = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Prove through the Kubernetes API that a cluster is what `kubeadm init` and `join` make.

    The eleven things that init leaves behind, the components, each node, the add-ons of the
    inventory. Also for a cluster that kscan did not make. Nothing is changed, but by --smoke.

    Exit status: 0 verified, 2 usage or inventory error, or no way into the cluster, 3 something
    failed, 4 something could not be known, 5 warnings (with --strict), 130 interrupted.
    """
    # The rest is imported when it really runs, so that --help stays quick.
    from scanner.cli.asked import Asked
    from scanner.cli.cluster import ask_cluster
    from scanner.cli.log import logs
    from scanner.cli.secrets import Secrets
    from scanner.cli.verifying import Options, run_verify
    from scanner.inventory.overrides import Loaded, Overrides
    from scanner.secrets.redact import Redactor, redacting

    overrides = Overrides(
        user=user,
        port=port,
        identity_file=identity_file,
        jump=jump,
        sudo=sudo,
        host_keys=opt.host_keys(host_keys),
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(opt.one_inventory(inventory, inventory_option), tuple(host or ()), None, master)
    cluster = ask_cluster(asked, overrides, kubeconfig)
    secrets = Secrets()
    request = secrets.read(cluster.loaded.request)
    notes = (*cluster.loaded.notes, *secrets.notes())
    with redacting(Redactor(secrets.all)), logs(verbose, log_file):
        status = run_verify(
            cluster.with_request(Loaded(request, notes)),
            Options(
                format_,
                output,
                smoke_options(request, smoke_image, smoke_timeout, smoke=smoke),
                strict=strict,
                quiet=quiet,
            ),
        )
    raise typer.Exit(status)
