"""Versions: of the kubelet, shown by a script before it on the search path, and of Kubernetes."""

from __future__ import annotations

from tests.e2e.parity.case import Case, Cluster, Phase, row
from tests.e2e.parity.versions import (
    LATE,
    NEWER,
    NEWER_ALPHA,
    OLDER,
    OLDER_CANDIDATE,
    SAME,
    TOO_OLD,
)
from tests.lab.fault_makers import not_executable, shim
from tests.lab.faults import Fault, program_missing


def kubelet(version: str) -> Fault:
    return shim("kubelet", version, f"echo Kubernetes {version}")


SAYING = f"echo Kubernetes {SAME}"
GARBAGE = shim("kubelet", "says nothing of use", "echo hello")
SILENT = shim("kubelet", "says nothing", ":")
ON_STDERR = shim("kubelet", "warns on stderr", f"echo W1 warning >&2; {SAYING}")
ONLY_STDERR = shim("kubelet", "says it on stderr only", f"{SAYING} >&2")
TWO_LINES = shim("kubelet", "says two lines", f"echo Flag is deprecated; {SAYING}")
FAILING = shim("kubelet", "fails", f"{SAYING}; exit 1")
NO_LOADER = shim("kubelet", "cannot be executed", "exec /nowhere/kubelet")
MISSING = program_missing("/usr/bin/kubelet")

NEWER_CLUSTER = Cluster(version=NEWER)
OLDER_CLUSTER = Cluster(version=OLDER)

CASES = (
    *(row(kubelet(version)) for version in (TOO_OLD, OLDER, NEWER, LATE)),
    row(kubelet(NEWER_ALPHA)),
    row(kubelet(OLDER_CANDIDATE)),
    row(kubelet(f"{SAME}+k3s1")),
    row(kubelet(SAME.removeprefix("v"))),
    row(kubelet("v2.0.0")),
    row(kubelet(SAME.rpartition(".")[0])),
    row(GARBAGE),
    row(SILENT),
    row(ON_STDERR),
    row(ONLY_STDERR),
    row(TWO_LINES),
    row(FAILING),
    row(NO_LOADER),
    row(MISSING),
    row(not_executable("/usr/bin/kubelet")),
    *(row(kubelet(version), phase=Phase.WORKER) for version in (TOO_OLD, NEWER)),
    row(GARBAGE, phase=Phase.WORKER),
    row(MISSING, phase=Phase.WORKER),
    Case(f"kubernetesVersion {NEWER}", cluster=NEWER_CLUSTER),
    Case(f"kubernetesVersion {NEWER_ALPHA}", cluster=Cluster(version=NEWER_ALPHA)),
    Case(f"kubernetesVersion {LATE}", cluster=Cluster(version=LATE)),
    Case(f"kubernetesVersion {OLDER}, the kubelet is newer", cluster=OLDER_CLUSTER),
    Case(
        f"kubernetesVersion {OLDER}, kubelet {OLDER}",
        (kubelet(OLDER),),
        cluster=OLDER_CLUSTER,
    ),
    Case(
        f"kubernetesVersion {NEWER}, kubelet {NEWER}",
        (kubelet(NEWER),),
        cluster=NEWER_CLUSTER,
    ),
    Case(
        f"kubernetesVersion {TOO_OLD}",
        cluster=Cluster(version=TOO_OLD),
        refused="this version of kubeadm only supports deploying clusters with the control plane",
    ),
)
