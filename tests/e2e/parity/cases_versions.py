"""Versions: of the kubelet, shown by a script before it on the search path, and of Kubernetes."""

from __future__ import annotations

from tests.e2e.parity.case import Case, Cluster, Phase, row
from tests.lab.fault_makers import not_executable, shim
from tests.lab.faults import Fault, program_missing


def kubelet(version: str) -> Fault:
    return shim("kubelet", version, f"echo Kubernetes {version}")


GARBAGE = shim("kubelet", "says nothing of use", "echo hello")
SILENT = shim("kubelet", "says nothing", ":")
ON_STDERR = shim("kubelet", "warns on stderr", "echo W1 warning >&2; echo Kubernetes v1.20.2")
ONLY_STDERR = shim("kubelet", "says it on stderr only", "echo Kubernetes v1.20.2 >&2")
TWO_LINES = shim("kubelet", "says two lines", "echo Flag is deprecated; echo Kubernetes v1.20.2")
FAILING = shim("kubelet", "fails", "echo Kubernetes v1.20.2; exit 1")
NO_LOADER = shim("kubelet", "cannot be executed", "exec /nowhere/kubelet")
MISSING = program_missing("/usr/bin/kubelet")

NEWER = Cluster(version="v1.21.0")
OLDER = Cluster(version="v1.19.0")

CASES = (
    *(row(kubelet(version)) for version in ("v1.18.20", "v1.19.0", "v1.21.0", "v1.20.99")),
    row(kubelet("v1.21.0-alpha.1")),
    row(kubelet("v1.19.0-rc.1")),
    row(kubelet("v1.20.2+k3s1")),
    row(kubelet("1.20.2")),
    row(kubelet("v2.0.0")),
    row(kubelet("v1.20")),
    row(GARBAGE),
    row(SILENT),
    row(ON_STDERR),
    row(ONLY_STDERR),
    row(TWO_LINES),
    row(FAILING),
    row(NO_LOADER),
    row(MISSING),
    row(not_executable("/usr/bin/kubelet")),
    *(row(kubelet(version), phase=Phase.WORKER) for version in ("v1.18.20", "v1.21.0")),
    row(GARBAGE, phase=Phase.WORKER),
    row(MISSING, phase=Phase.WORKER),
    Case("kubernetesVersion v1.21.0", cluster=NEWER),
    Case("kubernetesVersion v1.21.0-alpha.1", cluster=Cluster(version="v1.21.0-alpha.1")),
    Case("kubernetesVersion v1.20.99", cluster=Cluster(version="v1.20.99")),
    Case("kubernetesVersion v1.19.0, the kubelet is newer", cluster=OLDER),
    Case("kubernetesVersion v1.19.0, kubelet v1.19.0", (kubelet("v1.19.0"),), cluster=OLDER),
    Case("kubernetesVersion v1.21.0, kubelet v1.21.0", (kubelet("v1.21.0"),), cluster=NEWER),
    Case(
        "kubernetesVersion v1.18.20",
        cluster=Cluster(version="v1.18.20"),
        refused="this version of kubeadm only supports deploying clusters with the control plane",
    ),
)
