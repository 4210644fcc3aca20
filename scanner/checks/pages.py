"""`python -m scanner.checks.pages` writes docs/checks.md anew."""

from __future__ import annotations

from pathlib import Path

from scanner import fleet
from scanner.checks import CATALOGUE
from scanner.checks.page import pages
from scanner.edges.checks import EDGE_CHECKS
from scanner.fleet.page import pages as fleet_pages

PATH = Path(__file__).parents[2] / "docs" / "checks.md"


def text() -> str:
    """The file's content."""
    return f"{pages(CATALOGUE)}\n{fleet_pages((*fleet.FLEET_CATALOGUE, *EDGE_CHECKS))}"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
