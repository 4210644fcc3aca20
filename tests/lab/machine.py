"""Starts the machine behind one lab host: systemd in a container, on an overlay of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import network

# Runs in a mount namespace of its own, so that the overlay goes when the host goes and this
# machine never sees it. Without the last umount the host would keep the network namespaces of
# other labs alive.
LAUNCH = """
set -eu
root=$1 overlay=$2 netns=$3
shift 3
while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done
shift
mount -t overlay lab "$root" -o "$overlay"
exec nsenter --net="/run/netns/$netns" sh -c 'umount -R -l /run/netns || :; exec "$@"' sh "$@"
"""
BOUND = ("docker", "containerd", "kubelet")
"""Folders of /var/lib that must be on a real file system: overlayfs on overlayfs does not work."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that is needed to start one host's machine."""

    machine: str
    """Name of the container, unique on this machine."""
    hostname: str
    netns: str
    folder: Path
    """The host's own folder: changes, bind-mounted data, console log."""
    layers: tuple[Path, ...]
    """Read-only file systems, topmost first."""
    groups: tuple[Path, ...]

    @property
    def upper(self) -> Path:
        """The host's own changes; files put here before the start are on the host."""
        return self.folder / "upper"

    @property
    def console(self) -> Path:
        """What the machine printed while it ran."""
        return self.folder / "console.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in the background; the process is systemd-nspawn once it is up."""
        root = self.folder / "root"
        work = self.folder / "work"
        for path in (root, work, self.upper):
            path.mkdir(parents=True, exist_ok=True)
        lower = ":".join(str(layer) for layer in self.layers)
        overlay = f"lowerdir={lower},upperdir={self.upper},workdir={work}"
        command = [
            *("unshare", "--mount", "sh", "-c", LAUNCH, "launch"),
            *(str(root), overlay, self.netns, *(str(group) for group in self.groups), "--"),
            *self._nspawn(root),
        ]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "1",
            "SYSTEMD_NSPAWN_USE_CGNS": "1",
            "SYSTEMD_NSPAWN_LOCK": "0",
        }
        with self.console.open("wb") as console:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the lab, which then stops its hosts in order.
                start_new_session=True,
            )

    def _nspawn(self, root: Path) -> Sequence[str]:
        binds = []
        for name in BOUND:
            data = self.folder / "data" / name
            data.mkdir(parents=True)
            binds.append(f"--bind={data}:/var/lib/{name}")
        return (
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
            *(f"--directory={root}", f"--machine={self.machine}", f"--hostname={self.hostname}"),
            *("--network-namespace-path=/proc/self/ns/net", "--resolv-conf=off", "--timezone=off"),
            *("--capability=all", "--system-call-filter=add_key keyctl bpf @keyring", *binds),
        )


def keypair(path: Path) -> Path:
    """Make an ed25519 key without a passphrase; the public key is beside it."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "kscan-lab", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def furnish(upper: Path, name: str, ports: Sequence[network.Port], key: Path) -> str:
    """Put a host's own files in place before it boots; its public host key."""
    ssh = upper / "etc" / "ssh"
    ssh.mkdir(parents=True)
    host_key = keypair(ssh / "ssh_host_ed25519_key").with_suffix(".pub")
    shutil.copyfile(key.with_suffix(".pub"), ssh / "lab_authorized_keys")
    (upper / "etc" / "hostname").write_text(f"{name}\n", encoding="ascii")
    table = ["127.0.0.1 localhost", "::1 ip6-localhost"]
    table += [f"{port.address} {port.name}" for port in ports]
    # Names of their own, so that a plain name has one address only.
    table += [f"{port.address6} {port.name}-v6" for port in ports]
    (upper / "etc" / "hosts").write_text("\n".join(table) + "\n", encoding="ascii")
    return " ".join(host_key.read_text(encoding="ascii").split()[:2])
