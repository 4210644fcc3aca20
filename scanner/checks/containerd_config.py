"""containerd's configuration, where it keeps the kubelet out."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.cri_socket import another_socket
from scanner.checks.rule import ALL, Finding, Severity, applies, check
from scanner.facts.base import FactMissing, Facts
from scanner.facts.runtime_config import CONTAINERD_CONFIG, ContainerdConfig
from scanner.request import ContainerRuntime
from scanner.target import Target

_CRI = frozenset(
    {
        *("cri", "io.containerd.grpc.v1.cri"),
        *("io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"),
    }
)
"""The names of the CRI plugin: version 1 and 2 of the configuration, and its parts in version 3
(containerd, docs/PLUGINS.md and docs/cri/config.md)."""


@check(
    "KS216",
    "containerd's CRI plugin",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy=f"Take the CRI plugin out of disabled_plugins in {CONTAINERD_CONFIG} and run "
    "`systemctl restart containerd`; Docker's package containerd.io ships it disabled.",
    subjects=lambda target: ("",) if target.runtime is ContainerRuntime.CONTAINERD else (),
    skip=another_socket,
)
def cri_plugin(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read disabled_plugins of /etc/containerd/config.toml; passes if the CRI plugin is not there.

    Without that file nothing is disabled. kubeadm's check CRI fails on such a host too, but only
    says that an unknown service does not answer. Files that it imports are not read: where there
    are any they may disable more, and nothing that this file disables comes back.
    """
    config = facts[ContainerdConfig]
    disabled = sorted(_CRI.intersection(config.disabled_plugins))
    if disabled:
        names = ", ".join(disabled)
        yield Finding(
            f"containerd's CRI plugin is disabled ({names}), so that no kubelet can use it",
            have=f"disabled_plugins: {names}",
            need="not disabled",
            source=CONTAINERD_CONFIG,
        )
    elif config.unclear:
        raise FactMissing(f"{CONTAINERD_CONFIG} is written in a way that is not read here")
    elif config.imports:
        raise FactMissing(f"{CONTAINERD_CONFIG} imports other files, which are not read")
