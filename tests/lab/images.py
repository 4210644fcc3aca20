"""The file systems that lab hosts are made of: the base root file system and the layer of a good
Kubernetes host on top of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE_BINARIES = ("kubeadm", "kubelet", "kubectl")
ENABLED = {
    "multi-user.target.wants": ("docker.service", "containerd.service", "kubelet.service"),
    "sockets.target.wants": ("docker.socket",),
}


def cache() -> Path:
    """Folder outside the checkout that keeps what is made once."""
    return Path(os.environ.get("KSCAN_LAB_CACHE") or "/var/cache/kscan-lab")


def rootfs() -> Path:
    """Root file system that all hosts share; made on first use, about a minute."""
    return _made_by("rootfs.sh")


def machine(layer: Path) -> Path:
    """Folder with the disk, kernel and initrd of a virtual machine; made on first use, 2 minutes.

    `layer` must not exist; it is filled with what makes the machine a good Kubernetes host.
    """
    kube_layer(layer)
    return _made_by("vm.sh", str(layer))


def kubernetes(binaries: Sequence[str] = NODE_BINARIES) -> Path:
    """Folder with real Kubernetes binaries; built on first use, some minutes."""
    return _made_by("kubernetes.sh", *binaries)


def kube_layer(layer: Path, binaries: Sequence[str] = NODE_BINARIES) -> None:
    """Fill `layer` with all that makes the base a host on which kubeadm's preflight is content."""
    source = kubernetes(binaries)
    shutil.copytree(HERE / "layers" / "kube", layer)
    for path in [layer, *layer.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    for binary in binaries:
        _link(source / binary, layer / "usr" / "bin" / binary)
    for wants, units in ENABLED.items():
        folder = layer / "etc" / "systemd" / "system" / wants
        folder.mkdir()
        for unit in units:
            (folder / unit).symlink_to(f"/lib/systemd/system/{unit}")


def _link(source: Path, target: Path) -> None:
    # A hard link costs nothing, and no host can write through it: overlayfs copies up first.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _made_by(script: str, *arguments: str) -> Path:
    command = ["sh", str(HERE / script), *arguments]
    made = subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    return Path(made.stdout.splitlines()[-1])
