"""Pods of the control plane's components: which of them runs which one, and with what flags."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.verify.objects import Object, objects, text, texts


def pods_of(component: str, pods: Iterable[Object]) -> tuple[Object, ...]:
    """Those of the pods that run it, by the label that kubeadm gives them."""
    return tuple(pod for pod in pods if text(pod, "metadata", "labels", "component") == component)


def flag(pod: Object, name: str) -> str:
    """The value of `--name=value`, the last one as the component takes it; empty if it has none."""
    found = ""
    for container in objects(pod, "spec", "containers"):
        for word in (*texts(container, "command"), *texts(container, "args")):
            if word.startswith(f"--{name}="):
                found = word.partition("=")[2]
    return found
