"""A cluster with each kind of host, and everything that an inventory can ask for, as a plan."""

from __future__ import annotations

from dataclasses import replace

from scanner.cluster.plan import ManifestFile, Plan
from scanner.target import Role
from tests.cluster.machine import host, member, plan

CNI = ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n")


def whole(*, joined: bool = False, minor: int = 20) -> Plan:
    labels = (("zone", "a"),)
    worker = member("node4", Role.JOIN_WORKER, joined=joined, minor=minor)
    return plan(
        member("node1", Role.INIT, joined=joined, minor=minor),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=joined, minor=minor),
        member("node3", Role.JOIN_CONTROL_PLANE, joined=joined, minor=minor),
        replace(worker, host=host("node4", labels=labels)),
        member("node5", Role.JOIN_WORKER, joined=joined, minor=minor),
        cni=CNI,
        addons=(ManifestFile("web", "https://example/web.yaml"),),
        kubeconfig=".kscan/prod/admin.conf",
    )
