"""`kscan reset HOST...`: hosts taken out of the cluster and made what they were before."""

from __future__ import annotations

import typer

from scanner.cli import options as opt
from scanner.cli.cluster_options import Change, HostNames, NeededInventory
from scanner.cli.groups import Pace, Told, Trust


def reset(
    *,
    hosts: HostNames,
    inventory: NeededInventory = None,
    master: opt.Master = None,
    trust: Trust,
    timeout: opt.Timeout = 60.0,
    change: Change,
    told: Told,
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
    from scanner.cli.asked import Asked, overrides_of
    from scanner.cli.change.plan_text import plan_is_text
    from scanner.cli.change.prepared import Settings, prepared
    from scanner.cli.change.take_down import take_down
    from scanner.cli.document import output_of_change
    from scanner.errors import UsageError

    plan_is_text(change.format_, plan=change.plan)
    said = overrides_of(trust)
    asked = Asked(inventory, (), None, master)
    settings = Settings(Pace(timeout), change, told, hosts=tuple(hosts), with_control_planes=True)
    words = {word.strip() for part in hosts for word in part.split(",")} - {""}
    with prepared(asked, said, settings) as run:
        if change.yes and not change.plan and words != run.named:
            raise UsageError("with --yes name every host by its own name: no groups, no patterns")
        shown = output_of_change(change, told)
        raise typer.Exit(take_down(run, shown, yes=change.yes, plan_only=change.plan))
