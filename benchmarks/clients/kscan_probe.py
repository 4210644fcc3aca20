"""The probe as a fact of pyinfra: `pyinfra INVENTORY fact kscan_probe.Probe`."""

from __future__ import annotations

import os
from pathlib import Path

from pyinfra.api import FactBase


class Probe(FactBase):  # type: ignore[misc] # pyinfra is not installed here
    """The last line of the answer."""

    def command(self) -> str:
        """The whole script; pyinfra puts it into a `sh -c`."""
        return Path(os.environ["PROBE"]).read_text(encoding="utf-8")

    def process(self, output: list[str]) -> str:
        """Keep what tells a whole answer."""
        return output[-1]
