"""`kscan join HOST...`: more hosts for a cluster that runs."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Captures, HostNames, NeededInventory, PlanOnly, YesToAll
from scanner.cli.smoke_options import (
    Smoke,
    SmokeImage,
    SmokeTimeout,
    smoke_options,
)


def join(
    hosts: HostNames,
    inventory: NeededInventory = None,
    master: opt.Master = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    ask_pass: opt.AskPass = False,
    ask_sudo_pass: opt.AskSudoPass = False,
    host_keys: opt.HostKeysOption = None,
    timeout: opt.Timeout = 60.0,
    concurrency: opt.Concurrency = 256,
    network: opt.NetworkOption = None,
    smoke: Smoke = False,
    smoke_image: SmokeImage = None,
    smoke_timeout: SmokeTimeout = None,
    plan: PlanOnly = False,
    captures: Captures = None,
    yes: YesToAll = False,
    format_: opt.FormatOption = None,
    output: opt.Output = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Join hosts of the inventory to the cluster that its first control plane, or --master, runs.

    Only these hosts and the master are checked and take part. Everything else is as with init.
    """
    from scanner.cli.asked import Asked
    from scanner.cli.bring_up import Task, bring_up
    from scanner.cli.document import Output
    from scanner.cli.plan_text import plan_is_text
    from scanner.cli.prepared import Settings, prepared
    from scanner.cluster.sequence import FINISH, JOIN
    from scanner.inventory.overrides import Overrides

    plan_is_text(format_, plan=plan)
    overrides = Overrides(
        kubernetes_version=kubernetes_version,
        host_keys=opt.host_keys(host_keys),
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(inventory, (), None, master, tuple(ignore_preflight_errors or ()))
    settings = Settings(
        timeout, concurrency, network, captures, plan, verbose, log_file, tuple(hosts)
    )
    with prepared(asked, overrides, settings) as run:
        task = Task(
            f"kscan join {' '.join(hosts)} -i {run.loaded.request.source}",
            JOIN,
            FINISH,
            needs_member=True,
            named=run.named,
            smoke=smoke_options(run.loaded.request, smoke_image, smoke_timeout, smoke=smoke),
            yes=yes,
            plan_only=plan,
            offline=captures is not None,
            inventory=run.inventory,
        )
        shown = Output(format_, output, quiet=quiet, bar=not verbose)
        raise typer.Exit(bring_up(task, run.loaded, run.machines, run.options, shown))
