"""What is read of a manifest is what the component itself takes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scanner.cluster.steps.manifest_flag import FLAG

MANIFEST = """\
  containers:
  - command:
    - etcd
    - --data-dir=/var/lib/etcd
    - --data-dir-x=/elsewhere
    - "--name=node one"
    - '--initial-cluster=node1=https://[::1]:2380'
    - --data-dir=/data/etcd
    image: etcd
"""


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("etcd data-dir", "/data/etcd\n"),
        ("etcd name", "node one\n"),
        ("etcd initial-cluster", "node1=https://[::1]:2380\n"),
        ("etcd image", ""),
        ("kube-apiserver secure-port", ""),
    ],
)
def test_the_last_one_counts(tmp_path: Path, shell: str, asked: str, said: str) -> None:
    (tmp_path / "etcd.yaml").write_text(MANIFEST, encoding="utf-8")
    text = FLAG.replace("/etc/kubernetes/manifests", str(tmp_path))
    script = f"set -e\n{text}flag {asked}\n"
    words = [*shell.split(), "-c", script]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == (said, "")
