"""`kscan join HOST...`: more hosts for a cluster that runs."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Change, HostNames, NeededInventory
from scanner.cli.groups import Pace, Told, Trust
from scanner.cli.smoke_options import Smoke


def join(
    *,
    hosts: HostNames,
    inventory: NeededInventory = None,
    master: opt.Master = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    trust: Trust,
    pace: Pace,
    network: opt.NetworkOption = None,
    smoke: Smoke,
    change: Change,
    told: Told,
) -> None:
    """Join hosts of the inventory to the cluster that its first control plane, or --master, runs.

    Only these hosts and the master are checked and take part. Everything else is as with init.
    """
    from scanner.cli.asked import Asked, overrides_of
    from scanner.cli.change.bring_up import bring_up
    from scanner.cli.change.plan_text import plan_is_text
    from scanner.cli.change.prepared import Settings, prepared
    from scanner.cli.change.task import Task, typed
    from scanner.cli.document import output_of_change
    from scanner.cluster.sequence import FINISH, JOIN

    plan_is_text(change.format_, plan=change.plan)
    said = overrides_of(trust, kubernetes_version=kubernetes_version)
    asked = Asked(inventory, (), None, master, tuple(ignore_preflight_errors or ()))
    settings = Settings(pace, change, told, network, tuple(hosts))
    with prepared(asked, said, settings) as run:
        task = Task(
            typed(
                *("join", *hosts, "-i", run.loaded.request.source),
                master=master,
                kubernetes_version=kubernetes_version,
                ignore_preflight_errors=",".join(asked.ignore),
            ),
            JOIN,
            FINISH,
            needs_member=True,
            smoke=smoke.options(run.loaded.request),
            yes=change.yes,
            plan_only=change.plan,
            offline=change.captures is not None,
        )
        shown = output_of_change(change, told)
        raise typer.Exit(bring_up(task, run, shown))
