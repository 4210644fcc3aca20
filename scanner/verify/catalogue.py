"""All steps of verify, in the order of their ids: the eleven of kubeadm, then the components."""

from __future__ import annotations

from scanner.checks.named import collect
from scanner.verify import (
    addons,
    cluster_info,
    configuration,
    control_plane,
    dns,
    joining,
    kube_proxy,
    kubelet_config,
    left_over,
    marks,
    nodes,
    tokens,
)
from scanner.verify.objects import Ref
from scanner.verify.step import Step
from scanner.versions import Version

VERIFY_CATALOGUE: tuple[Step, ...] = collect(
    Step,
    addons,
    cluster_info,
    configuration,
    control_plane,
    dns,
    joining,
    kube_proxy,
    kubelet_config,
    left_over,
    marks,
    nodes,
    tokens,
)


def reads(version: Version) -> tuple[Ref, ...]:
    """Every object that the steps look at by its name, each once."""
    return tuple(dict.fromkeys(ref for step in VERIFY_CATALOGUE for ref in step.reads(version)))
