"""An embedded fleet of SSH servers that answer from captures of real hosts."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
CAPTURES = FOLDER / "captures"
INVENTORY = FOLDER / "inventory.yaml"
