"""Sections of the probe, run by the shells of this machine."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files

import pytest

SHELLS = ("dash", "bash", "busybox sh")


def run(shell: str, section: str, **places: str) -> str:
    """Run one section with other paths in place of its own."""
    program = shell.split(maxsplit=1)[0]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian package)")
    text = files("scanner.probe").joinpath("sections.sh").read_text(encoding="utf-8")
    functions = text.partition("# A section's whole answer")[0]
    for old, new in places.items():
        functions = functions.replace(old, new)
    done = subprocess.run(
        [*shell.split(), "-c", f"{functions}\nsection_{section}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout
