"""admin.conf to this machine: the way in for whoever made the cluster."""

from __future__ import annotations

from scanner.cluster.action import Action, Command, Gives, SaveKubeconfig
from scanner.cluster.phase import Phase
from scanner.cluster.plan import Plan


def _fetch(plan: Plan, host: str) -> tuple[Action, ...]:
    source = Command(host, "cat /etc/kubernetes/admin.conf", gives=Gives.KUBECONFIG)
    return (SaveKubeconfig(plan.kubeconfig, source),)


FETCH = Phase(
    "kubeconfig",
    "admin.conf of {host} to this machine",
    lambda plan: (plan.master,) if plan.kubeconfig else (),
    _fetch,
)
