"""Are the control plane's images there already?"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.cri_socket import find_socket
from scanner.checks.dockershim import ask_docker, uses_dockershim
from scanner.checks.rule import (
    CONTROL_PLANE,
    INIT,
    Evidence,
    Finding,
    Severity,
    check,
    clip,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.programs import Docker
from scanner.kubeadm import cri_sockets, images, releases
from scanner.request import LocalEtcd
from scanner.target import Target


@check(
    "KS218",
    "images of the control plane",
    *history(INIT, Severity.WARNING, until="1.14"),
    *history(CONTROL_PLANE, Severity.WARNING, since="1.14", gaps=Evidence.NOTES),
    kubeadm="ImagePull",
    remedy="Pull them before the day with `kubeadm config images pull`; on a host without a way "
    "to the registry load them from a file with `docker load` or `ctr -n k8s.io images import`.",
    worst=lambda target: Severity.ERROR if _never_pulls(target) else None,
)
def control_plane_images(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Compare the runtime's images with those kubeadm wants; passes if all of them are there.

    kubeadm pulls what is missing, which is a change that kscan never makes: missing images are a
    warning, and with imagePullPolicy Never (obeyed from 1.22 on) an error. Whether the registry can
    be reached is not tried. Tags that are not known for a release leave the answer open. Source:
    app/images and preflight/checks.go ImagePullCheck, v1.20.2; lists printed by each release.
    """
    wanted = images.wanted(
        target.kubeadm,
        target.kubernetes,
        target.cluster.image_repository,
        local_etcd=isinstance(target.cluster.etcd, LocalEtcd),
    )
    have = {_full(name) for name in _present(facts, target)}
    missing = [name for name in wanted.names if _full(name) not in have]
    never = _never_pulls(target)
    if missing:
        then = "imagePullPolicy is Never" if never else "kubeadm will pull them"
        yield Finding(
            f"{len(missing)} of {len(wanted.names)} images are missing, and {then}: "
            f"{clip(', '.join(missing))}",
            have=f"{len(wanted.names) - len(missing)} images",
            need=f"{len(wanted.names)} images",
            source=clip(target.cri_socket),
            severity=Severity.ERROR if never else Severity.WARNING,
        )
    if wanted.unknown:
        raise FactMissing(
            f"which {', '.join(wanted.unknown)} kubeadm v{target.kubeadm} wants for Kubernetes "
            f"v{target.kubernetes}"
        )


def _never_pulls(target: Target) -> bool:
    policy = target.cluster.image_pull_policy
    return releases.find(target.kubeadm).pull_policy and policy == "Never"


def _present(facts: Facts, target: Target) -> frozenset[str]:
    if uses_dockershim(target):
        docker = ask_docker(facts)
        found = docker.images
    else:
        answer = find_socket(facts, target.cri_socket)
        found = None if answer is None else answer.images
        if found is None and target.cri_socket == cri_sockets.CRI_DOCKERD:
            found = facts[Docker].images
    if found is None:
        raise FactMissing("the container runtime did not list its images")
    return found


def _full(name: str) -> str:
    """A name with its registry, as runtimes keep it: without one it is Docker Hub's."""
    first, slash, _ = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    if first != "localhost" and not set(first) & set(".:"):
        return f"docker.io/{name}"
    return name
