"""Which Kubernetes the lab's hosts have: v1.20.2, or that of the folder KSCAN_LAB_KUBERNETES names.

What a table of cases expects can so depend on it, before any host is there.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from scanner.versions import Version, minor_floor, parse_version

BUILT = "v1.20.2"
"""What kubernetes.sh builds."""


def _given(folder: str) -> str:
    program = Path(folder) / "kubeadm"
    try:
        done = subprocess.run(
            [program, "version", "-o", "short"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"KSCAN_LAB_KUBERNETES: {program} does not say its version: {error}"
        raise RuntimeError(message) from error
    return done.stdout.strip()


_FOLDER = os.environ.get("KSCAN_LAB_KUBERNETES")
NAME = _given(_FOLDER) if _FOLDER else BUILT
"""As kubeadm writes it, such as v1.20.2."""
VERSION: Version = parse_version(NAME)


def since(minor: str) -> bool:
    """Whether the lab's Kubernetes is of this minor, such as 1.22, or newer."""
    return minor_floor(minor) <= VERSION
