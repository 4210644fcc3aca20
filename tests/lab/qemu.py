"""Starts the emulator behind one virtual machine, with what makes this machine differ from others:
its own changes to the shared disk, and an archive of names and keys as a second disk.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

QEMU = "qemu-system-x86_64"
# As for the machines of containers: whatever starts here is found in the lab's groups.
LAUNCH = """
set -eu
while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done
shift
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a kernel finds when it boots."""

    processors: int = 2
    memory_mib: int = 2048
    kernel_parameters: str = ""
    """More of the kernel's command line."""
    uuid: str = ""
    """product_uuid; empty = the emulator's own."""
    clock: str = ""
    """UTC date and time at the start, `2030-01-31T00:00:00`; empty = this machine's."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """All that is needed to start one virtual machine.

    The kernel is given from outside, the network leads nowhere but in: `port` of this machine's
    loopback interface is port 22 of the virtual one.
    """

    image: Path
    """Folder with disk.img, vmlinuz and initrd.img."""
    folder: Path
    """The machine's own folder: changes, seed, console log."""
    hardware: Hardware
    port: int
    groups: tuple[Path, ...]

    @property
    def seed(self) -> Path:
        """Folder of files that are put into the machine when it boots."""
        return self.folder / "seed"

    @property
    def console(self) -> Path:
        """What the machine and its emulator printed."""
        return self.folder / "console.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in the background; the process is the emulator once it is up."""
        own = self.folder / "own.qcow2"
        archive = self.folder / "seed.tar"
        _archive(self.seed, archive)
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw"]
        subprocess.run([*create, "-b", str(self.image / "disk.img"), str(own)], check=True)
        with self.console.open("wb") as console:
            return subprocess.Popen(
                [
                    *("sh", "-c", LAUNCH, "launch", *(str(group) for group in self.groups), "--"),
                    *self._command(own, archive),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the lab, which then stops its machines in order.
                start_new_session=True,
            )

    def _command(self, own: Path, archive: Path) -> list[str]:
        hardware = self.hardware
        kernel = (
            "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet systemd.show_status=no "
            f"{hardware.kernel_parameters}"
        )
        network = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"
        command = [
            *(QEMU, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
            # Every device and feature more is a driver that is loaded and emulated.
            *("-machine", "q35,sata=off,smbus=off,usb=off,i8042=off", "-cpu", "Nehalem"),
            *("-accel", "tcg,thread=multi"),
            *("-smp", str(hardware.processors), "-m", f"{hardware.memory_mib}M"),
            *("-kernel", str(self.image / "vmlinuz"), "-initrd", str(self.image / "initrd.img")),
            *("-append", kernel, "-serial", "stdio"),
            # Thrown away at the end, so nothing needs to reach this machine's disk.
            *("-drive", f"file={own},format=qcow2,if=virtio,cache=unsafe"),
            *("-drive", f"file={archive},format=raw,if=virtio,readonly=on"),
            *("-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="),
        ]
        if hardware.uuid:
            command += ["-uuid", hardware.uuid]
        if hardware.clock:
            command += ["-rtc", f"base={hardware.clock}"]
        return command


def missing() -> str | None:
    """What this machine lacks to run a virtual machine; None when nothing is known to."""
    if os.geteuid() != 0:
        return "a virtual machine needs root"
    if os.uname().machine != "x86_64":
        return "a virtual machine needs an x86_64 machine"
    # apt-get installs the emulator when the disk is made.
    needed = ("apt-get", "dpkg-query", "flock", "ssh", "ssh-keygen")
    absent = [tool for tool in needed if shutil.which(tool) is None]
    if absent:
        return f"a virtual machine needs {', '.join(absent)}"
    probe = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    return "a virtual machine needs to be allowed to mount" if probe.returncode != 0 else None


def free_port() -> int:
    """A port of the loopback interface that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _archive(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w") as tar:
        # Not the directories: the machine's own keep their modes.
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, path.relative_to(folder))
