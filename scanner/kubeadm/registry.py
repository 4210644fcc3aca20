"""Where a node's images come from, as a URL of the registry's API."""

from __future__ import annotations

from scanner.kubeadm.images import REGISTRY, wanted
from scanner.request import Cluster

IMAGE = "kube-proxy"
"""Every node pulls it."""
_DOCKER_HUB = "registry-1.docker.io"
_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry.hub.docker.com"})


def manifest_url(cluster: Cluster) -> str:
    """The manifest of kube-proxy in the version asked for; without one, the registry's root.

    Names are read as image references: a first part without a dot, a colon or `localhost` is a
    repository of Docker Hub. Source: distribution/reference; the OCI distribution specification,
    "Pulling manifests".
    """
    version = cluster.kubernetes_version
    if version is None:
        return f"https://{_split(cluster.image_repository or REGISTRY)[0]}/v2/"
    names = wanted(version, version, cluster.image_repository, local_etcd=True).names
    image = next(name for name in names if f"/{IMAGE}:" in name)
    reference, _, tag = image.rpartition(":")
    host, path = _split(reference)
    return f"https://{host}/v2/{path}/manifests/{tag}"


def _split(reference: str) -> tuple[str, str]:
    """Registry and path of a reference without its tag."""
    first, _, path = reference.partition("/")
    if first != "localhost" and not {".", ":"} & set(first):
        return _DOCKER_HUB, reference
    return (_DOCKER_HUB if first in _HUB_NAMES else first), path
