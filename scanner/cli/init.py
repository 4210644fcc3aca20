"""`kscan init`: a cluster of the inventory's hosts."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Captures, InventoryArgument, PlanOnly, YesToAll
from scanner.cli.smoke_options import (
    Smoke,
    SmokeImage,
    SmokeTimeout,
    smoke_options,
)


def init(
    inventory: InventoryArgument = None,
    inventory_option: opt.InventoryOption = None,
    master: opt.Master = None,
    limit: opt.Limit = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
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
    network: opt.NetworkOption = None,
    cni_profile: opt.CniProfileOption = None,
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
    """Make a cluster of the hosts: kubeadm init on the master, the network add-on, all the joins.

    All hosts are checked first; if one of them is not ready, nothing is changed anywhere. What is
    to be done is shown and asked for. kubeadm runs detached: if kscan or the connection ends, the
    same command goes on where it stopped. On a finished cluster it changes nothing.

    Exit status: 0 the cluster is there, 2 usage, inventory, or another run at work, 3 a check or a
    step failed, 4 a host is unreachable or something that could block is not known, 130
    interrupted.
    """
    from scanner.cli.asked import Asked
    from scanner.cli.bring_up import Task, bring_up
    from scanner.cli.document import Output
    from scanner.cli.plan_text import plan_is_text
    from scanner.cli.prepared import Settings, prepared
    from scanner.cluster.sequence import FINISH, INIT
    from scanner.inventory.overrides import Overrides

    plan_is_text(format_, plan=plan)
    overrides = Overrides(
        kubernetes_version=kubernetes_version,
        user=user,
        port=port,
        identity_file=identity_file,
        jump=jump,
        sudo=sudo,
        host_keys=opt.host_keys(host_keys),
        cni_profile=cni_profile,
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(
        opt.one_inventory(inventory, inventory_option),
        (),
        limit,
        master,
        tuple(ignore_preflight_errors or ()),
    )
    settings = Settings(timeout, concurrency, network, captures, plan, verbose, log_file)
    with prepared(asked, overrides, settings) as run:
        task = Task(
            f"kscan init {run.loaded.request.source}",
            INIT,
            FINISH,
            smoke=smoke_options(run.loaded.request, smoke_image, smoke_timeout, smoke=smoke),
            yes=yes,
            plan_only=plan,
            offline=captures is not None,
            inventory=run.inventory,
        )
        shown = Output(format_, output, quiet=quiet, bar=not verbose)
        raise typer.Exit(bring_up(task, run.loaded, run.machines, run.options, shown))
