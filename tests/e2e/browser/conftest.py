from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from scanner.render.html import write
from scanner.report import Report
from tests.e2e.browser.chromium import Watched, browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for a module: while it is there no other event loop can run."""
    with browser() as started:
        yield started


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A test that opens pages ends without an error, a request or a dialog in any of them."""
    seen = Watched()
    yield seen
    assert seen == Watched()


Opened = Callable[..., Page]
Scheme = Literal["light", "dark"]


@pytest.fixture
def opened(chromium: Browser, watched: Watched, tmp_path: Path) -> Iterator[Opened]:
    """Write a report as a page and open it, at a fragment, a size, a colour scheme."""
    contexts = []

    def open_page(
        report: Report,
        fragment: str = "",
        width: int = 1280,
        scheme: Scheme = "light",
        *,
        script: bool = True,
    ) -> Page:
        path = tmp_path / "report.html"
        with path.open("w", encoding="utf-8") as out:
            write(report, out)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        watched.watch(page, path.as_uri())
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
