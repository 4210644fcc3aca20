"""pydantic costs 0.1 s to import; what --help and --host need does without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT = ("adhoc", "find", "selection", "overrides", "nodes", "ranges")


@pytest.mark.parametrize("module", LIGHT)
def test_it_does_not_import_pydantic(module: str) -> None:
    code = f"import sys, scanner.inventory.{module}; sys.exit('pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
