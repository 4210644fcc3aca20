"""Can the container runtime tell the kubelet its cgroup driver?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.checks.cri_socket import find_socket
from scanner.checks.rule import ALL, Evidence, Finding, Severity, check, clip, history
from scanner.facts.base import FactMissing, Facts
from scanner.facts.cri import CriSocket, Runtime
from scanner.kubeadm.cri_runtimes import RUNTIME_CONFIG
from scanner.target import Target

_MINOR = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})\b")


@check(
    "KS217",
    "container runtime's version",
    *history(ALL, Severity.WARNING, since="1.35", gaps=Evidence.NOTES),
    kubeadm="ContainerRuntimeVersion",
    remedy="Upgrade the container runtime: containerd to 2.0 or later, CRI-O to 1.28 or later.",
)
def container_runtime_version(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask the runtime for RuntimeConfig, over gRPC; passes if it implements that.

    Where the runtime's version is all that is known, that of the first release with RuntimeConfig
    is compared: containerd 2.0, CRI-O 1.28. Without it the kubelet takes cgroupDriver from its own
    configuration, which a later Kubernetes will no longer do. Source: release notes of 1.35
    (PR#134906), 1.36 (PR#136898) and 1.37 (PR#139122).
    """
    answer = find_socket(facts, target.cri_socket)
    if answer is None:
        raise FactMissing(f"the container runtime's socket {target.cri_socket} does not exist")
    if answer.rpc is not None and answer.rpc.runtime_config is not None:
        implements = answer.rpc.runtime_config
    else:
        implements = _by_version(answer)
    if not implements:
        name = _name(answer.runtime)
        yield Finding(
            f"{name} does not implement RuntimeConfig: the kubelet takes the cgroup driver from "
            "its own configuration instead, which a later Kubernetes will no longer do",
            have=name,
            need="RuntimeConfig of the CRI, as containerd 2.0 and CRI-O 1.28 have it",
            source=f"unix://{clip(target.cri_socket)}",
        )


def _by_version(answer: CriSocket) -> bool:
    runtime = answer.runtime
    if runtime is None:
        failure = answer.unasked if answer.rpc is None else answer.rpc.failure
        raise FactMissing(f"the container runtime did not tell its version: {failure}")
    since = RUNTIME_CONFIG.get(runtime.name)
    found = _MINOR.match(runtime.version)
    if since is None or found is None:
        raise FactMissing(f"whether {_name(runtime)} implements RuntimeConfig is not known")
    return (int(found[1]), int(found[2])) >= since


def _name(runtime: Runtime | None) -> str:
    return "the runtime" if runtime is None else clip(f"{runtime.name} {runtime.version}")
