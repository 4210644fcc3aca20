"""`kscan init`: a cluster of the inventory's hosts."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Change, InventoryArgument
from scanner.cli.groups import Login, Pace, Told, Trust
from scanner.cli.smoke_options import Smoke


def init(
    *,
    inventory: InventoryArgument = None,
    inventory_option: opt.InventoryOption = None,
    master: opt.Master = None,
    limit: opt.Limit = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    login: Login,
    trust: Trust,
    pace: Pace,
    network: opt.NetworkOption = None,
    cni_profile: opt.CniProfileOption = None,
    smoke: Smoke,
    change: Change,
    told: Told,
) -> None:
    """Make a cluster of the hosts: kubeadm init on the master, the network add-on, all the joins.

    All hosts are checked first; if one of them is not ready, nothing is changed anywhere. What is
    to be done is shown and asked for. kubeadm runs detached: if kscan or the connection ends, the
    same command goes on where it stopped. On a finished cluster it changes nothing.

    Exit status: 0 the cluster is there, 2 usage, inventory, or another run at work, 3 a check or a
    step failed, 4 a host is unreachable or something that could block is not known, 130
    interrupted.
    """
    from scanner.cli.asked import Asked, overrides_of
    from scanner.cli.change.bring_up import bring_up
    from scanner.cli.change.plan_text import plan_is_text
    from scanner.cli.change.prepared import Settings, prepared
    from scanner.cli.change.task import Task, typed
    from scanner.cli.document import output_of_change
    from scanner.cluster.sequence import FINISH, INIT

    plan_is_text(change.format_, plan=change.plan)
    said = overrides_of(
        trust, login, kubernetes_version=kubernetes_version, cni_profile=cni_profile
    )
    asked = Asked(
        opt.one_inventory(inventory, inventory_option),
        (),
        limit,
        master,
        tuple(ignore_preflight_errors or ()),
    )
    settings = Settings(pace, change, told, network)
    with prepared(asked, said, settings) as run:
        task = Task(
            typed(
                "init",
                run.loaded.request.source,
                master=master,
                limit=limit,
                kubernetes_version=kubernetes_version,
                ignore_preflight_errors=",".join(asked.ignore),
            ),
            INIT,
            FINISH,
            smoke=smoke.options(run.loaded.request),
            yes=change.yes,
            plan_only=change.plan,
            offline=change.captures is not None,
        )
        shown = output_of_change(change, told)
        raise typer.Exit(bring_up(task, run, shown))
