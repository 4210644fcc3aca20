"""`kscan reset HOST...`: hosts taken out of the cluster and made what they were before."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Captures, HostNames, NeededInventory, PlanOnly, YesToAll


def reset(
    hosts: HostNames,
    inventory: NeededInventory = None,
    master: opt.Master = None,
    ask_pass: opt.AskPass = False,
    ask_sudo_pass: opt.AskSudoPass = False,
    host_keys: opt.HostKeysOption = None,
    timeout: opt.Timeout = 60.0,
    plan: PlanOnly = False,
    captures: Captures = None,
    yes: YesToAll = False,
    format_: opt.FormatOption = None,
    output: opt.Output = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
) -> None:
    """Undo init or join on the named hosts: drain, kubeadm reset, and what that leaves removed.

    Everything of the cluster on these hosts is lost; with the last control plane, the cluster is.
    Nothing is changed where the cluster's Node of that name is another machine, or where etcd could
    not do without the host; it is asked through a control plane that stays.
    The names must be typed again, or --yes given, which takes no groups and no
    patterns. Containers, images and packages stay.

    Exit status: 0 done, 2 usage, inventory, or another run at work, 3 a step failed or was refused,
    4 a host is unreachable, 130 interrupted.
    """
    from scanner.cli.asked import Asked
    from scanner.cli.document import Output
    from scanner.cli.plan_text import plan_is_text
    from scanner.cli.prepared import Settings, prepared
    from scanner.cli.take_down import take_down
    from scanner.errors import UsageError
    from scanner.inventory.overrides import Overrides

    plan_is_text(format_, plan=plan)
    overrides = Overrides(
        host_keys=opt.host_keys(host_keys),
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(inventory, (), None, master)
    settings = Settings(
        timeout,
        captures=captures,
        plan_only=plan,
        verbose=verbose,
        log_file=log_file,
        hosts=tuple(hosts),
        with_control_planes=True,
    )
    words = {word.strip() for part in hosts for word in part.split(",")} - {""}
    with prepared(asked, overrides, settings) as run:
        if yes and not plan and words != run.named:
            raise UsageError("with --yes name every host by its own name: no groups, no patterns")
        shown = Output(format_, output, quiet=quiet, bar=not verbose)
        raise typer.Exit(take_down(run, shown, yes=yes, plan_only=plan))
