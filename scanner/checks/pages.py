"""`python -m scanner.checks.pages` writes docs/checks.md anew."""

from __future__ import annotations

from pathlib import Path

from scanner.checks import CATALOGUE
from scanner.checks.page import pages

PATH = Path(__file__).parents[2] / "docs" / "checks.md"

if __name__ == "__main__":
    PATH.write_text(pages(CATALOGUE), encoding="utf-8")
