"""Security modules of the kernel that stand in a cluster's way."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check
from scanner.facts.base import Facts
from scanner.facts.security import Security, Selinux
from scanner.target import Target


@check(
    "KS431",
    "SELinux",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Run `setenforce 0` and set SELINUX=permissive in /etc/selinux/config; or leave it on, "
    "if container-selinux is installed and the network add-on and volumes are made for it.",
)
def selinux(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read /sys/fs/selinux/enforce; passes if SELinux is permissive or off.

    Whether the runtime and the add-ons know SELinux cannot be seen, so that this is a warning.
    AppArmor is only shown among the facts: Kubernetes works with it. Source: kubernetes.io,
    "Installing kubeadm": "Set SELinux to permissive mode".
    """
    if facts[Security].selinux is Selinux.ENFORCING:
        yield Finding(
            "SELinux is enforcing, and pods may be kept from files and networks that they need",
            have="enforcing",
            need="permissive, or a runtime and add-ons that know SELinux",
            source="/sys/fs/selinux/enforce",
        )
