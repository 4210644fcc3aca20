"""Where etcd may keep its data: `kubeadm reset` empties that directory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.inventory import scalars

Lines = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("/", "/etc/kubernetes"),
        ("/etc", "/etc/kubernetes"),
        ("/etc/kubernetes", "/etc/kubernetes"),
        ("//etc//kubernetes/", "/etc/kubernetes"),
        ("/srv/../etc/kubernetes", "/etc/kubernetes"),
        ("/etc/kubernetes/manifests", "/etc/kubernetes/manifests"),
        ("/etc/kubernetes/pki/etcd", "/etc/kubernetes/pki"),
        ("/var/lib", "/var/lib/kubelet"),
        ("/var/lib/kubelet/etcd", "/var/lib/kubelet"),
    ],
)
def test_a_directory_of_kubeadms_is_refused(lines: Lines, path: str, owned: str) -> None:
    (line,) = lines(
        f"cluster:\n  etcd:\n    local: {{dataDir: {path}}}\n"
        "hosts: [{name: a, address: 192.0.2.1}]\n"
    )
    assert line.startswith("inventory.yaml:3: cluster.etcd.local.dataDir: ")
    assert f"kubeadm keeps other files in {owned}, and its reset empties dataDir" in line


@pytest.mark.parametrize(
    "path", ["/var/lib/etcd", "/etc/kubernetes/etcd", "/var/lib/kubelet-etcd", "/data/etcd/"]
)
def test_a_directory_of_its_own_is_taken_as_it_is_written(path: str) -> None:
    assert scalars.etcd_directory(path) == path
