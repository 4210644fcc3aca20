"""A folder that stands for a host's root, on which the functions of the scripts run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scanner.fix.script import _piece

SHELLS = ("dash", "bash", "bash --posix", "busybox sh")
PIECES = (
    *("base", "modules", "sysctls", "hosts", "restart", "containerd", "docker"),
    *("services", "packages", "swap"),
)
STUBS = ("systemctl", "apt-get")


class Host:
    """A folder that stands for a host's root."""

    def __init__(self, root: Path, shell: str) -> None:
        self.root = root
        self.shell = shell
        self.path = f"{root}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        for name in STUBS:
            self.program(name, f'echo "{name} $*" >>{root}/calls')
        self.program(
            "modprobe", f'echo "modprobe $*" >>{root}/calls; mkdir -p {root}/sys/module/$1'
        )
        self.program(
            "swapoff", f'echo "swapoff $*" >>{root}/calls; echo Filename >{root}/proc/swaps'
        )

    def program(self, name: str, body: str) -> None:
        """Put a program first on the search path."""
        self.write(f"/bin/{name}", f"#!/bin/sh\n{body}\n")
        (self.root / "bin" / name).chmod(0o755)

    def write(self, path: str, text: str) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def run(self, *calls: str) -> subprocess.CompletedProcess[str]:
        """Run the calls as one part of a script."""
        return self.parts("\n".join(calls))

    def parts(self, *bodies: str) -> subprocess.CompletedProcess[str]:
        """Run each as a part of its own."""
        text = "\n".join(map(_piece, PIECES))
        for folder in ("etc", "proc", "sys", "run", "lib", "usr"):
            for before in (" ", "\t", "=", "'", '"', "(", ">"):
                text = text.replace(f"{before}/{folder}/", f"{before}{self.root}/{folder}/")
        parts = "\n".join(
            f"it_{number}() {{\n{body}\n}}\npart title it_{number}"
            for number, body in enumerate(bodies)
        )
        text = (
            f"set -eu\nPATH={self.path}\nLC_ALL=C\n"
            f"BACKUPS={self.root}/backups\nmended=0 failed=0\n"
            f'{text}\n{parts}\necho "mended $mended failed $failed"\n'
        )
        return subprocess.run(
            [*self.shell.split(), "-s"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def twice(self, *calls: str) -> str:
        """Run them, and once more, which must change nothing; what the first run said."""
        first = self.run(*calls)
        assert "mended 1 failed 0" in first.stdout, first.stdout + first.stderr
        second = self.run(*calls)
        assert "nothing to do\nmended 0 failed 0" in second.stdout, second.stdout + second.stderr
        return first.stdout
