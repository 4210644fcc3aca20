"""Pictures of the sample's page for the README: `python -m tests.demo.screenshots docs/images`.

Chromium and its fonts are Debian's; where they are missing, root installs them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

from tests.e2e.browser.chromium import browser

PAGE = Path(__file__).parents[2] / "reports" / "sample" / "report.html"
_Scheme = Literal["light", "dark"]
PICTURES: tuple[tuple[str, str, _Scheme, int, int, str], ...] = (
    ("report-light", "", "light", 1280, 900, "body"),
    ("report-dark-matrix", "#verdict=fail,unknown,warn", "dark", 1280, 900, "#matrix"),
    ("report-phone", "", "light", 390, 844, "body"),
)
"""Name, fragment, colour scheme, width and height in pixels, and what is at the top."""


def main() -> None:
    """Take all of them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="where the pictures go")
    options.add_argument("--page", type=Path, default=PAGE)
    asked = options.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for name, fragment, scheme, width, height, top in PICTURES:
            page = chromium.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(asked.page.resolve().as_uri() + fragment)
            page.locator(top).first.evaluate("(one) => one.scrollIntoView()")
            page.screenshot(path=asked.folder / f"{name}.png")
            page.close()


if __name__ == "__main__":
    main()
