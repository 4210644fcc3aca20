"""Does controlPlaneEndpoint lead to a host that is reset? Those that stay go through it."""

from __future__ import annotations

from scanner.cluster.addresses import spelled
from scanner.cluster.plan import Plan
from scanner.resolve import endpoint_host


def endpoint_goes(plan: Plan) -> str:
    """What the hosts that stay lose, in one line; empty if that is nothing, as far as is known.

    A name is what the control plane that stays takes it for. A virtual address is on one host at a
    time, and looks like its own.

    Args:
        plan: with the hosts that go named.
    """
    name = endpoint_host(plan.cluster.control_plane_endpoint)
    if not (name and plan.stays):
        return ""
    told = (name, *plan.member(plan.stays).endpoint)
    leads_to = {*map(spelled, told)} - {""}
    going = (member for member in plan.members if member.name in plan.named)
    owners = [
        member.name
        for member in going
        if member.machine is not None and leads_to & {*map(spelled, member.machine.addresses)}
    ]
    if not owners:
        return ""
    return (
        f"controlPlaneEndpoint {name} leads to {', '.join(owners)}: unless it moves on, as a "
        "virtual address does, kubelets and whoever has admin.conf find no API server until it "
        "leads to a control plane that stays"
    )
